import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wilsonInterval } from '../../../core/stats/wilson.js';
import { assertNear } from './near.js';

test('the interval of a share is that of scipy', () => {
  // scipy 1.17: binomtest(found, count).proportion_ci(method='wilson').
  const expected = [
    [0, 12, 0, 0.24249400665524085],
    [3, 12, 0.08894166839405471, 0.5323053349335657],
    [12, 12, 0.7575059933447592, 1],
    [205, 4096, 0.04378272141038475, 0.05715812300454398],
  ] as const;
  for (const [found, count, low, high] of expected) {
    const interval = wilsonInterval(found, count);
    assertNear(interval.low, low, 1e-12);
    assertNear(interval.high, high, 1e-12);
  }
});

test('none and all have an end of the range as their bound', () => {
  assert.equal(wilsonInterval(0, 5).low, 0);
  assert.equal(wilsonInterval(5, 5).high, 1);
});
