import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holmAdjusted } from '../../../core/stats/holm.js';
import { assertNear } from './near.js';

test('the adjusted values are those of statsmodels and R', () => {
  // statsmodels 0.15: multipletests(p, method='holm')[1]; R: p.adjust(p, 'holm').
  const cases = [
    [
      [0.01, 0.04, 0.03, 0.005],
      [0.03, 0.06, 0.06, 0.02],
    ],
    [
      [0.0001, 0.5, 0.02, 0.02, 0.9, 0.013],
      [0.0006, 1, 0.08, 0.08, 1, 0.065],
    ],
    [[0.3], [0.3]],
    [[], []],
  ] as const;
  for (const [given, expected] of cases) {
    const found = holmAdjusted(given);
    assert.equal(found.length, expected.length);
    for (const [index, p] of expected.entries()) assertNear(found[index], p, 1e-12);
  }
});

/** Holm's procedure as he states it: step down from the smallest until one is not rejected. */
function rejectedByHolm(pValues: readonly number[], level: number): boolean[] {
  const rejected = pValues.map(() => false);
  for (let left = pValues.length; left > 0; left--) {
    const open = pValues.filter((_, index) => !rejected[index]);
    const next = pValues.findIndex((p, index) => !rejected[index] && p === Math.min(...open));
    if ((pValues[next] as number) * left > level) break;
    rejected[next] = true;
  }
  return rejected;
}

test('an adjusted value is at most the level where the procedure rejects', () => {
  const p = fc.double({ min: 0, max: 0.2, noNaN: true });
  fc.assert(
    fc.property(fc.array(p, { maxLength: 12 }), (pValues) => {
      const found = holmAdjusted(pValues).map((adjusted) => adjusted <= 0.05);
      assert.deepEqual(found, rejectedByHolm(pValues, 0.05));
    }),
  );
});
