import { madeFolder } from './folder.mjs';
import { installPython, isPythonInstalled, pythonProgram } from './python-server.mjs';
import { startServer, statusOf, stopServer } from './server.mjs';
import { demandRoot } from './system.mjs';

const port = 19531;
const wanted = { package: 'milvus', version: '2.3.5' };
const folderName = `milvus-${wanted.version}`;

// The package's own program waits beside the server as its parent. Without it the process that is
// noted is the server: it alone is measured, ended, and known to be gone.
const launcher = `
import os, subprocess, milvus
subprocess.Popen = lambda command, env, **rest: os.execve(command[0], command, env)
milvus.main()
`;

/** @type {import('./server.mjs').Server} */
const server = {
  name: 'milvus',
  version: wanted.version,
  address: `127.0.0.1:${port}`,
  // Its health is that of all parts together; then the port of clients has to list collections.
  asks: [
    'http://127.0.0.1:9091/healthz#OK',
    `http://127.0.0.1:${port}/v1/vector/collections#${encodeURIComponent('"code":200')}`,
  ],
  limitS: 120,
  // All of its ports listen on every interface.
  needsPrivate: true,
  // Its last step, to close etcd, ends with a panic in the log; everything is stored by then.
  stopSignal: 'SIGTERM',
  // Its parts may wait for each other without end; its own program would give it one second.
  stopLimitMs: 5_000,
};

/** Installs Milvus standalone, with its etcd inside. */
export const install = () => installPython(folderName, wanted);

/** Starts it in the private network and waits until it answers. */
export async function start({ isPrivate }) {
  demandRoot('milvus, which runs in a private network,');
  await install();
  const folder = madeFolder('data', 'milvus');
  const options = ['--data', folder, '--proxy-port', String(port)];
  const command = [pythonProgram(folderName, 'python'), '-I', '-c', launcher, ...options];
  return startServer(server, { command, cwd: folder, isPrivate });
}

/** Ends it; whether it ran. */
export const stop = () => stopServer(server);

/** What is true of it now. */
export const status = () => statusOf(server, isPythonInstalled(folderName, wanted));
