import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell } from '../../../core/result.js';
import { Measuring, type MeasuringInput } from '../../../core/run/measuring.js';
import { planOf, sound } from '../plans.js';
import { cellOf } from '../records.js';

const measure = { ...sound.measure, repeats: 4 };
const { cells: planned } = planOf({ measure, indexes: [{ family: 'flat' }] }, { aa: true });
const [first, second] = planned;

/** Attempts at the first pair of the plan: `f` at its first half, `s` the second; `!` invalid. */
function attempts(...words: readonly string[]): Cell[] {
  const counts = new Map<string, number>();
  return words.map((word) => {
    const half = word.startsWith('f') ? first : second;
    const { id = '', pair = 0, role = 'base', repeat = 0 } = half ?? {};
    const attempt = counts.get(id) ?? 0;
    counts.set(id, attempt + 1);
    const invalid = word.endsWith('!') ? [{ code: 'PACER_LAG', message: 'late' }] : [];
    return cellOf({ id: `${id}-a${attempt}`, pair, role, repeat, attempt, invalid });
  });
}

/** Whether each half of the first pair is done. */
function doneAfter(...words: readonly string[]): (boolean | undefined)[] {
  // Nothing else is asked for as long as nothing is measured.
  const measuring = new Measuring({ cells: attempts(...words) } as unknown as MeasuringInput);
  return [first, second].map((half) => half && measuring.isDone(half));
}

test('halves are done together, once both are valid one right after the other', () => {
  assert.deepEqual(doneAfter(), [false, false]);
  assert.deepEqual(doneAfter('f'), [false, false]);
  assert.deepEqual(doneAfter('f', 's'), [true, true]);
  assert.deepEqual(doneAfter('f', 's!'), [false, false]);
  assert.deepEqual(doneAfter('f', 's!', 'f', 's'), [true, true]);
  // A run that was cut off between its halves measures both anew.
  assert.deepEqual(doneAfter('f', 'f', 's'), [true, true]);
});

test('a pair is given up after three attempts at either half', () => {
  assert.deepEqual(doneAfter('f', 's!', 'f!', 's'), [false, false]);
  assert.deepEqual(doneAfter('f', 's!', 'f!', 's', 'f!', 's!'), [true, true]);
});
