import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedPairs } from '../../../core/noise/pairs.js';
import type { Cell } from '../../../core/result.js';
import { cellOf } from '../records.js';

/** Halves as words: pair, role, and what is wrong; `0h` is sound, `1b!` invalid, `2b-` partial. */
function cellsOf(...words: readonly string[]): Cell[] {
  return words.map((word) => {
    const [, pair, role, flaw] = /^(\d)([bh])([!-]?)$/.exec(word) ?? [];
    return cellOf({
      id: word,
      pair: Number(pair),
      role: role === 'b' ? 'base' : 'head',
      status: flaw === '-' ? 'partial' : 'complete',
      invalid: flaw === '!' ? [{ code: 'PACER_LAG', message: 'late' }] : [],
    });
  });
}

function namesOf(cells: readonly Cell[]): string[] {
  return countedPairs(cells).map(({ base, head }) => `${base.id} ${head.id}`);
}

test('halves that follow each other are a pair, whichever came first', () => {
  const cells = cellsOf('0h', '0b', '1b', '1h');
  assert.deepEqual(namesOf(cells), ['0b 0h', '1b 1h']);
  assert.deepEqual(
    countedPairs(cells).map(({ pair, inOrder }) => [pair, ...inOrder.map(({ id }) => id)]),
    [
      [0, '0h', '0b'],
      [1, '1b', '1h'],
    ],
  );
});

test('a pair with an invalid or partial half does not count', () => {
  assert.deepEqual(namesOf(cellsOf('0h', '0b!', '1b-', '1h', '2b', '2h')), ['2b 2h']);
});

test('halves that were measured at other times are no pair', () => {
  // The second half alone was measured again, at the end.
  assert.deepEqual(namesOf(cellsOf('0b', '0h!', '1b', '1h', '0h')), ['1b 1h']);
});

test('a pair that was measured again counts once, with both halves of that time', () => {
  const [b, h, , , b2, h2] = cellsOf('0b', '0h!', '1b', '1h', '0b', '0h');
  const again = [b, h, b2, h2].flatMap((cell) => cell ?? []);
  assert.equal(countedPairs(again).length, 1);
  assert.equal(countedPairs(again)[0]?.base, b2);
  assert.equal(countedPairs([...cellsOf('0b', '0h'), ...cellsOf('0b', '0h')]).length, 1);
});

test('halves of other points, of other builds, or without a pair are none', () => {
  const [base, head] = cellsOf('0b', '0h');
  assert.ok(base !== undefined && head !== undefined);
  assert.deepEqual(countedPairs([base, { ...head, key: 'other' }]), []);
  assert.deepEqual(countedPairs([base, { ...head, build: 'other' }]), []);
  assert.deepEqual(countedPairs([base, { ...head, instance: 1 }]), []);
  assert.deepEqual(countedPairs([base, base]), []);
  assert.deepEqual(countedPairs([cellOf(), cellOf({ repeat: 1 })]), []);
});
