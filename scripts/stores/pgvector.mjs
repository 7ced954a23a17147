import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  dataFolder,
  debianCommand,
  installDebian,
  isDebianInstalled,
  versions,
} from './debian.mjs';
import { storesPath } from './folder.mjs';
import { startServer, statusOf, stopServer } from './server.mjs';
import { demand } from './system.mjs';

const port = 15432;
const user = 'postgres';
const programs = '/usr/lib/postgresql/17/bin';

/** @type {import('./server.mjs').Server} */
const server = {
  name: 'pgvector',
  version: `${versions.pgvector} (PostgreSQL ${versions.postgres})`,
  address: `127.0.0.1:${port}`,
  asks: [`postgres://${user}@127.0.0.1:${port}/postgres`],
  limitS: 60,
  needsPrivate: false,
  // Fast shutdown: sessions are ended, nothing is lost.
  stopSignal: 'SIGINT',
};

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // The folder has no /dev/shm, which the default needs.
  dynamic_shared_memory_type: 'sysv',
};

/** Installs PostgreSQL with pgvector. */
export const install = installDebian;

/** Starts it, in the private network if asked for, and waits until it answers. */
export async function start({ isPrivate }) {
  await install();
  const folder = await dataFolder(user);
  if (!existsSync(storesPath('trixie', folder, 'PG_VERSION'))) await initialize(folder);
  const set = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const postgres = [join(programs, 'postgres'), '-D', folder, '-p', String(port), ...set];
  return startServer(server, { command: debianCommand(user, postgres), isPrivate });
}

/** Ends it; whether it ran. */
export const stop = () => stopServer(server);

/** What is true of it now. */
export const status = () => statusOf(server, isDebianInstalled());

async function initialize(folder) {
  const locale = ['-E', 'UTF8', '--locale=C.UTF-8'];
  const command = [join(programs, 'initdb'), '-D', folder, '-U', user, '-A', 'trust', ...locale];
  await demand(debianCommand(user, command), {
    hint: `empty its data: rm -r ${storesPath('trixie', folder)}`,
  });
}
