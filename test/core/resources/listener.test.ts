import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { BenchError } from '../../../core/errors.js';
import {
  pidsListeningOn,
  requireListener,
  requireProcess,
} from '../../../core/resources/listener.js';
import { kernelFiles } from './kernel-files.js';
import { openSocket, socketLine, statLine } from './proc-tree.js';

const heading = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid';

/** What a function throws, as a person reads it. */
function said(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof BenchError) return error.format();
    throw error;
  }
  return assert.fail('nothing was thrown');
}

const machine = {
  'proc/net/tcp': [
    heading,
    socketLine({ port: 5432, inode: 501 }),
    socketLine({ port: 6333, inode: 502 }),
    socketLine({ port: 9000, inode: 503, userId: 999 }),
    socketLine({ port: 9100, inode: 504 }),
    // 01 is a connection that is established.
    socketLine({ port: 7000, inode: 505, state: '01' }),
  ].join('\n'),
  'proc/net/tcp6': [heading, socketLine({ address: '0'.repeat(32), port: 8080, inode: 601 })].join(
    '\n',
  ),
  'proc/1/stat': statLine({ pid: 1, name: 'systemd', parent: 0 }),
  'proc/41/stat': statLine({ pid: 41, name: 'postgres' }),
  'proc/41/io': 'read_bytes: 1',
  'proc/41/smaps_rollup': 'Pss: 1 kB',
  'proc/52/stat': statLine({ pid: 52, name: 'docker-proxy' }),
  'proc/63/stat': statLine({ pid: 63, name: 'weaviate' }),
  'proc/64/stat': statLine({ pid: 64, name: 'weaviate', parent: 63 }),
};

async function startMachine(context: Parameters<typeof kernelFiles>[0]): Promise<string> {
  const root = await kernelFiles(context, machine);
  openSocket(root, 1, 501);
  openSocket(root, 41, 501);
  openSocket(root, 41, 505);
  openSocket(root, 52, 502);
  openSocket(root, 1, 504);
  openSocket(root, 63, 601);
  openSocket(root, 64, 601);
  return root;
}

test('who listens is found by port, over IPv4 and IPv6, and each of several', async (context) => {
  const root = await startMachine(context);
  assert.deepEqual(pidsListeningOn(8080, root), [63, 64]);
  assert.deepEqual(pidsListeningOn(5432, root), [1, 41]);
  assert.deepEqual(pidsListeningOn(7000, root), [], 'a connection does not listen');
  assert.deepEqual(pidsListeningOn(9000, root), [], 'nobody whose files may be read');
});

test('a service of which systemd holds the socket too is the service', async (context) => {
  const root = await startMachine(context);
  assert.deepEqual(requireListener(5432, root), { pids: [41], missing: [] });
});

test('a port at which nobody listens is told with those nearby', async (context) => {
  const root = await startMachine(context);
  const text = said(() => requireListener(6334, root));
  assert.match(text, /^error NO_PROCESS: port 6334: no process of this machine listens/);
  assert.match(text, /nearby: 5432, 6333, 8080, 9000, 9100\n/);
  assert.match(text, /docker inspect/);
  const empty = await kernelFiles(context, { 'proc/net/tcp': heading });
  assert.match(
    said(() => requireListener(6334, empty)),
    /none is listened on/,
  );
});

test('a proxy of a container is not taken for the store', async (context) => {
  const root = await startMachine(context);
  const proxy = said(() => requireListener(6333, root));
  assert.match(proxy, /^error NO_PROCESS: port 6333: docker-proxy \(process 52\) listens on it/);
  assert.match(
    said(() => requireListener(9100, root)),
    /systemd \(process 1\)/,
  );
});

test('a listener that may not be looked at is told by its user', async (context) => {
  const root = await startMachine(context);
  const text = said(() => requireListener(9000, root));
  assert.match(text, /^error NOT_READABLE: port 9000: user 999 listens on it/);
  assert.match(text, /hint: run bench as that user or as root, or give the process id/);
});

test('a process that is not there, or has ended, is an error', async (context) => {
  const root = await kernelFiles(context, {
    'proc/71/stat': statLine({ pid: 71, name: 'redis-server', state: 'Z' }),
  });
  assert.match(
    said(() => requireProcess(70, root)),
    /^error NO_PROCESS: process 70: there is none/,
  );
  assert.match(
    said(() => requireProcess(71, root)),
    /redis-server has ended/,
  );
});

test('what cannot be had of a process that is there is said in sentences', async (context) => {
  const root = await startMachine(context);
  assert.deepEqual(requireProcess(41, root), { pids: [41], missing: [] });
  assert.deepEqual(requireProcess(63, root).missing, [
    'bytes read from and written to disks of process 63 cannot be had: ' +
      'this machine does not tell them (ENOENT)',
    'proportional set sizes (PSS) of process 63 cannot be had: ' +
      'this machine does not tell them (ENOENT)',
  ]);
});

test('bench and what started it are no store', async (context) => {
  if (process.platform !== 'linux') return context.diagnostic('not tested: this is not Linux');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as { port: number };
    assert.ok(pidsListeningOn(port).includes(process.pid));
    assert.match(
      said(() => requireListener(port)),
      /^error BAD_TARGET: port \d+: is bench itself/,
    );
  } finally {
    server.close();
  }
  const started = said(() => requireProcess(process.ppid));
  assert.match(started, /^error BAD_TARGET: process \d+: process \d+ \(.*\) started bench/);
});
