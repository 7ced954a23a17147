import assert from 'node:assert/strict';
import { test } from 'node:test';
import report from '../../reports/json.js';
import { readRun } from '../fixtures/read-run.js';

test('one run comes out as the object that went in', async () => {
  const text = Buffer.from(await report.render([readRun()])).toString('utf8');
  assert.deepEqual(JSON.parse(text), readRun());
  assert.ok(text.endsWith('}\n'));
});

test('several runs come out as an array', async () => {
  const text = Buffer.from(await report.render([readRun(), readRun()])).toString('utf8');
  assert.deepEqual(JSON.parse(text), [readRun(), readRun()]);
});
