import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { describeNoise, findNoise, formatNoise, keepNoiseOf } from '../../cli/noise-table.js';
import { formatRun } from '../../cli/run-table.js';
import { machineKey } from '../../core/machine.js';
import { describeEnvironment } from '../../core/measure/environment.js';
import { noiseOf } from '../../core/noise/noise.js';
import type { Run } from '../../core/result.js';
import { emptyFolder } from '../core/folders.js';
import { noisyRun, pairedCells, pairedSummary, quietPairs } from '../core/noise/runs.js';
import { readRun } from '../fixtures/read-run.js';

const suite = { name: 'ivfpq', title: 'IVF-PQ', measure: { durationS: 2 } };

function aaRun(pairs: number, change: Partial<Run> = {}): Run {
  const cells = pairedCells(quietPairs(pairs));
  const summaries = [pairedSummary()];
  const { noise } = noiseOf({ cells, summaries, seed: 1 });
  return noisyRun({ cells, summaries, noise, suite, warnings: [], ...change });
}

/** A cache of its own, until the test is over. */
async function ownCache(context: TestContext): Promise<string> {
  const folder = await emptyFolder(context);
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = folder;
  context.after(() => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  });
  return folder;
}

test('the noise of a run stands beneath its summaries, a row a metric', () => {
  const text = formatRun(aaRun(12));
  assert.match(text, /\nnoise \(A\/A\), 12 pairs a point, one point:\nmetric +CV +lag-1 /);
  assert.match(text, /\nthroughputQps +0\.\d+ % +-?0\.\d\d +\d of 1 .* 4 +4\n/);
  assert.doesNotMatch(formatRun(readRun()), /noise/);
});

test('points whose noise is not known are told with the reason', () => {
  const message = 'b00: 3 of 12 pairs count';
  const run = aaRun(12, { noise: [], warnings: [{ code: 'FEW_PAIRS', message }] });
  assert.deepEqual(formatNoise(run), ['\n', `noise not known, ${message}\n`]);
});

test('what a machine can decide is 5 %, else 10 %, else not that', async (context) => {
  await ownCache(context);
  await keepNoiseOf(aaRun(12, { finishedAt: '2026-11-20T10:00:00.000Z' }));
  const { found } = await findNoise();
  const how = '(A/A of 2026-11-20, suite ivfpq, exact, closed 1, windows of 2 s)';
  const p50 = '5 % in service p50 with 4 pairs';
  assert.equal(found, `this machine can decide 5 % in QPS with 4 pairs, ${p50} ${how}`);
  const metric = {
    points: 1,
    cv: 0.1,
    logRatioSd: 0.1,
    falseAlarmRate: { anyEffect: 0.05, minimumEffect: 0.05 },
    alarms: { differs: 0, alarm: 0, low: 0, high: 0.8 },
    detectableEffect: 0.1,
  };
  const said = describeNoise({
    schema: 'bench.noise/1',
    at: '2026-11-20T10:00:00.000Z',
    runId: 'run-1',
    suite: 'hnsw',
    dataset: 'siftsmall',
    targets: ['faiss', 'usearch'],
    loads: ['closed 1', 'closed 8'],
    windowS: 1,
    pairs: 12,
    metrics: {
      throughputQps: { ...metric, pairsFor5Percent: 101, pairsFor10Percent: 30 },
      serviceMsP99: metric,
    },
  });
  assert.equal(
    said,
    'this machine can decide 10 % in QPS with 30 pairs, not 10 % in service p99 with 100 pairs ' +
      '(A/A of 2026-11-20, suite hnsw, faiss, usearch, 2 loads, windows of 1 s)',
  );
});

test('a run that is not whole is not kept, which is said', async (context) => {
  await ownCache(context);
  assert.match((await keepNoiseOf(aaRun(12, { status: 'partial' }))) ?? '', /^not kept /);
  assert.equal(await keepNoiseOf(readRun()), undefined);
  assert.deepEqual(await findNoise(), {
    what: 'noise',
    ok: true,
    found: 'not known',
    hint: 'bench run --aa --suite smoke --repeats 12',
  });
});

test('what was kept and is damaged is told, with what to do', async (context) => {
  const cache = await ownCache(context);
  const key = machineKey(describeEnvironment());
  const path = join(cache, 'storebench', 'machines', key, 'noise.json');
  mkdirSync(dirname(path), { recursive: true });
  for (const text of ['{ torn', '{"schema": "bench.noise/2"}']) {
    writeFileSync(path, text);
    const { ok, found, hint } = await findNoise();
    assert.deepEqual([ok, hint?.startsWith('measure it again: ')], [false, true]);
    assert.match(found, /^what was kept of it is damaged: ./);
  }
});
