import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStat } from '../../../core/resources/process-stat.js';
import { processTree } from '../../../core/resources/process-tree.js';
import { emptyFolder } from '../folders.js';
import { kernelFiles } from './kernel-files.js';
import { statLine } from './proc-tree.js';

/** Processes by id: their parents, and their states where they do not sleep. */
function processes(parents: Readonly<Record<number, number | string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parents).map(([pid, given]) => {
      const [parent, state = 'S'] = String(given).split(' ');
      const line = statLine({ pid: Number(pid), parent: Number(parent), state });
      return [`proc/${pid}/stat`, line];
    }),
  );
}

test('a tree is the process, its children and theirs, ascending, each once', async (context) => {
  const root = await kernelFiles(context, {
    ...processes({ 1: 0, 30: 1, 31: 30, 12: 31, 40: 1, 41: 40 }),
    'proc/meminfo': 'no process',
  });
  // By hand: 30 has 31, which has 12; 40 has 41 and is not asked about.
  assert.deepEqual(processTree([30], root), [12, 30, 31]);
  assert.deepEqual(processTree([31, 30, 31, 41], root), [12, 30, 31, 41]);
});

test('who is not there, or only waits to be collected, is left out', async (context) => {
  const root = await kernelFiles(context, processes({ 30: 1, 31: '30 Z', 32: '30 R', 33: '1 X' }));
  assert.deepEqual(processTree([30, 33, 99], root), [30, 32]);
  assert.deepEqual(processTree([31], root), []);
  assert.deepEqual(processTree([30], await emptyFolder(context)), []);
});

test('the name of a program may hold blanks, brackets and line ends', async (context) => {
  const name = 'a) S 77 (b\nc) Z 1';
  const root = await kernelFiles(context, {
    'proc/30/stat': statLine({ pid: 30, name, parent: 5, figures: '1 2 3 4 10 20 30 40' }),
  });
  // By hand from the fields: 3 + 4 faults, 10 + 20 + 30 + 40 ticks.
  const expected = { name, state: 'S', parent: 5, majorFaults: 7, ticks: 100 };
  assert.deepEqual(readStat(30, root), expected);
});

test('this process is in the tree of its parent', () => {
  if (process.platform !== 'linux') return assert.deepEqual(processTree([process.pid]), []);
  assert.ok(processTree([process.ppid]).includes(process.pid));
  assert.ok(!processTree([process.pid]).includes(process.ppid));
});
