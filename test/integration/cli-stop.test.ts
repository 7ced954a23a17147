import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tinyRun, withFolder } from '../cli/bench-process.js';
import { killAgainAndAgain, stopBySignal } from '../cli/stopped-run.js';

const rounds = Number(process.env.BENCH_KILL_ROUNDS ?? 10);

test(`a FAISS run that is killed ${rounds} times loses no finished cell and ends complete`, () =>
  withFolder(async (folder) => {
    const repeats = 3;
    const finished = await killAgainAndAgain(folder, {
      args: [
        ...['run', '--suite', 'flat', '--dataset', 'siftsmall', '--repeats', String(repeats)],
        ...['--set', 'measure.durationS=0.2', '--set', 'measure.warmUpS=0.05'],
      ],
      // Three batch sizes at two levels of concurrency.
      cells: 6 * repeats,
      rounds,
      seed: 10,
      latestMs: 2500,
    });
    assert.ok(finished.some((count) => count > 0));
  }));

test('SIGTERM ends a run with a valid partial result', () =>
  withFolder(async (folder) => {
    const args = [...tinyRun, '--repeats', '4'];
    await stopBySignal(folder, { signal: 'SIGTERM', args, cells: 8 });
  }));
