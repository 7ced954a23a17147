import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCounters } from '../../../core/resources/counters.js';
import { readCpuUs } from '../../../core/resources/process.js';
import { emptyFolder } from '../folders.js';
import { kernelFiles } from './kernel-files.js';
import { auxv, statLine } from './proc-tree.js';

const io = (read: number, write: number): string =>
  `rchar: 91\nwchar: 92\nsyscr: 3\nsyscw: 4\nread_bytes: ${read}\nwrite_bytes: ${write}\n` +
  'cancelled_write_bytes: 95';

const machine = {
  'proc/self/auxv': auxv(16_384),
  'proc/30/stat': statLine({ pid: 30, figures: '9 9 2 3 10 20 300 4000' }),
  'proc/30/statm': '900 100 50 5 0 123 0',
  'proc/30/io': io(4096, 8192),
  'proc/31/stat': statLine({ pid: 31, figures: '9 9 1 0 1 2 0 0' }),
  'proc/31/statm': '700 11 5 5 0 12 0',
  'proc/31/io': io(1, 0),
  'proc/32/stat': statLine({ pid: 32, state: 'Z', figures: '9 9 1 0 1000 0 0 0' }),
};

test('counters of processes are added up, those that ended left out', async (context) => {
  const root = await kernelFiles(context, machine);
  // By hand: (10 + 20 + 300 + 4000) + (1 + 2) ticks of 10 ms; 111 pages of 16 KiB.
  assert.deepEqual(readCounters([30, 31, 32, 99], root), {
    processes: 2,
    cpuUs: 43_330_000,
    rssBytes: 1_818_624,
    readBytes: 4097,
    writeBytes: 8192,
    majorFaults: 6,
  });
});

test('bytes of disks are absent where those of one process may not be read', async (context) => {
  const root = await kernelFiles(context, machine);
  rmSync(join(root, 'proc/31/io'));
  assert.deepEqual(readCounters([30, 31], root), {
    processes: 2,
    cpuUs: 43_330_000,
    rssBytes: 1_818_624,
    majorFaults: 6,
  });
});

test('where nothing is alive or can be read there are no counters', async (context) => {
  const root = await kernelFiles(context, machine);
  assert.equal(readCounters([32, 99], root), undefined);
  assert.equal(readCounters([], root), undefined);
  assert.equal(readCounters([30], await emptyFolder(context)), undefined);
});

test('the counters of this process are those that Node tells of it', () => {
  const counters = readCounters([process.pid]);
  if (process.platform !== 'linux') return assert.equal(counters, undefined);
  const { rss } = process.memoryUsage();
  assert.ok(Math.abs((counters?.rssBytes ?? 0) / rss - 1) < 0.1);
  const { user, system } = process.cpuUsage();
  // Told in steps of 10 ms, by other sums of the kernel than those of getrusage.
  assert.ok(Math.abs((counters?.cpuUs ?? 0) - user - system) < 60_000);
  assert.ok((counters?.cpuUs ?? 0) >= (readCpuUs([process.pid]) ?? 0) - 20_000);
});
