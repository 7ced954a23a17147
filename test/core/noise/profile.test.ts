import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noiseOf } from '../../../core/noise/noise.js';
import { noiseProfile, overPoints } from '../../../core/noise/profile.js';
import { noiseProfileSchema } from '../../../core/result/noise.js';
import { noisyRun, pairedCells, pairedSummary, quietPairs } from './runs.js';

const keys = ['key-a', 'key-b', 'key-c', 'key-d'];
const summaries = keys.map((key) => pairedSummary({ key }));
/** Each point has its ratios to a power of its own: 1, 2, 3 and 40 times the spread. */
const cells = keys.flatMap((key, index) => {
  const power = [1, 2, 3, 40][index] as number;
  const pairs = quietPairs(12).map(([base, head]) => {
    return [base, base * (head / base) ** power] as const;
  });
  return pairedCells(pairs, { key });
});
const { noise } = noiseOf({ cells, summaries, seed: 1 });
const suite = { name: 'smoke', title: 'Smoke', measure: { durationS: 2 } };
const run = noisyRun({ noise, summaries, suite });

test('figures over points are medians, and needed pairs the upper of the middle two', () => {
  const found = overPoints(noise, 'throughputQps');
  assert.equal(found.points, 4);
  // By hand: the spreads are s, 2 s, 3 s and 40 s, so the median is 2.5 s.
  const [s = 0] = noise
    .filter(({ key, metric }) => key === 'key-a' && metric === 'throughputQps')
    .map(({ logRatioSd }) => logRatioSd);
  assert.ok(Math.abs(found.logRatioSd - 2.5 * s) < 1e-12);
  const needed = noise
    .filter(({ metric }) => metric === 'throughputQps')
    .map(({ pairsFor5Percent }) => pairsFor5Percent);
  assert.equal(found.pairsFor5Percent, needed[2]);
});

test('alarms of this A/A are counted over points, with the interval of scipy', () => {
  const all = noise.map((one, index) => ({ ...one, alarm: index < 3, metric: 'throughputQps' }));
  const { alarms } = overPoints(all.slice(0, 12), 'throughputQps');
  // binomtest(3, 12).proportion_ci(method='wilson') of scipy 1.17.
  assert.ok(Math.abs(alarms.low - 0.08894166839405471) < 1e-12);
  assert.ok(Math.abs(alarms.high - 0.5323053349335657) < 1e-12);
  assert.equal(alarms.alarm, 3);
});

test('a whole A/A run speaks for its machine', () => {
  const profile = noiseProfile(run);
  assert.ok(profile !== undefined);
  noiseProfileSchema.parse(profile);
  assert.deepEqual(
    [profile.schema, profile.suite, profile.windowS, profile.pairs, profile.loads],
    ['bench.noise/1', 'smoke', 2, 12, ['closed 1']],
  );
  assert.equal(profile.at, run.finishedAt);
  assert.ok(profile.metrics.throughputQps !== undefined);
});

test('a run that is partial, lacks a point, or is no A/A does not', () => {
  assert.equal(noiseProfile({ ...run, status: 'partial' }), undefined);
  const fewer = noise.filter(({ key }) => key !== 'key-b');
  assert.equal(noiseProfile({ ...run, noise: fewer }), undefined);
  const { noise: _, ...plain } = run;
  assert.equal(noiseProfile(plain), undefined);
});
