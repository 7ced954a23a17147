import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetUpError } from '../setup/step.mjs';
import { madeFolder, storesPath } from './folder.mjs';

const pollMs = 50;
const stopLimitMs = 30_000;
const killLimitMs = 10_000;
const startTimeField = 19;

/**
 * Notes a process that was started here.
 *
 * @param {string} name
 * @param {{ pid: number, isPrivate: boolean }} started
 */
export function writeRecord(name, { pid, isPrivate }) {
  const record = { pid, ...identityOf(pid), isPrivate };
  const file = join(madeFolder('pids'), `${name}.json`);
  writeFileSync(`${file}.draft`, `${JSON.stringify(record)}\n`);
  renameSync(`${file}.draft`, file);
}

/**
 * The process that was noted under a name, while it is the same process: an id alone may since
 * have gone to another one.
 *
 * @param {string} name
 * @returns {{ pid: number, isPrivate: boolean } | undefined}
 */
export function runningRecord(name) {
  const record = read(name);
  return record !== undefined && isSame(record) ? record : undefined;
}

/**
 * Ends the process that was noted under a name and forgets it.
 *
 * @param {string} name
 * @param {{ signal: NodeJS.Signals, limitMs?: number }} how what asks it to end, and after what
 *   time it is ended by force (half a minute unless given)
 * @returns {Promise<boolean>} whether there was one to end
 * @throws SetUpError when it belongs to another user or does not end
 */
export async function endRecorded(name, { signal, limitMs = stopLimitMs }) {
  const record = runningRecord(name);
  if (record !== undefined) {
    send(name, record.pid, signal);
    if (!(await isGoneWithin(record, limitMs))) {
      // It was started as the leader of a group: what it started ends with it.
      send(name, -record.pid, 'SIGKILL');
      if (!(await isGoneWithin(record, killLimitMs))) throw staysError(name, record);
    }
  }
  rmSync(recordFile(name), { force: true });
  return record !== undefined;
}

function recordFile(name) {
  return storesPath('pids', `${name}.json`);
}

function read(name) {
  try {
    return JSON.parse(readFileSync(recordFile(name), 'utf8')) ?? undefined;
  } catch {
    return undefined;
  }
}

function isSame(record) {
  const now = identityOf(record.pid);
  if (now.startTicks === undefined) return false;
  return now.startTicks === record.startTicks && now.boot === record.boot;
}

// Start times count from the boot, so they tell processes apart within one boot only.
function identityOf(pid) {
  return { startTicks: startTicksOf(pid), boot: bootId() };
}

function bootId() {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function startTicksOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program stands in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[startTimeField]);
  } catch {
    return undefined;
  }
}

function send(name, pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (thrown) {
    if (thrown.code === 'ESRCH') return;
    throw new SetUpError(`process ${Math.abs(pid)} of ${name} cannot be ended: ${thrown.code}`, {
      hint: 'run the same command as the user who started it, for example with sudo',
      exitCode: 1,
    });
  }
}

async function isGoneWithin(record, limitMs) {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += pollMs) {
    if (!isSame(record)) return true;
    await sleep(pollMs);
  }
  return !isSame(record);
}

function staysError(name, record) {
  return new SetUpError(`process ${record.pid} of ${name} does not end`, {
    hint: `see what it waits for: cat /proc/${record.pid}/wchan`,
    exitCode: 1,
  });
}
