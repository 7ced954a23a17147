import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../core/paths.js';
import report from '../../reports/html.js';
import { readRun } from '../fixtures/read-run.js';

const path = join(packageRoot(), 'test', 'golden', 'report.html');

/** The page without its style and script, and without the hashes that follow from them. */
function normalised(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, '<style></style>')
    .replace(/<script>.*?<\/script>/s, '<script></script>')
    .replace(/sha256-[^&]+/g, 'sha256-...');
}

test('the report of the stored run is the stored page, charts included', async () => {
  const page = normalised(Buffer.from(await report.render([readRun()])).toString('utf8'));
  if (process.env.BENCH_UPDATE_GOLDEN === '1') writeFileSync(path, page);
  const stored = readFileSync(path, 'utf8');
  const lines = page.split('\n');
  const differs = stored.split('\n').findIndex((line, index) => line !== lines[index]);
  const hint = 'look at it, then update with BENCH_UPDATE_GOLDEN=1';
  assert.equal(differs, -1, `line ${differs + 1} of test/golden/report.html differs: ${hint}`);
  assert.equal(page.length, stored.length);
});
