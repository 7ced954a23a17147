import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairedRatio, pairedVerdict } from '../../../core/stats/paired.js';
import { falseAlarms } from '../../../core/stats/sign-flips.js';
import { seededNormal } from './draws.js';

test('of four equal ratios only the two choices of equal signs are an alarm', () => {
  // By hand: 3 against 1 has the mean m / 2 and the standard error m / 2, so t = 1 < 3.18.
  const { method, draws, anyEffect, minimumEffect } = falseAlarms([0.1, 0.1, -0.1, 0.1], {
    seed: 1,
  });
  assert.deepEqual([method, draws], ['all signs', 16]);
  assert.deepEqual([anyEffect, minimumEffect], [{ rate: 2 / 16 }, { rate: 2 / 16 }]);
});

test('an alarm below the minimum effect is not one of note', () => {
  // ln 1.05 is 0.0488: 0.04 is less, and more than ln 1.03.
  const small = [0.04, 0.04, 0.04, 0.04];
  assert.equal(falseAlarms(small, { seed: 1 }).anyEffect.rate, 2 / 16);
  assert.equal(falseAlarms(small, { seed: 1 }).minimumEffect.rate, 0);
  assert.equal(falseAlarms(small, { seed: 1, minimumEffect: 0.03 }).minimumEffect.rate, 2 / 16);
});

test('identical halves never differ', () => {
  assert.equal(falseAlarms([0, 0, 0, 0, 0], { seed: 1 }).anyEffect.rate, 0);
});

test('every choice of signs is judged as a comparison judges it', () => {
  const ratios = [0.08, 0.11, 0.02, 0.07, 0.09, 0.05, 0.1, 0.06];
  // The comparison itself, over all choices of which half is called the base.
  let differ = 0;
  let notable = 0;
  for (let bits = 0; bits < 256; bits++) {
    const pairs = ratios.map((ratio, index) => {
      const isTurned = (bits >> index) & 1;
      return { base: 1, head: Math.exp(isTurned ? -ratio : ratio) };
    });
    const found = pairedRatio(pairs);
    assert.ok(found !== undefined);
    if (found.interval.low > 1 || found.interval.high < 1) differ += 1;
    if (['more', 'less'].includes(pairedVerdict(found))) notable += 1;
  }
  const { anyEffect, minimumEffect } = falseAlarms(ratios, { seed: 1 });
  assert.ok(differ > 0 && notable < differ + 1);
  assert.deepEqual([anyEffect.rate, minimumEffect.rate], [differ / 256, notable / 256]);
});

test('signs of many ratios are drawn from the seed, with an interval that holds the level', () => {
  // The t-test of normal values has its level, 5 %, whatever the signs.
  const normal = seededNormal(7);
  const ratios = Array.from({ length: 40 }, () => 0.02 * normal());
  const found = falseAlarms(ratios, { seed: 3 });
  assert.deepEqual([found.method, found.draws], ['drawn signs', 10_000]);
  const { low = 1, high = 0, rate } = found.anyEffect;
  assert.ok(low < rate && rate < high && high - low < 0.01);
  assert.ok(low < 0.055 && high > 0.045, `${low}..${high}`);
  // The spread of a mean of 40 is 0.3 %.
  assert.equal(found.minimumEffect.rate, 0);
  assert.deepEqual(falseAlarms(ratios, { seed: 3 }), found);
  assert.notEqual(falseAlarms(ratios, { seed: 4 }).anyEffect.rate, rate);
});
