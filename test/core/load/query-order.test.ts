import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bodyOrder,
  cycleOrder,
  drawnOrder,
  logChances,
  logOrder,
  reachOf,
  zipfChances,
} from '../../../core/load/query-order.js';

function log(rows: readonly number[], weights?: readonly number[]) {
  const parts = { rows: Int32Array.from(rows), sha256: '' };
  return weights === undefined ? parts : { ...parts, weights: Float64Array.from(weights) };
}

function countsOf(order: Int32Array, queries: number): number[] {
  const counts = new Array<number>(queries).fill(0);
  for (const query of order) counts[query] = (counts[query] as number) + 1;
  return counts;
}

test('the even cycle deals all bodies out to the workers, each to one', () => {
  assert.deepEqual([...cycleOrder(7, { worker: 1, workers: 3 })], [1, 4]);
  for (const bodies of [1, 2, 7, 20]) {
    for (const workers of [1, 2, 3, 7]) {
      const shares = Array.from({ length: workers }, (_, worker) => [
        ...cycleOrder(bodies, { worker, workers }),
      ]);
      const dealt = shares.slice(0, bodies).flat();
      assert.deepEqual(
        dealt.toSorted((a, b) => a - b),
        Array.from({ length: bodies }, (_, body) => body),
      );
      // Where there are more workers than bodies, the others take one that has its worker too.
      for (const [worker, share] of shares.slice(bodies).entries()) {
        assert.deepEqual(share, [(bodies + worker) % bodies]);
      }
    }
  }
});

test('the chances of Zipf are those of its law', () => {
  // By hand: 1 + 1/2 + 1/3 + 1/4 = 25/12; for exponent 2 1 + 1/4 + 1/9 + 1/16 = 205/144.
  const cases = [
    { exponent: 1, expected: [12 / 25, 6 / 25, 4 / 25, 3 / 25] },
    { exponent: 2, expected: [144 / 205, 36 / 205, 16 / 205, 9 / 205] },
    { exponent: 0, expected: [0.25, 0.25, 0.25, 0.25] },
  ];
  for (const { exponent, expected } of cases) {
    const chances = [...zipfChances(4, exponent, 1)].toSorted((a, b) => b - a);
    chances.forEach((chance, rank) => {
      assert.ok(Math.abs(chance - (expected[rank] as number)) < 1e-15, `${exponent}: ${chance}`);
    });
  }
});

test('which query is the most frequent follows from the seed, each as likely', () => {
  const firsts = new Array<number>(5).fill(0);
  for (let seed = 0; seed < 5000; seed++) {
    const chances = zipfChances(5, 1, seed);
    const first = chances.indexOf(Math.max(...chances));
    firsts[first] = (firsts[first] as number) + 1;
  }
  const chiSquare = firsts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // The 0.999 quantile of chi-square with 4 degrees of freedom is 18.5 (table).
  assert.ok(chiSquare < 18.5, `chi-square ${chiSquare}`);
  assert.deepEqual(zipfChances(5, 1, 3), zipfChances(5, 1, 3));
});

test('queries are drawn as often as their chances say, each draw by itself', () => {
  const requests = 1_000_000;
  const chances = zipfChances(40, 1.1, 7);
  const order = drawnOrder(chances, { requests, seed: 2 });
  let chiSquare = 0;
  countsOf(order, 40).forEach((count, query) => {
    const expected = (chances[query] as number) * requests;
    chiSquare += (count - expected) ** 2 / expected;
  });
  // The 0.999 quantile of chi-square with 39 degrees of freedom is 72.1 (table).
  assert.ok(chiSquare < 72.1, `chi-square ${chiSquare}`);
  // Of requests after the most frequent query the same share is that query again.
  const first = chances.indexOf(Math.max(...chances));
  const chance = chances[first] as number;
  let before = 0;
  let again = 0;
  for (let at = 1; at < requests; at++) {
    if (order[at - 1] !== first) continue;
    before += 1;
    if (order[at] === first) again += 1;
  }
  const error = Math.sqrt((chance * (1 - chance)) / before);
  assert.ok(Math.abs(again / before - chance) < 5 * error, `${again} of ${before}`);
});

test('a query without a chance is never drawn, and a certain one always', () => {
  const chances = Float64Array.of(0, 0.1, 0, 0.2, 0.7, 0);
  const order = drawnOrder(chances, { requests: 100_000, seed: 1 });
  const counts = countsOf(order, 6);
  assert.deepEqual([counts[0], counts[2], counts[5]], [0, 0, 0]);
  const sure = drawnOrder(Float64Array.of(0, 1, 0), { requests: 1000, seed: 1 });
  assert.deepEqual(countsOf(sure, 3), [0, 1000, 0]);
  assert.deepEqual(drawnOrder(chances, { requests: 100_000, seed: 1 }), order);
  assert.notDeepEqual(drawnOrder(chances, { requests: 100_000, seed: 2 }), order);
});

test('the weights of a log add up by query', () => {
  assert.deepEqual([...logChances(log([2, 0, 2], [1, 4, 3]), 4)], [0.5, 0, 0.5, 0]);
  // Without weights every entry counts once.
  assert.deepEqual([...logChances(log([2, 0, 2, 2]), 3)], [0.25, 0, 0.75]);
});

test('a log is dealt out so that the workers together send it in its order', () => {
  const whole = log([5, 3, 5, 1, 0, 3, 2]);
  const shares = [0, 1, 2].map((worker) => [...logOrder(whole, { worker, workers: 3 })]);
  assert.deepEqual(shares, [
    [5, 1, 2],
    [3, 0],
    [5, 3],
  ]);
  assert.deepEqual([...logOrder(log([4, 9]), { worker: 3, workers: 5 })], [9]);
});

test('a query has one body, however often it is asked for', () => {
  const { holds, order } = bodyOrder(Int32Array.of(7, 3, 7, 7, 9, 3), 100);
  assert.deepEqual(holds, [7, 3, 9]);
  assert.deepEqual([...order], [0, 1, 0, 0, 2, 1]);
});

test('where not all bodies can be kept, requests for later ones are left out', () => {
  const { holds, order } = bodyOrder(Int32Array.of(7, 3, 9, 7, 9, 3), 2);
  assert.deepEqual(holds, [7, 3]);
  assert.deepEqual([...order], [0, 1, 0, 1]);
});

test('the queries that all workers reach are counted once', () => {
  const orders = [Int32Array.of(1, 1, 4), Int32Array.of(4, 0)];
  assert.deepEqual(reachOf(orders, 10), { distinct: 3, coverage: 0.3 });
});
