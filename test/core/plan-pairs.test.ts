import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlannedCell } from '../../core/plan.js';
import { planOf, sound } from './plans.js';

const measure = { ...sound.measure, repeats: 12 };

function pairedCells(seed = 1): readonly PlannedCell[] {
  return planOf({ measure }, { aa: true, seed }).cells;
}

test('an A/A run measures every repeat as two halves, one right after the other', () => {
  const cells = pairedCells();
  // 26 points, see plan.test.ts.
  assert.equal(cells.length, 2 * 12 * 26);
  for (let index = 0; index < cells.length; index += 2) {
    const [first, second] = cells.slice(index, index + 2);
    assert.equal(first?.partner, second?.id);
    assert.equal(second?.partner, first?.id);
    assert.deepEqual([first?.role, second?.role].sort(), ['base', 'head']);
    assert.equal(first?.pair, second?.pair);
    assert.deepEqual([first?.build, first?.search], [second?.build, second?.search]);
    assert.equal(first?.streams, second?.streams);
  }
});

test('pairs of different points are interleaved in blocks of one pair each', () => {
  const cells = pairedCells();
  for (let pair = 0; pair < 12; pair++) {
    const block = cells.slice(52 * pair, 52 * (pair + 1));
    assert.ok(block.every((cell) => cell.pair === pair));
    assert.equal(new Set(block.map(({ id }) => id)).size, 52);
  }
});

test('which half comes first is random, and follows from the seed', () => {
  const firsts = pairedCells().filter((_, index) => index % 2 === 0);
  const bases = firsts.filter(({ role }) => role === 'base').length;
  // Binomial of 312 and 0.5: 99.9 % lie within 127..185.
  assert.ok(bases >= 127 && bases <= 185, `${bases}`);
  assert.deepEqual(pairedCells(), pairedCells());
  const idsOf = (seed: number) => pairedCells(seed).map(({ id }) => id);
  assert.notDeepEqual(idsOf(1), idsOf(2));
});

test('repeats count the halves in the order of measuring; ids are unique names of files', () => {
  const cells = pairedCells();
  const ids = cells.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[a-z0-9-]+$/);
  const point = cells.filter(({ id }) => id.startsWith('b00-engine-flat-s0-l0-'));
  assert.deepEqual(
    point.map(({ repeat }) => repeat),
    Array.from({ length: 24 }, (_, repeat) => repeat),
  );
});

test('the time is that of both halves', () => {
  // 624 cells of 0.5 + 2 s.
  assert.equal(planOf({ measure }, { aa: true }).measuringS, 1560);
});

test('fewer than four pairs are a mistake that names --repeats', () => {
  assert.throws(() => planOf({}, { aa: true }), {
    code: 'BAD_SUITE',
    exitCode: 2,
    message: /measure\.repeats must be 4 or more with --aa, .* got 3; give --repeats/,
  });
  const four = { ...measure, repeats: 4 };
  assert.doesNotThrow(() => planOf({ measure: four }, { aa: true }));
  assert.doesNotThrow(() => planOf({}));
});
