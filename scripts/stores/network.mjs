import { readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../setup/lock.mjs';
import { runProgram, SetUpError } from '../setup/step.mjs';
import { storesPath } from './folder.mjs';
import { spawnLogged } from './log.mjs';
import { endRecorded, runningRecord, writeRecord } from './records.mjs';
import { demandRoot, ensurePrograms } from './system.mjs';

const name = 'network';
const pollMs = 50;
const limitMs = 10_000;

/**
 * The private network, in which the loopback interface is all there is: a server that listens on
 * every interface is out of reach from elsewhere there.
 *
 * @returns {{ pid: number } | undefined} the process that holds it
 */
export function privateNetwork() {
  return runningRecord(name);
}

/**
 * A command line that runs in the private network or, if that is not asked for, unchanged.
 *
 * @param {boolean} isPrivate
 * @param {readonly string[]} command
 * @returns {readonly string[]}
 */
export function commandIn(isPrivate, command) {
  if (!isPrivate) return command;
  const holder = privateNetwork();
  if (holder === undefined) throw new Error('the private network is not there');
  return ['nsenter', '-t', String(holder.pid), '-n', '--', ...command];
}

/**
 * Does something while nobody makes or ends the private network.
 *
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @template T
 */
export function withNetworkLock(work) {
  return withLock(storesPath('locks', `${name}.lock`), work);
}

/** Makes the private network unless it is there; to be called with its lock held. */
export async function ensureNetwork() {
  demandRoot('a private network');
  if (privateNetwork() !== undefined) return;
  await ensurePrograms({ ip: 'iproute2', unshare: 'util-linux', nsenter: 'util-linux' });
  const hold = 'ip link set lo up && exec sleep infinity';
  const pid = await spawnLogged(name, ['unshare', '--net', '--', 'sh', '-c', hold]);
  writeRecord(name, { pid, isPrivate: true });
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += pollMs) {
    if (await isUp()) return;
    await sleep(pollMs);
  }
  await endRecorded(name, { signal: 'SIGTERM' });
  throw new SetUpError('the private network could not be made', {
    hint: `see what was refused: ${storesPath('logs', `${name}.log`)}`,
    exitCode: 1,
  });
}

/** Ends the private network; to be called with its lock held and no server left in it. */
export function endNetwork() {
  return endRecorded(name, { signal: 'SIGTERM' });
}

async function isUp() {
  const holder = privateNetwork();
  if (holder === undefined) return false;
  if (networkOf(holder.pid) === networkOf('self')) return false;
  const [command, ...args] = commandIn(true, ['ip', '-o', 'link', 'show', 'lo', 'up']);
  const { code, output } = await runProgram(command, args, '/');
  return code === 0 && output.includes('LOOPBACK');
}

function networkOf(pid) {
  return readlinkSync(`/proc/${pid}/ns/net`);
}
