import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName, suggestion } from '../../core/nearest.js';

const names = ['nlist', 'nprobe', 'efSearch', 'm'];

test('a mistyped name finds the nearest, whatever its case', () => {
  assert.equal(nearestName('nprob', names), 'nprobe');
  assert.equal(nearestName('efsearch', names), 'efSearch');
  assert.equal(nearestName('NLIST', names), 'nlist');
});

test('a name that is like none finds none', () => {
  assert.equal(nearestName('quantiser', names), undefined);
  assert.equal(nearestName('nlist', []), undefined);
});

test('a suggestion names the nearest, else all that there is', () => {
  assert.equal(suggestion('nprobes', names), 'did you mean nprobe?');
  assert.equal(suggestion('quantiser', ['a', 'b']), 'one of: a, b');
  assert.equal(suggestion('quantiser', []), 'there is none');
});
