import assert from 'node:assert/strict';
import { test } from 'node:test';
import { switchedOn } from '../../core/switched-on.js';

test('a switch that is off is left out; zero, empty text and true are values', () => {
  const values = { M: 16, rescore: false, quantisation: 'off', exact: true, level: 0, factory: '' };
  assert.deepEqual(switchedOn(values), [
    ['M', 16],
    ['exact', true],
    ['level', 0],
    ['factory', ''],
  ]);
});
