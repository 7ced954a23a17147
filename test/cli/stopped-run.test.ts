import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { callBench } from './bench-call.js';
import { tinyRun, withFolder } from './bench-process.js';
import { journalLines, readWholeRun, stopBySignal } from './stopped-run.js';

const repeats = 3;
// Two batch sizes in the suite smoke.
const cells = 2 * repeats;
const args = [...tinyRun, '--repeats', String(repeats)];

test('SIGINT ends a run with a valid partial result, which --resume completes', () =>
  withFolder(async (folder) => {
    const run = join(folder, 'run');
    const partial = await stopBySignal(folder, { signal: 'SIGINT', args, cells });
    const resumed = await callBench(['run', '--resume', 'run'], { folder });
    assert.equal(resumed.code, 0, resumed.stderr);
    const whole = readWholeRun(run);
    assert.equal(whole.status, 'complete');
    assert.equal(whole.cells.length, cells);
    assert.deepEqual(whole.cells.slice(0, partial.cells.length), partial.cells);
    // The index was built anew: an instance of its own.
    assert.deepEqual(
      whole.builds.map(({ instance }) => instance),
      [0, 1],
    );
  }));

test('a resumed run that was complete measures nothing and keeps its cells', () =>
  withFolder(async (folder) => {
    assert.equal((await callBench([...tinyRun, '--out', 'run'], { folder })).code, 0);
    const before = journalLines(join(folder, 'run'));
    assert.equal((await callBench(['run', '--resume', 'run'], { folder })).code, 0);
    assert.deepEqual(journalLines(join(folder, 'run')), before);
  }));

test('a full disk ends a run with exit code 3, and with room --resume completes it', () =>
  withFolder(async (folder) => {
    const run = join(folder, 'run');
    mkdirSync(join(run, 'histograms'), { recursive: true });
    // Linux answers every write to /dev/full with "no space left"; the first cell is drafted there.
    const draft = join(run, 'histograms', 'b00-null-flat-s0-l0-r0-a0.json.part');
    symlinkSync('/dev/full', draft);
    const { code, stderr } = await callBench([...tinyRun, '--out', 'run', '--quiet'], { folder });
    assert.equal(code, 3);
    assert.match(stderr, /^error DISK_FULL: writing .*\.json: the disk is full\nhint: free some/);
    assert.equal(existsSync(join(run, 'run.json')), false);
    assert.equal((await callBench(['run', '--resume', 'run', '--quiet'], { folder })).code, 0);
    assert.equal(readWholeRun(run).status, 'complete');
  }));
