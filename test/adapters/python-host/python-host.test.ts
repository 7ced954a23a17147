import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runPythonTests } from './own-tests.js';

test('the Python side of the engine host passes its own tests', async (context) => {
  const { count, text } = await runPythonTests('test_*.py');
  assert.ok(count > 20, `ran ${count} tests`);
  // Engines whose packages are installed on demand leave their files out unless they are asked for.
  for (const [, why] of text.matchAll(/ skipped ['"](.*)['"]$/gm)) {
    context.diagnostic(`not tested: ${why}`);
  }
});
