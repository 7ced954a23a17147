import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { readCpuUs, readProcessMemory, usableCores } from '../../../core/resources/process.js';

const mebibyte = 1024 * 1024;

/** A process that holds so many bytes more for every number it is sent, and says when it does. */
const hoarder = `
  const held = [];
  process.on('message', (bytes) => {
    held.push(Buffer.alloc(bytes, 1));
    process.send('done');
  });
  process.send('done');
`;

async function startHoarder(): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(process.execPath, ['-e', hoarder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child as ChildProcess & { readonly pid: number };
}

test('memory that a process takes is found in its anonymous pages and its peak', async () => {
  const child = await startHoarder();
  try {
    const before = readProcessMemory([child.pid]);
    const added = 96 * mebibyte;
    child.send(added);
    await once(child, 'message');
    const after = readProcessMemory([child.pid]);
    assert.ok(before !== undefined && after !== undefined);
    const grown = after.pssAnonBytes - before.pssAnonBytes;
    assert.ok(Math.abs(grown / added - 1) < 0.05, `grew by ${grown} bytes, not ${added}`);
    assert.ok(after.peakBytes >= before.pssAnonBytes + added);
    assert.ok(after.pssFileBytes > 0);
  } finally {
    child.kill();
  }
});

test('the memory of several processes is the sum; of a lost one there is none', async () => {
  const child = await startHoarder();
  const [one, both] = [[child.pid], [child.pid, child.pid]].map((pids) => readProcessMemory(pids));
  assert.ok(one !== undefined && both !== undefined);
  assert.ok(Math.abs(both.pssAnonBytes / one.pssAnonBytes - 2) < 0.05);
  assert.equal(readProcessMemory([]), undefined);
  child.kill();
  await once(child, 'exit');
  assert.equal(readProcessMemory([process.pid, child.pid]), undefined);
  assert.equal(readCpuUs([process.pid, child.pid]), undefined);
});

test('processor time grows by what is computed', () => {
  const beforeUs = readCpuUs([process.pid]);
  const own = process.cpuUsage();
  while (process.cpuUsage(own).user + process.cpuUsage(own).system < 200_000) Math.sqrt(2);
  const usedUs = (readCpuUs([process.pid]) ?? 0) - (beforeUs ?? 0);
  // Read in steps of 10 ms at both ends, by other sums of the kernel than those of getrusage.
  assert.ok(usedUs >= 160_000 && usedUs <= 300_000, `${usedUs} us`);
  assert.equal(readCpuUs([]), undefined);
});

test('there is at least a part of a core to use', () => {
  assert.ok(usableCores() > 0);
});
