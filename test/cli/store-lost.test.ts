import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Run } from '../../core/result.js';
import { callBench } from './bench-call.js';
import { withFolder } from './bench-process.js';

/** The children of a process that run a program whose path holds this. */
function childrenOf(pid: number, program: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return parent === pid && line.includes(program) ? [Number(name)] : [];
    } catch {
      // Not a process, or gone meanwhile.
      return [];
    }
  });
}

/** Runs two stores, ends the process of the first in the middle of its first cell. */
async function runAndLose(option: string): Promise<{ code: number; run: Run }> {
  return withFolder(async (folder) => {
    const args = ['run', '--suite', 'smoke', '--target', 'null-http', '--target', 'null'];
    const settings = [
      ...['streams[0].batch=1', 'gates=[]'],
      ...['measure.warmUpS=0.05', 'measure.durationS=0.6'],
    ];
    const sets = settings.flatMap((setting) => ['--set', setting]);
    const options = ['--repeats', '2', '--out', 'out', '--quiet', '--on-store-lost', option];
    const ended = callBench([...args, ...sets, ...options], { folder });
    const journal = join(folder, 'out', 'journal.ndjson');
    // Both builds are in the journal before the first cell begins.
    while (!readsBuilds(journal)) await sleep(50);
    await sleep(200);
    const [server] = childrenOf(process.pid, 'null-http');
    assert.ok(server !== undefined, 'there is no server');
    process.kill(server, 'SIGKILL');
    const { code, stderr } = await ended;
    assert.match(stderr, /^$|is lost/);
    const run = JSON.parse(readFileSync(join(folder, 'out', 'run.json'), 'utf8')) as Run;
    return { code, run };
  });
}

function readsBuilds(journal: string): boolean {
  try {
    return readFileSync(journal, 'utf8').split('"type":"build"').length === 3;
  } catch {
    return false;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function statusesOf(run: Run, target: string): string[] {
  const build = run.builds.find((one) => one.target === target);
  return run.cells.filter((cell) => cell.build === build?.id).map(({ status }) => status);
}

test('the others go on when a store is lost, and the exit code says 3', async () => {
  const { code, run } = await runAndLose('continue');
  assert.equal(code, 3);
  assert.deepEqual([run.status, run.stopped], ['complete', undefined]);
  assert.deepEqual(statusesOf(run, 'null'), ['complete', 'complete']);
  const lost = statusesOf(run, 'null-http');
  assert.equal(lost.length, 2);
  assert.ok(!lost.every((status) => status === 'complete'), lost.join());
});

test('the run ends when a store is lost and it was told to, with what it has', async () => {
  const { code, run } = await runAndLose('stop');
  assert.equal(code, 3);
  assert.deepEqual([run.status, run.stopped?.code], ['partial', 'STORE_LOST']);
  assert.match(run.stopped?.message ?? '', /null-http/);
  const last = run.cells.at(-1);
  assert.ok(['partial', 'failed'].includes(last?.status ?? ''), last?.status);
  assert.equal(last?.failure?.code, 'HOST_DIED');
  assert.ok(run.cells.length < 4);
});

test('an option that is wrong is told with what it may be', async () => {
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [['--pacer', 'jump'], /Allowed choices are sleep, spin/],
    [['--on-store-lost', 'cry'], /Allowed choices are stop, continue/],
    [['--workers', '0'], /whole number 1\.\.64/],
    [['--set', 'streams[0].load=[{"kind":"open","rateQps":0}]'], /rateQps/],
    [
      ['--set', 'streams[0].load=[{"kind":"ramp","fromQps":9,"toQps":3,"steps":4}]'],
      /streams\[0\]\.load\[0\]\.toQps must be above 9 \(fromQps\), got 3/,
    ],
    [
      ['--set', 'streams[0].load=[{"kind":"spike","baseQps":9,"burstQps":3,"burstS":1}]'],
      /streams\[0\]\.load\[0\]\.burstQps must be above 9 \(baseQps\), got 3/,
    ],
    [
      ['--workers', '4', '--set', 'streams[0].load=[{"kind":"open","rateQps":9,"maxInFlight":2}]'],
      /streams\[0\]\.load\[0\]\.maxInFlight must be at least 4 \(measure\.workers\), got 2/,
    ],
    [
      [
        '--set',
        'streams[0].load=[{"kind":"ramp","fromQps":9,"toQps":9000000,"steps":9,"stepS":9}]',
      ],
      /must come to at most 2000000 requests \(every one is kept\), got \d+/,
    ],
  ];
  for (const [options, message] of wrong) {
    await withFolder(async (folder) => {
      const args = ['run', '--suite', 'smoke', '--target', 'null', ...options];
      const { code, stderr } = await callBench(args, { folder });
      assert.equal(code, 2, options.join(' '));
      assert.match(stderr, message);
    });
  }
});
