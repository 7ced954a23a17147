import {
  dataFolder,
  debianCommand,
  installDebian,
  isDebianInstalled,
  versions,
} from './debian.mjs';
import { startServer, statusOf, stopServer } from './server.mjs';

const port = 16379;

/** @type {import('./server.mjs').Server} */
const server = {
  name: 'redis',
  version: versions.redis,
  address: `127.0.0.1:${port}`,
  asks: [`redis://127.0.0.1:${port}`],
  limitS: 30,
  needsPrivate: false,
  stopSignal: 'SIGTERM',
};

/** Installs Redis: its vector sets, without the search module. */
export const install = installDebian;

/** Starts it, in the private network if asked for, and waits until it answers. */
export async function start({ isPrivate }) {
  await install();
  const folder = await dataFolder('redis');
  const listen = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  // Nothing has to outlive the server, and a snapshot would copy its memory during a measurement.
  const volatile = ['--save', '', '--appendonly', 'no'];
  const command = debianCommand('redis', ['/usr/bin/redis-server', ...listen, ...volatile]);
  return startServer(server, { command, isPrivate });
}

/** Ends it; whether it ran. */
export const stop = () => stopServer(server);

/** What is true of it now. */
export const status = () => statusOf(server, isDebianInstalled());
