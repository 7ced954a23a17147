import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runPythonTests } from '../adapters/python-host/own-tests.js';

test('FAISS finds in wiki-movies what it finds when it is called directly', async () => {
  assert.equal((await runPythonTests('published_recall.py')).count, 3);
});
