import { madeFolder } from './folder.mjs';
import { installPython, isPythonInstalled, pythonProgram } from './python-server.mjs';
import { startServer, statusOf, stopServer } from './server.mjs';

const port = 18000;
const wanted = { package: 'chromadb', version: '1.5.9' };
const folderName = `chroma-${wanted.version}`;

/** @type {import('./server.mjs').Server} */
const server = {
  name: 'chroma',
  version: wanted.version,
  address: `127.0.0.1:${port}`,
  // Its own word for its version is that of the protocol, so only that it answers is asked.
  asks: [`http://127.0.0.1:${port}/api/v2/heartbeat#heartbeat`],
  limitS: 60,
  needsPrivate: false,
  stopSignal: 'SIGTERM',
};

/** Installs Chroma. */
export const install = () => installPython(folderName, wanted);

/** Starts it, in the private network if asked for, and waits until it answers. */
export async function start({ isPrivate }) {
  await install();
  const folder = madeFolder('data', 'chroma');
  const listen = ['--host', '127.0.0.1', '--port', String(port), '--path', folder];
  const command = [pythonProgram(folderName, 'chroma'), 'run', ...listen];
  const env = { ANONYMIZED_TELEMETRY: 'False' };
  return startServer(server, { command, env, cwd: folder, isPrivate });
}

/** Ends it; whether it ran. */
export const stop = () => stopServer(server);

/** What is true of it now. */
export const status = () => statusOf(server, isPythonInstalled(folderName, wanted));
