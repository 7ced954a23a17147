import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countedPairs } from '../../core/noise/pairs.js';
import { runSchema } from '../../core/result.js';
import { runBench, withFolder } from '../cli/bench-process.js';
import { emptyFolder } from '../core/folders.js';
import { runSmall, troubledTarget } from '../core/run/small-run.js';

const short = [
  ...['run', '--suite', 'smoke', '--target', 'null', '--quiet'],
  ...['--set', 'measure.durationS=0.05', '--set', 'measure.warmUpS=0.02'],
];

test('an A/A run prints its noise, keeps it for the machine, and the doctor says it', () =>
  withFolder(async (folder) => {
    const around = { folder, env: { XDG_CACHE_HOME: join(folder, 'cache') } };
    const args = [...short, '--aa', '--repeats', '5', '--out', 'aa'];
    const { code, stdout, stderr } = await runBench(args, around);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\nnoise \(A\/A\), 5 pairs a point, medians over 2 points:\n/);
    assert.match(stdout, /\nkept for this machine: .*noise\.json\n/);
    const run = runSchema.parse(JSON.parse(readFileSync(join(folder, 'aa', 'run.json'), 'utf8')));
    assert.equal(run.aa, true);
    // Two batch sizes, five pairs of two halves.
    assert.equal(run.cells.length, 20);
    assert.deepEqual(
      run.summaries.map(({ repeats, validRepeats, metrics }) => [
        ...[repeats, validRepeats],
        metrics.throughputQps?.values.length,
      ]),
      [
        [10, 10, 10],
        [10, 10, 10],
      ],
    );
    const doctor = await runBench(['doctor', '--json'], around);
    assert.match(doctor.stdout, /this machine can decide .* suite smoke, null, 2 loads, windows/);
  }));

test('an A/A run goes on as one, and another run does not become one', () =>
  withFolder(async (folder) => {
    const around = { folder, env: { XDG_CACHE_HOME: join(folder, 'cache') } };
    await runBench([...short, '--aa', '--repeats', '4', '--out', 'aa'], around);
    const again = await runBench(['run', '--resume', 'aa', '--quiet'], around);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /noise \(A\/A\), 4 pairs a point/);
    await runBench([...short, '--repeats', '4', '--out', 'plain'], around);
    const refused = await runBench(['run', '--resume', 'plain', '--aa', '--quiet'], around);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^error RESUME_DIFFERS: .* begun without --aa\nhint: /);
  }));

test('a pair with an invalid half is measured again with both halves', async (context) => {
  const folder = await emptyFolder(context);
  const run = await runSmall({
    folder,
    aa: true,
    // The first cell fires late.
    targets: [troubledTarget('blocks-once')],
    suite: {
      streams: [{ operation: 'search', k: 10, load: [{ kind: 'open', rateQps: 200 }] }],
      measure: { warmUpS: 0, durationS: 1.2, repeats: 4 },
    },
  });
  const [first, second] = run.cells;
  assert.deepEqual(
    first?.invalid.map(({ code }) => code),
    ['PACER_LAG'],
  );
  for (const half of [first, second]) {
    const attempts = run.cells.filter(({ repeat }) => repeat === half?.repeat);
    assert.ok(attempts.length > 1, `${half?.id} was measured once`);
  }
  // Other programs may disturb further halves.
  const [summary] = run.summaries;
  assert.ok((summary?.validRepeats ?? 9) <= 8);
  const counted = countedPairs(run.cells);
  assert.ok(counted.every(({ base, head }) => Math.abs(base.sequence - head.sequence) === 1));
  assert.equal(run.noise?.[0]?.pairs ?? 0, counted.length >= 4 ? counted.length : 0);
});
