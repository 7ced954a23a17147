import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SampleSubject } from '../../../core/resources/sample.js';
import { SampleBuffer } from '../../../core/resources/sample-buffer.js';
import { SampleTaker } from '../../../core/resources/sample-taker.js';
import { kernelFiles } from './kernel-files.js';
import { auxv, statLine } from './proc-tree.js';

const subject: SampleSubject = {
  label: { cell: 'c', phase: 'warm-up' },
  pids: [70],
  hasNetwork: true,
};

const files = {
  'proc/self/auxv': auxv(4096),
  'proc/70/stat': statLine({ pid: 70, figures: '7 7 1 0 30 10 5 5' }),
  'proc/70/statm': '900 100 9 9 9 9 9',
  'proc/70/io': 'rchar: 9\nread_bytes: 4096\nwrite_bytes: 8192\n',
  'proc/71/stat': statLine({ pid: 71, parent: 70, figures: '7 7 0 0 8 2 0 0' }),
  'proc/71/statm': '900 20 9 9 9 9 9',
  'proc/71/io': 'rchar: 9\nread_bytes: 0\nwrite_bytes: 100\n',
  'proc/stat': 'cpu 100 0 50 800 50 0 0 5 0 0',
  'proc/thread-self/schedstat': '123456 7 8',
};

test('a sample is of the whole tree of processes, the client and the machine', async (context) => {
  const root = await kernelFiles(context, files);
  const { atNs, client, ...sample } = new SampleTaker(subject, {}, root).sample();
  assert.ok(atNs > 0 && client.rssBytes > 0 && client.cpuUs > 0);
  // By proc_pid_stat(5), statm(5), io(5): ticks of 10 ms, pages of 4096 bytes, added up.
  assert.deepEqual(sample, {
    cell: 'c',
    phase: 'warm-up',
    server: {
      processes: 2,
      cpuUs: 600_000,
      rssBytes: 120 * 4096,
      readBytes: 4096,
      writeBytes: 8292,
      majorFaults: 1,
    },
    machine: { busyUs: 1_500_000, stealUs: 50_000, totalUs: 10_050_000 },
    samplerCpuNs: 123_456,
  });
});

test('what cannot be read is absent, what came meanwhile is told once', async (context) => {
  const root = await kernelFiles(context, files);
  const news = [{ atNs: 5, values: { memoryBytes: 7 } }];
  const taker = new SampleTaker(subject, { stated: { news: () => news.pop() } }, root);
  assert.deepEqual(taker.sample().stated, { atNs: 5, values: { memoryBytes: 7 } });
  for (const file of ['proc/stat', 'proc/thread-self/schedstat']) rmSync(join(root, file));
  writeFileSync(join(root, 'proc/70/stat'), statLine({ pid: 70, state: 'Z' }));
  rmSync(join(root, 'proc/71'), { recursive: true });
  assert.deepEqual(Object.keys(taker.sample()).sort(), ['atNs', 'cell', 'client', 'phase']);
});

test('a full buffer keeps every second row, evenly, also of those that come', () => {
  const buffer = new SampleBuffer<number>(8);
  for (let row = 0; row < 20; row++) buffer.add(row);
  assert.deepEqual(buffer.take(), [0, 4, 8, 12, 16]);
  buffer.add(20);
  assert.deepEqual(buffer.take(), [20]);
});
