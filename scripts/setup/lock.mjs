import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningPids, SetUpError, say, watchPrograms } from './step.mjs';

const pollMs = 200;
const settleMs = 100;
const heartbeatMs = 5_000;
// The holder touches its file every few seconds; this long without is a holder that is gone.
const foreignStaleMs = 60_000;
const staleMs = 600_000;

/**
 * Does some work while no other process holds the same file; waits for one that does. The file of
 * a process that is gone is taken over, unless a program that it had started still runs.
 *
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @throws SetUpError when the file cannot be written
 * @template T
 */
export async function withLock(file, work) {
  await acquire(file);
  const forget = watchPrograms(() => writeFileSync(file, holderText()));
  const heartbeat = setInterval(() => touch(file), heartbeatMs);
  heartbeat.unref();
  const release = () => rmSync(file, { force: true });
  process.on('exit', release);
  try {
    return await work();
  } finally {
    forget();
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
  }
}

async function acquire(file) {
  makeFolder(file);
  let said = false;
  for (;;) {
    if (tryToCreate(file)) {
      // Two processes may both have found a stale file; the later one's stays.
      await sleep(settleMs);
      if (read(file)?.pid === process.pid) return;
    } else if (isStale(file)) {
      rmSync(file, { force: true });
    } else {
      if (!said) say(`waiting for another set-up, process ${read(file)?.pid ?? '?'} (${file})`);
      said = true;
      await sleep(pollMs);
    }
  }
}

function makeFolder(file) {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (thrown) {
    throw notWritable(file, thrown);
  }
}

function tryToCreate(file) {
  try {
    writeFileSync(file, holderText(), { flag: 'wx' });
    return true;
  } catch (thrown) {
    if (thrown.code === 'EEXIST') return false;
    throw notWritable(file, thrown);
  }
}

function notWritable(file, thrown) {
  return new SetUpError(`${dirname(file)} cannot be written: ${thrown.message}`, {
    hint: `make it writable: chmod u+w ${dirname(file)}`,
  });
}

function holderText() {
  return JSON.stringify({ pid: process.pid, programs: runningPids(), host: hostname() });
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function touch(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch (thrown) {
    if (thrown.code !== 'ENOENT') throw thrown;
  }
}

function isStale(file) {
  const idleMs = idle(file);
  if (idleMs === undefined || idleMs > staleMs) return true;
  const holder = read(file);
  // A file without a readable holder is being written, or its writer died at that moment.
  if (holder === undefined) return idleMs > heartbeatMs;
  if (holder.host !== hostname()) return idleMs > foreignStaleMs;
  return ![holder.pid, ...holder.programs].some(isAlive);
}

function idle(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? undefined : Date.now() - stats.mtimeMs;
}

function isAlive(pid) {
  // An own id in a file that this process did not write is left from before a restart.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown.code === 'EPERM';
  }
}
