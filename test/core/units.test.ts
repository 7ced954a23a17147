import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatNumber, formatSeconds } from '../../core/units.js';

test('bytes are printed in powers of 1024 with three digits or more', () => {
  const expected = {
    0: '0 B',
    1023: '1023 B',
    1024: '1.00 KiB',
    1536: '1.50 KiB',
    30000000: '28.6 MiB',
    // 999.6 KiB rounds to four digits, not to an exponent.
    1023590: '999.6 KiB',
    1047552: '1023 KiB',
    1099511627776: '1.00 TiB',
    4398046511104000: '4000 TiB',
    '-1536': '-1.50 KiB',
  };
  for (const [bytes, text] of Object.entries(expected)) {
    assert.equal(formatBytes(Number(bytes)), text);
  }
});

test('seconds are printed as a person says them', () => {
  const expected = [
    [0, '0 s'],
    [42.4, '42 s'],
    [119.4, '119 s'],
    [119.6, '2 min 00 s'],
    [185, '3 min 05 s'],
    [7199.6, '2 h 00 min'],
    [7320, '2 h 02 min'],
  ] as const;
  for (const [seconds, text] of expected) assert.equal(formatSeconds(seconds), text);
});

test('numbers are printed with three digits and separators', () => {
  const expected = [
    [12_300.4, '12,300'],
    [0.042_13, '0.0421'],
    [0, '0'],
    [-1234.6, '-1,235'],
    [99.96, '100'],
    [7, '7'],
    [1.005, '1'],
  ] as const;
  for (const [value, text] of expected) {
    assert.equal(formatNumber(value), text);
  }
});
