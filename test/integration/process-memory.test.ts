import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { findPython } from '../../core/host/python.js';
import { packageRoot } from '../../core/paths.js';
import { readCounters } from '../../core/resources/counters.js';
import { requireProcess } from '../../core/resources/listener.js';
import { type ProcessMemory, readProcessMemory } from '../../core/resources/process.js';
import { processTree } from '../../core/resources/process-tree.js';

const mebibyte = 1024 * 1024;
const taken = { anon: 200 * mebibyte, file: 100 * mebibyte, shared: 50 * mebibyte };

/**
 * Two processes that share an empty map. At the first line the parent fills 200 MiB of its own and
 * reads 100 MiB of a file that it maps, and both touch each page of what they share.
 */
const program = `
import mmap, os, sys
path, anon, file, shared = sys.argv[1], *map(int, sys.argv[2:])
both = mmap.mmap(-1, shared, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
ask, asked = os.pipe(), os.pipe()
if os.fork() == 0:
    os.close(ask[1])
    while os.read(ask[0], 1):
        for at in range(0, shared, mmap.PAGESIZE): both[at]
        os.write(asked[1], b'x')
    os._exit(0)
print('ready', flush=True)
sys.stdin.readline()
own = mmap.mmap(-1, anon, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for at in range(0, anon, mmap.PAGESIZE): own[at] = 1
with open(path, 'rb') as opened:
    mapped = mmap.mmap(opened.fileno(), file, mmap.MAP_PRIVATE, mmap.PROT_READ)
for at in range(0, file, mmap.PAGESIZE): mapped[at]
for at in range(0, shared, mmap.PAGESIZE): both[at] = 1
os.write(ask[1], b'x')
os.read(asked[0], 1)
print('done', flush=True)
sys.stdin.readline()
`;

/** Not in /tmp: files of a tmpfs are shmem. */
function bigFile(context: TestContext): string {
  const cache = join(packageRoot(), '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'process-memory-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'mapped');
  writeFileSync(path, Buffer.alloc(taken.file, 1));
  return path;
}

async function startProgram(context: TestContext): Promise<ChildProcess & { pid: number }> {
  const { anon, file, shared } = taken;
  const sizes = [anon, file, shared].map(String);
  const child = spawn(await findPython(), ['-c', program, bigFile(context), ...sizes], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  context.after(async () => {
    // The child of it ends when their pipe does.
    child.kill('SIGKILL');
    await ended;
  });
  await once(child, 'spawn');
  return child as ChildProcess & { pid: number };
}

function pssOf(pids: readonly number[]): ProcessMemory {
  const memory = readProcessMemory(pids);
  assert.ok(memory !== undefined);
  return memory;
}

test('memory of a known process tree is right within 2 % in each figure', async (context) => {
  const child = await startProgram(context);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  await once(lines, 'line');
  const tree = processTree([child.pid]);
  assert.equal(tree.length, 2, 'the process and its child');
  const before = pssOf(tree);
  const rssBefore = readCounters(tree)?.rssBytes ?? Number.NaN;
  child.stdin?.write('\n');
  await once(lines, 'line');
  const after = pssOf(tree);
  const rssGrown = (readCounters(tree)?.rssBytes ?? Number.NaN) - rssBefore;
  const shmemOfEach = tree.map((pid) => pssOf([pid]).pssShmemBytes);
  const { anon, file, shared } = taken;
  const found = [
    ['anonymous', after.pssAnonBytes - before.pssAnonBytes, anon],
    ['file', after.pssFileBytes - before.pssFileBytes, file],
    ['shared', after.pssShmemBytes - before.pssShmemBytes, shared],
    // Half of it is in each, and resident sets have all of it twice.
    ...shmemOfEach.map((bytes) => ['shared, in one of two', bytes, shared / 2] as const),
    ['resident', rssGrown, anon + file + 2 * shared],
    ['peak', after.peakBytes - before.peakBytes, anon + file + 2 * shared],
  ] as const;
  for (const [what, bytes, expected] of found) {
    const text = `${what}: ${(bytes / mebibyte).toFixed(2)} MiB of ${expected / mebibyte}`;
    context.diagnostic(text);
    assert.ok(Math.abs(bytes / expected - 1) < 0.02, text);
  }
});

test('a process of another user has counters, and what cannot be had is said', async (context) => {
  if (process.getuid?.() !== 0) return context.diagnostic('not tested: this is not root');
  const child = await startProgram(context);
  const nobody = 65_534;
  process.seteuid?.(nobody);
  try {
    const { pids, missing } = requireProcess(child.pid);
    assert.deepEqual(pids, [child.pid]);
    assert.deepEqual(missing, [
      `bytes read from and written to disks of process ${child.pid} cannot be had: ` +
        'this user may not: run bench as its user or as root',
      `proportional set sizes (PSS) of process ${child.pid} cannot be had: ` +
        'this user may not: run bench as its user or as root',
    ]);
    const counters = readCounters(pids);
    assert.ok(counters !== undefined && counters.rssBytes > 0);
    assert.equal(counters.readBytes, undefined);
    assert.equal(readProcessMemory(pids), undefined);
  } finally {
    process.seteuid?.(0);
  }
});
