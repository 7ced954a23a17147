import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withLogPaths } from '../../cli/query-log-paths.js';
import type { Suite } from '../../core/suite.js';
import { runBench, tinyRun, withFolder } from './bench-process.js';

function asking(queries: object): string[] {
  const set = (place: string, value: unknown) => ['--set', `${place}=${JSON.stringify(value)}`];
  return [...tinyRun, ...set('streams[0].batch', 1), ...set('streams[0].queries', queries)];
}

test('a run takes its queries from a log in the folder of the caller', async () => {
  await withFolder(async (folder) => {
    writeFileSync(join(folder, 'log.csv'), 'query\n7\n7\n8\n');
    const args = asking({ order: 'log', file: 'log.csv' });
    const { code, stdout, stderr } = await runBench([...args, '--out', 'run', '--quiet'], {
      folder,
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /COVERAGE/);
  });
});

test('a log that asks for a query that is not there is refused before anything runs', async () => {
  await withFolder(async (folder) => {
    writeFileSync(join(folder, 'log.csv'), 'query\n7\n100\n');
    const args = asking({ order: 'log', file: 'log.csv' });
    const { code, stderr } = await runBench([...args, '--dry-run'], { folder });
    assert.equal(code, 3);
    assert.match(stderr, /BAD_DATA: .*log\.csv: line 3: query is 100, .* 0\.\.99/);
  });
});

test('paths of logs belong to a folder, absolute ones to none', () => {
  const stream = { operation: 'search' as const, k: 1, load: [] };
  const ofFile = (file: string) => ({ ...stream, queries: { order: 'log' as const, file } });
  const suite = { streams: [stream, ofFile('a.csv'), ofFile('/b/c.csv')] } as unknown as Suite;
  const files = withLogPaths(suite, '/home').streams.map(({ queries }) => queries?.file);
  assert.deepEqual(files, [undefined, '/home/a.csv', '/b/c.csv']);
});
