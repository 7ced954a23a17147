import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Settings } from '../../../core/capacity/find.js';
import { chooseSetting, type Probe } from '../../../core/capacity/tune.js';
import type { PlannedCell } from '../../../core/plan.js';
import { groupsOf } from '../../../core/run/capacities.js';
import { settingsOf } from './trial-cells.js';

/** Recall grows and speed falls with effort, which is the product of all numbers. */
function storeOf(wanted: number) {
  const tried: PlannedCell[] = [];
  const probe = async (cell: PlannedCell): Promise<Probe> => {
    tried.push(cell);
    const effort = Object.values(cell.search).reduce<number>(
      (product, value) => product * (typeof value === 'number' ? value : 1),
      1,
    );
    const recall = 1 - 1 / (1 + effort);
    return { passed: recall >= wanted, qps: 10_000 / effort, recall, cell: cell.id };
  };
  return { tried, probe };
}

test('of one sweep the first setting that passes is found by halving', async () => {
  const settings = settingsOf([1, 2, 4, 8, 16, 32, 64, 128].map((nprobe) => ({ nprobe })));
  const { tried, probe } = storeOf(0.9);
  const { chosen } = await chooseSetting(settings as unknown as Settings, probe);
  // 1 - 1 / 17 is the first above 0.9; ceil(log2 9) tries tell which of nine outcomes it is.
  assert.deepEqual(chosen.search, { nprobe: 16 });
  assert.ok(tried.length <= 4, `${tried.length} tried`);
});

test('of several parameters the fastest that passes is found without trying all', async () => {
  const searches = [1, 2, 4, 8, 16, 32].flatMap((nprobe) =>
    [1, 2, 4, 8, 16, 32].map((kFactor) => ({ nprobe, kFactor })),
  );
  const { tried, probe } = storeOf(0.95);
  const { chosen, settings } = await chooseSetting(
    settingsOf(searches) as unknown as Settings,
    probe,
  );
  // Effort 32 is the least above 19.
  assert.equal(Number(chosen.search.nprobe) * Number(chosen.search.kFactor), 32);
  assert.equal(settings, 36);
  assert.ok(tried.length <= 18, `${tried.length} of 36 tried`);
});

test('where none passes the best is told; values without an order are all tried', async () => {
  const { probe } = storeOf(0.999);
  const numbers = settingsOf([{ nprobe: 4 }, { nprobe: 8 }]);
  const none = await chooseSetting(numbers as unknown as Settings, probe);
  assert.deepEqual([none.chosen.search, none.probe.passed], [{ nprobe: 8 }, false]);
  const modes = settingsOf([{ mode: 'a' }, { mode: 'b' }, { mode: 'c' }]);
  const { tried } = await chooseSetting(modes as unknown as Settings, storeOf(0.1).probe);
  assert.equal(tried.length, 3);
});

test('settings that differ in tuned parameters only share an answer', () => {
  const cells = settingsOf(
    [4, 8].flatMap((nprobe) => [1, 2].map((kFactor) => ({ nprobe, kFactor }))),
  );
  const sizes = (tuned: string[]) => groupsOf(cells, tuned).map(({ length }) => length);
  assert.deepEqual(sizes([]), [1, 1, 1, 1]);
  assert.deepEqual(sizes(['nprobe']), [2, 2]);
  assert.deepEqual(sizes(['nprobe', 'kFactor']), [4]);
});
