import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeWork, isSameWork } from '../../../core/load/describe-work.js';
import { summaryOf } from '../records.js';

const { load } = summaryOf({});
const four = { ...load, concurrency: 4 };

test('a stream that is called as its operation needs no name', () => {
  const operation = 'search';
  assert.equal(describeWork({ stream: 'search', operation, load }), 'closed 1');
  assert.equal(describeWork({ load }), 'closed 1');
  assert.equal(
    describeWork({ stream: 'search-genre', operation, load: four }),
    'search-genre, closed 4',
  );
});

test('other streams, operations and loads are other work; what is not said is none', () => {
  const one = { stream: 'a', operation: 'search', load };
  assert.ok(isSameWork(one, { ...one, load: { ...load } }));
  assert.ok(!isSameWork(one, { ...one, stream: 'b' }));
  assert.ok(!isSameWork(one, { ...one, operation: 'get' }));
  assert.ok(!isSameWork(one, { ...one, load: four }));
  assert.ok(isSameWork(one, { load }));
  assert.ok(isSameWork({ load }, one));
});
