import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playUntilRight } from '../../../core/selftest/attempts.js';
import type { Check } from '../../../core/selftest/result.js';

const row = { scenario: 'open', figure: 'service p99', expected: 2, allowed: 0.3 } as const;
const right: Check = { ...row, unit: 'ms', ok: true, measured: 2 };
const late: Check = { ...row, unit: 'ms', ok: false, measured: 3 };
const lost: Check = { ...row, unit: 'requests', ok: false, measured: 1 };

/** Plays what is given, one list of checks an attempt. */
function playing(...lists: Check[][]) {
  let played = 0;
  return () => Promise.resolve({ checks: lists[played++] ?? [], played });
}

test('what is right is played once', async () => {
  const { last, attempts, disturbed } = await playUntilRight(playing([right, right]));
  assert.deepEqual([last.played, attempts, disturbed], [1, 1, []]);
});

test('a time that is off is played again, and what was off is kept', async () => {
  const { last, attempts, disturbed } = await playUntilRight(playing([right, late], [right]));
  assert.deepEqual([last.checks, attempts, disturbed], [[right], 2, [late]]);
});

test('a time that is off three times is off', async () => {
  const play = playing([late], [late, right], [late], [right]);
  const { last, attempts, disturbed } = await playUntilRight(play);
  assert.deepEqual([last.checks, attempts, disturbed], [[late], 3, [late, late]]);
});

test('a count that is off is off at once, with or without a time', async () => {
  for (const checks of [[lost], [late, lost]]) {
    const { last, attempts } = await playUntilRight(playing(checks, [right]));
    assert.deepEqual([last.checks, attempts], [checks, 1]);
  }
});
