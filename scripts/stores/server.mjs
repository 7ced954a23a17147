import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runProgram, SetUpError } from '../setup/step.mjs';
import { lastLines, logFile, spawnLogged } from './log.mjs';
import { commandIn, ensureNetwork, withNetworkLock } from './network.mjs';
import { endRecorded, runningRecord, writeRecord } from './records.mjs';

const askScript = join(fileURLToPath(import.meta.url), '..', 'ask.mjs');
const pollMs = 200;

/**
 * What is known of a server before it runs.
 *
 * @typedef {object} Server
 * @property {string} name
 * @property {string} version
 * @property {string} address host and port that a client is given
 * @property {readonly string[]} asks what `ask.mjs` has to get answers from
 * @property {number} limitS how long it may take until it answers
 * @property {boolean} needsPrivate whether it listens on more than loopback
 * @property {NodeJS.Signals} stopSignal what makes it end in an orderly way
 * @property {number} [stopLimitMs] after what time it is ended by force (half a minute)
 */

/**
 * How a server is started.
 *
 * @typedef {object} Start
 * @property {readonly string[]} command
 * @property {Record<string, string>} [env] added to the environment
 * @property {string} [cwd]
 * @property {boolean} isPrivate whether in the private network though it need not be
 */

/**
 * Starts a server unless it runs, and waits until it answers.
 *
 * @param {Server} server
 * @param {Start} start
 * @returns {Promise<{ pid: number, isPrivate: boolean }>}
 * @throws SetUpError when it runs in the other network, its port is taken, it ends, or it does not
 *   answer in time; then it is ended again
 */
export async function startServer(server, start) {
  const isPrivate = server.needsPrivate || start.isPrivate;
  const running = runningRecord(server.name);
  if (running === undefined) await launch(server, { ...start, isPrivate });
  else if (running.isPrivate !== isPrivate) throw otherNetwork(server, running);
  await answered(server);
  return runningRecord(server.name);
}

/**
 * Ends a server that was started here.
 *
 * @param {Server} server
 * @returns {Promise<boolean>} whether it ran
 */
export function stopServer(server) {
  return endRecorded(server.name, { signal: server.stopSignal, limitMs: server.stopLimitMs });
}

/**
 * What is true of a server now.
 *
 * @param {Server} server
 * @param {boolean} isInstalled
 * @returns {Promise<{ state: string, version: string, address: string, pid?: number,
 *   isPrivate?: boolean }>}
 */
export async function statusOf(server, isInstalled) {
  const { version, address } = server;
  const running = runningRecord(server.name);
  if (running === undefined) {
    return { state: isInstalled ? 'stopped' : 'not installed', version, address };
  }
  const { pid, isPrivate } = running;
  return { state: await runningState(server, isPrivate), version, address, pid, isPrivate };
}

async function runningState(server, isPrivate) {
  if (isPrivate && process.getuid() !== 0) return 'running (only root can ask it)';
  return (await ask(server.asks, isPrivate)) === undefined ? 'answers' : 'running, no answer';
}

async function launch(server, start) {
  if (!start.isPrivate) return spawnServer(server, start);
  // Held until the process is noted, so that the network is not ended as unused meanwhile.
  await withNetworkLock(async () => {
    await ensureNetwork();
    await spawnServer(server, start);
  });
}

async function spawnServer(server, { command, env, cwd, isPrivate }) {
  const taken = await ask([`tcp://${server.address}`], isPrivate);
  if (taken === undefined) throw portTaken(server);
  const pid = await spawnLogged(server.name, commandIn(isPrivate, command), { env, cwd });
  writeRecord(server.name, { pid, isPrivate });
}

async function answered(server) {
  const end = performance.now() + server.limitS * 1000;
  let problem = 'it was not asked';
  while (performance.now() < end) {
    const running = runningRecord(server.name);
    if (running === undefined) throw failed(server, 'ended');
    problem = await ask(server.asks, running.isPrivate);
    if (problem === undefined && runningRecord(server.name) !== undefined) return;
    await sleep(pollMs);
  }
  const failure = failed(server, `does not answer within ${server.limitS} s (${problem})`);
  await stopServer(server);
  throw failure;
}

/** What kept the server from answering, nothing if it did. */
async function ask(urls, isPrivate) {
  const [command, ...args] = commandIn(isPrivate, [process.execPath, askScript, ...urls]);
  const { code, output } = await runProgram(command, args, '/');
  return code === 0 ? undefined : output.trim();
}

function failed(server, what) {
  return new SetUpError(`${server.name} ${what}`, {
    hint: `see its whole log: ${logFile(server.name)}`,
    output: lastLines(server.name),
    exitCode: 1,
  });
}

function portTaken(server) {
  const port = server.address.split(':').at(-1);
  return new SetUpError(`${server.name}: something else listens on ${server.address}`, {
    hint: `see what it is: ss -ltnp 'sport = :${port}'`,
    exitCode: 1,
  });
}

function otherNetwork(server, { isPrivate }) {
  const where = isPrivate ? 'inside' : 'outside';
  return new SetUpError(`${server.name} already runs ${where} the private network`, {
    hint: `end it first: node scripts/stores.mjs down ${server.name}`,
    exitCode: 2,
  });
}
