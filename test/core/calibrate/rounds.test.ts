import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf, playRounds, ratiosOf } from '../../../core/calibrate/rounds.js';
import { measured, playing } from './scenes.js';

const options = { rounds: 3, seed: 1, onTurn: () => undefined };
const good = [measured(1), measured(2), measured(3)];

test('every contestant measures once in each round, in orders that the seed decides', async () => {
  const names = ['bench', 'undici', 'wrk', 'autocannon'];
  const play = (seed: number) => {
    const contestants = names.map((name) => playing(name, good));
    return playRounds(contestants, { ...options, seed });
  };
  const { orders, measured: all } = await play(7);
  assert.equal(orders.length, 3);
  for (const order of orders) assert.deepEqual([...order].sort(), [...names].sort());
  assert.notEqual(new Set(orders.map(String)).size, 1);
  for (const name of names) assert.deepEqual(all[name], good);
  assert.deepEqual((await play(7)).orders, orders);
  assert.notDeepEqual((await play(8)).orders, orders);
});

test('an error of any contestant ends the contest, with what it was', async () => {
  const failing = playing('wrk', [
    measured(1),
    measured(2, { errors: 3, firstError: 'ECONNRESET' }),
  ]);
  await assert.rejects(playRounds([playing('bench', good), failing], options), {
    code: 'STORE_FAILED',
    message: 'calibrate: wrk: 3 requests failed, the first: ECONNRESET',
  });
});

test('a contestant without one answer ends the contest', async () => {
  const silent = playing('bench', [measured(0, { requests: 0 })]);
  await assert.rejects(playRounds([silent], options), /bench: no request was answered/);
});

test('figures are the medians of the rounds, with every value', () => {
  const rounds = [measured(30, { msP99: 2 }), measured(10, { msP99: 4 }), measured(20)];
  assert.deepEqual(figuresOf(rounds), {
    requestsPerS: { median: 20, values: [30, 10, 20] },
    msP99: { median: 3, values: [2, 4] },
  });
});

test('the ratio is the geometric mean of the rounds, with the t-interval of their logs', () => {
  const bench = [measured(90), measured(80), measured(85)];
  const other = [measured(100), measured(100), measured(100)];
  // R: l <- log(c(0.9, 0.8, 0.85)); exp(mean(l)); exp(t.test(l)$conf.int). By hand: mean of logs
  // -0.1636743, their standard deviation 0.0589000, t(0.975, 2) = 4.3026527, half 0.1463158.
  const { requestsPerS } = ratiosOf(bench, other);
  assert.ok(requestsPerS?.low !== undefined && requestsPerS.high !== undefined);
  assert.ok(Math.abs(requestsPerS.ratio - 0.8490185) < 1e-6, `${requestsPerS.ratio}`);
  assert.ok(Math.abs(requestsPerS.low - 0.7334542) < 1e-6, `${requestsPerS.low}`);
  assert.ok(Math.abs(requestsPerS.high - 0.9827912) < 1e-6, `${requestsPerS.high}`);
  assert.equal(requestsPerS.confidence, 0.95);
  assert.equal(requestsPerS.pairs, 3);
});

test('what a round has in common leaves the ratio and its interval as they are', () => {
  // Both half as fast in the second round: 0.9 in each, with nothing between the ends.
  const { requestsPerS } = ratiosOf([measured(90), measured(45)], [measured(100), measured(50)]);
  for (const value of [requestsPerS?.ratio, requestsPerS?.low, requestsPerS?.high]) {
    assert.ok(Math.abs((value ?? 0) - 0.9) < 1e-12);
  }
});

test('one round gives a ratio without an interval', () => {
  assert.deepEqual(ratiosOf([measured(90)], [measured(120)]), {
    requestsPerS: { ratio: 0.75, pairs: 1 },
  });
});

test('a figure that is 0 or lacks in a round has no ratio', () => {
  const bench = [measured(90, { msP50: 1, msP99: 3 }), measured(90, { msP50: 1, msP99: 3 })];
  const other = [measured(100, { msP50: 0, msP99: 2 }), measured(100, { msP50: 1 })];
  assert.deepEqual(Object.keys(ratiosOf(bench, other)), ['requestsPerS']);
});
