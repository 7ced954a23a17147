import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Point, paretoFront } from '../../../core/stats/pareto.js';

/** Every point against every other, as the definition says. */
function slowFront(points: readonly Point[], sign: number): Set<string> {
  const beats = (a: Point, b: Point): boolean =>
    a.recall >= b.recall &&
    sign * a.value >= sign * b.value &&
    (a.recall > b.recall || a.value !== b.value);
  const front = points.filter((point) => !points.some((other) => beats(other, point)));
  return new Set(front.map(({ recall, value }) => `${recall}/${value}`));
}

test('the front is what comparing every pair gives, for more and for less', () => {
  const grid = fc.record({ recall: fc.integer({ max: 9, min: 0 }), value: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(grid, { maxLength: 30 }), fc.boolean(), (values, more) => {
      const points = values.map((value, index) => ({ key: `p${index}`, ...value }));
      const front = paretoFront(points, more ? 'more' : 'less');
      const places = front.map((key) => {
        const { recall, value } = points.find((point) => point.key === key) as Point;
        return `${recall}/${value}`;
      });
      // Of equal points one stands for all.
      assert.equal(new Set(places).size, places.length);
      assert.deepEqual(new Set(places), slowFront(points, more ? 1 : -1));
    }),
  );
});

test('the front goes by rising recall', () => {
  const points = [
    { key: 'best', recall: 0.99, value: 100 },
    { key: 'fast', recall: 0.5, value: 900 },
    { key: 'beaten', recall: 0.5, value: 800 },
    { key: 'middle', recall: 0.9, value: 300 },
    { key: 'slower', recall: 0.8, value: 300 },
  ];
  assert.deepEqual(paretoFront(points, 'more'), ['fast', 'middle', 'best']);
  assert.deepEqual(paretoFront(points, 'less'), ['best']);
});

test('no points have no front', () => {
  assert.deepEqual(paretoFront([], 'more'), []);
});
