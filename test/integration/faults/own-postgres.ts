import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pgvectorOptions, serverAddress } from '../../../adapters/pgvector/options.js';
import { loadPackages } from '../../../adapters/pgvector/package.js';
import { Session } from '../../../adapters/pgvector/session.js';
import { debianCommand, debianFolder, freePort, inDebian, OwnServer } from './own-servers.js';

const programs = '/usr/lib/postgresql/17/bin';
const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  // The folder has no /dev/shm; files of its own go with it when it is killed.
  'dynamic_shared_memory_type=mmap',
  'fsync=off',
];

/** A PostgreSQL of a test. */
export interface OwnPostgres {
  readonly server: OwnServer;
  readonly url: string;
  /** Its folder as it sees it, and as this process does. */
  readonly data: { readonly inside: string; readonly path: string };
}

/** How one is started. */
export interface PostgresStart {
  /** As `name=value`. */
  readonly settings?: readonly string[];
  /** Lines of pg_hba.conf, before the one that lets everyone in. */
  readonly access?: readonly string[];
  /** What comes before the command that starts it. */
  readonly prefix?: readonly string[];
  /** Files of its folder by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Makes a PostgreSQL and starts it. */
export async function ownPostgres(
  context: TestContext,
  start: PostgresStart = {},
): Promise<OwnPostgres> {
  const data = debianFolder(context, 'postgres');
  const { inside, path } = data;
  const locale = ['-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  const how = ['-D', inside, '-U', 'postgres', '-A', 'trust', ...locale];
  inDebian('postgres', [join(programs, 'initdb'), ...how]);
  const access = [...(start.access ?? []), 'host all,replication all 127.0.0.1/32 trust'];
  writeFileSync(join(path, 'pg_hba.conf'), `${access.join('\n')}\n`);
  for (const [name, text] of Object.entries(start.files ?? {})) {
    writeFileSync(join(path, name), text);
    inDebian('root', ['chown', 'postgres:', join(inside, name)]);
    inDebian('root', ['chmod', '600', join(inside, name)]);
  }
  return serve(context, data, start);
}

/** Starts a PostgreSQL on a folder that is there. */
export async function serve(
  context: TestContext,
  data: OwnPostgres['data'],
  start: PostgresStart = {},
): Promise<OwnPostgres> {
  const port = await freePort();
  const set = [...settings, ...(start.settings ?? [])].flatMap((one) => ['-c', one]);
  const program = [join(programs, 'postgres'), '-D', data.inside, '-p', String(port), ...set];
  const command = [...(start.prefix ?? []), ...debianCommand('postgres', program)];
  const server = await OwnServer.start(context, { command, port, isReady: () => isUp(port) });
  return { server, url: `postgres://postgres@127.0.0.1:${port}/postgres`, data };
}

/** Copies a running PostgreSQL as a standby of it, and starts that. */
export async function standbyOf(context: TestContext, { server }: OwnPostgres) {
  const data = debianFolder(context, 'postgres');
  const from = ['-h', '127.0.0.1', '-p', String(server.port), '-U', 'postgres'];
  const how = ['-R', '-c', 'fast', '--no-sync', '-D', data.inside];
  inDebian('postgres', ['chmod', '700', data.inside]);
  inDebian('postgres', [join(programs, 'pg_basebackup'), ...from, ...how]);
  return serve(context, data);
}

// Protocol 3.0: length, version, then pairs of names and values.
const question = Buffer.from('user\0postgres\0database\0postgres\0\0');
const head = Buffer.from([0, 0, 0, question.length + 8, 0, 3, 0, 0]);

/** Whether it takes statements. */
function isUp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([head, question])));
    socket.once('data', (answer) => {
      // R asks for a password or welcomes; E tells that it starts.
      resolve(answer[0] === 'R'.charCodeAt(0));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/** A session of the superuser, beside the adapter; closed with the test. */
export async function administrator(context: TestContext, url: string): Promise<Session> {
  const options = pgvectorOptions.parse({ url });
  const packages = await loadPackages();
  const at = { store: 'pgvector', url };
  const server = { packages, address: serverAddress(options), at, timeoutMs: 10_000 };
  const session = await Session.open(server, []);
  context.after(() => session.end().catch(() => undefined));
  return session;
}
