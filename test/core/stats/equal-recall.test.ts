import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type RecallTarget,
  type RepeatedPoint,
  ratioAtRecall,
  valueAtRecall,
} from '../../../core/stats/equal-recall.js';
import { median } from '../../../core/stats/quantile.js';
import { assertNear } from './near.js';

function point(recall: number, ...repeats: readonly number[]): RepeatedPoint {
  return { key: `at ${recall}`, recall, value: median(repeats), repeats };
}

function qpsAt(recall: number): RecallTarget {
  return { recall, better: 'more' };
}

const base = [point(0.9, 1000, 1100, 1050), point(0.99, 400, 380, 420)];
const head = [point(0.85, 2000, 1900, 2100, 2050), point(0.95, 1500, 1450, 1580, 1400)];

test('half way in nines is the geometric mean of the two points', () => {
  // By hand: -log(1 - r) is 1, 2 and 1.5 times log(10) at 0.9, 0.99 and 1 - 10^-1.5.
  const found = valueAtRecall([point(0.9, 900), point(0.99, 400)], qpsAt(1 - 10 ** -1.5));
  assertNear(found?.value, 600, 1e-9);
  assert.equal(found?.kind, 'interpolated');
  assert.deepEqual(found?.points, ['at 0.9', 'at 0.99']);
  assert.equal(found?.interval, undefined);
});

test('the value between two points is that of numpy', () => {
  // numpy 2.4: exp(interp(-log1p(-r), [-log1p(-0.9), -log1p(-0.99)], log([1050, 400]))).
  assertNear(valueAtRecall(base, qpsAt(0.95))?.value, 785.2696368206366, 1e-9);
  assertNear(valueAtRecall(base, qpsAt(0.93))?.value, 904.2017595289019, 1e-9);
});

test('the interval adds the squared errors by their weights', () => {
  // numpy and scipy: q_i = w_i^2 var(log(repeats_i), ddof=1) / n_i, centre = sum(w_i mean(log)),
  // df = sum(q)^2 / sum(q_i^2 / (n_i - 1)), exp(centre -+ t.ppf(0.975, df) * sqrt(sum(q))).
  const found = valueAtRecall(base, qpsAt(0.95));
  assertNear(found?.interval?.low, 731.4606178162785, 1e-6);
  assertNear(found?.interval?.high, 841.7227801364097, 1e-6);
  const nearer = valueAtRecall(base, qpsAt(0.93));
  assertNear(nearer?.interval?.low, 821.2548996864195, 1e-6);
  assertNear(nearer?.interval?.high, 993.9968263085591, 1e-6);
});

test('a measured recall gives that point and the t-interval of its logs', () => {
  const found = valueAtRecall([point(0.9, 10, 12, 11), point(0.99, 4, 5, 6)], qpsAt(0.9));
  assert.deepEqual([found?.value, found?.kind, found?.points], [11, 'measured', ['at 0.9']]);
  // The t-interval of the logs of 10, 12 and 11: scipy as in interval.test.ts.
  assertNear(found?.interval?.low, 8.74598637159559, 1e-8);
  assertNear(found?.interval?.high, 13.75858668854502, 1e-8);
});

test('outside of what was measured there is no value', () => {
  assert.equal(valueAtRecall(base, qpsAt(0.89)), undefined);
  assert.equal(valueAtRecall(base, qpsAt(0.991)), undefined);
  assert.equal(valueAtRecall([], qpsAt(0.9)), undefined);
});

test('an exact index counts at recall 1 and nowhere else', () => {
  const points = [...base, point(1, 50, 51, 49)];
  assert.equal(valueAtRecall(points, qpsAt(1))?.value, 50);
  assert.equal(valueAtRecall(points, qpsAt(0.999)), undefined);
  assertNear(valueAtRecall(points, qpsAt(0.95))?.value, 785.2696368206366, 1e-9);
});

test('only the front counts, for throughput and for latency', () => {
  const beaten = [point(0.95, 300, 310, 290), ...base];
  assertNear(valueAtRecall(beaten, qpsAt(0.95))?.value, 785.2696368206366, 1e-9);
  // Of latencies the smaller is better: 2 at 0.99 beats 3 at 0.95.
  const latencies = [point(0.9, 1), point(0.95, 3), point(0.99, 2)];
  const found = valueAtRecall(latencies, { recall: 1 - 10 ** -1.5, better: 'less' });
  assertNear(found?.value, Math.SQRT2, 1e-12);
});

test('a point without a log is left out', () => {
  const points = [...base, { ...point(0.97, 1), value: 0 }];
  assertNear(valueAtRecall(points, qpsAt(0.95))?.value, 785.2696368206366, 1e-9);
  const latencies = [point(0.9, 1), { ...point(0.995, 1), value: 0 }, point(0.99, 2)];
  const found = valueAtRecall(latencies, { recall: 1 - 10 ** -1.5, better: 'less' });
  assertNear(found?.value, Math.SQRT2, 1e-12);
});

test('points on a straight line of log over nines give that line', () => {
  const recalls = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(recalls, fc.double({ min: 0, max: 1, noNaN: true }), (thousandths, share) => {
      const line = (recall: number): number => 5000 * (1 - recall) ** 0.7;
      const points = thousandths.map((each) => point(each / 1000, line(each / 1000)));
      const least = Math.min(...thousandths) / 1000;
      const most = Math.max(...thousandths) / 1000;
      const recall = least + share * (most - least);
      assertNear(valueAtRecall(points, qpsAt(recall))?.value, line(recall), 1e-6);
    }),
  );
});

test('the ratio of two measured points is that of the Welch test of scipy', () => {
  const one = [point(0.95, 1000, 1100, 1050)];
  const other = [point(0.95, 1500, 1450, 1580, 1400)];
  // scipy 1.17: exp(ttest_ind(log(one), log(other), equal_var=False).confidence_interval()).
  const found = ratioAtRecall(other, one, qpsAt(0.95));
  assert.equal(found?.kind, 'measured');
  assertNear(found?.ratio, 1050 / 1475, 1e-12);
  assertNear(found?.interval?.low, 0.6416125259146108, 1e-9);
  assertNear(found?.interval?.high, 0.7822152829520387, 1e-9);
});

test('the ratio between points adds the errors of all four', () => {
  // As for one store, with the weights of the base negative.
  const found = ratioAtRecall(head, base, qpsAt(0.92));
  assert.equal(found?.kind, 'interpolated');
  assertNear(found?.ratio, 0.5661061660358554, 1e-9);
  assertNear(found?.interval?.low, 0.5206170726285474, 1e-9);
  assertNear(found?.interval?.high, 0.6153806780377001, 1e-9);
  assert.deepEqual(found?.base, valueAtRecall(head, qpsAt(0.92)));
  assert.deepEqual(found?.head, valueAtRecall(base, qpsAt(0.92)));
});

test('one interpolated store makes the ratio interpolated, one without a value leaves none', () => {
  assert.equal(ratioAtRecall(head, base, qpsAt(0.9))?.kind, 'interpolated');
  assert.equal(ratioAtRecall(head, base, qpsAt(0.97)), undefined);
  assert.equal(ratioAtRecall(base, head, qpsAt(0.86)), undefined);
});

test('one repeat has no interval, equal repeats have one of no width', () => {
  const single = [point(0.9, 900), point(0.99, 400, 401)];
  assert.equal(valueAtRecall(single, qpsAt(0.95))?.interval, undefined);
  assert.equal(ratioAtRecall(base, single, qpsAt(0.95))?.interval, undefined);
  const same = [point(0.9, 900, 900), point(0.99, 400, 400)];
  const interval = valueAtRecall(same, qpsAt(1 - 10 ** -1.5))?.interval;
  assertNear(interval?.low, 600, 1e-9);
  assertNear(interval?.high, 600, 1e-9);
});

test('a higher confidence makes the interval wider', () => {
  const widthAt = (confidence: number): number => {
    const found = valueAtRecall(base, { ...qpsAt(0.95), confidence })?.interval;
    return (found?.high ?? 0) - (found?.low ?? 0);
  };
  assert.ok(widthAt(0.99) > widthAt(0.95) && widthAt(0.95) > widthAt(0.9));
});
