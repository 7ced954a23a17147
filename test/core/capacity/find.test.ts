import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Adapter } from '../../../core/adapter.js';
import { findCapacity, type Settings, type TrialBench } from '../../../core/capacity/find.js';
import { parseSlo } from '../../../core/capacity/slo.js';
import type { PlannedCell } from '../../../core/plan.js';
import { settingsOf, trialOf, usualRecall } from './trial-cells.js';

const slo = parseSlo('p99<=20ms,recall>=0.9');

/** A store whose p99 is 5 ms up to a rate and 50 ms above; callers get half more than that. */
function benchOf(capacityQps: number, recallOf: (cell: PlannedCell) => number = () => 0.96) {
  const measured: PlannedCell[] = [];
  const notes: string[] = [];
  const bench: TrialBench = {
    async measure(cell) {
      measured.push(cell);
      const { rateQps } = cell.streams[0]?.load ?? {};
      const recall = { ...usualRecall, mean: recallOf(cell), high: recallOf(cell) };
      const seen =
        rateQps === undefined
          ? { throughputQps: 1.5 * capacityQps }
          : { rateQps, response: { p99: rateQps <= capacityQps ? 5 : 50 } };
      const trial = trialOf({ ...seen, operation: { recall } });
      const [stream] = trial.streams;
      if (rateQps === undefined && stream !== undefined) delete stream.load.rateQps;
      return { ...trial, id: `${cell.id}-a0` };
    },
    note: (line) => notes.push(line),
  };
  return { measured, notes, bench };
}

function planned(searches: readonly PlannedCell['search'][]): Settings {
  const target = { name: 'faiss', adapterName: 'faiss', adapter: {} as Adapter };
  const build = {
    ...{ id: 'b00-faiss-ivf-flat', params: { nlist: 128 } },
    ...{ target, support: { family: 'ivf-flat' } },
  } as unknown as PlannedCell['build'];
  return settingsOf(searches).map((cell) => ({ ...cell, build })) as unknown as Settings;
}

test('the capacity is what a long trial confirmed, with its bracket and every trial', async () => {
  const { bench, measured, notes } = benchOf(1000);
  const task = { slo, budgetS: 600, tune: [] };
  const found = await findCapacity(task, planned([{ nprobe: 4 }]), bench);
  const { ending, confirmedQps = 0, bracket, trials, confirmation, tuned } = found;
  assert.equal(ending, 'confirmed');
  assert.ok(confirmedQps <= 1000 && confirmedQps >= 970);
  assert.equal(bracket.passedQps, confirmedQps);
  assert.ok((bracket.failedQps ?? 0) > 1000);
  assert.deepEqual(
    trials.map(({ cell }) => cell),
    measured.map(({ id }) => `${id}-a0`),
  );
  assert.equal(notes.length, trials.length);
  assert.equal(trials[0]?.kind, 'probe');
  // 0.7 of what the callers got, which is 1.5 times the capacity.
  assert.equal(trials[1]?.rateQps, 1050);
  assert.equal(confirmation, trials.at(-1)?.cell);
  assert.equal(tuned, undefined);
  assert.deepEqual(
    [found.target, found.search, found.load.rateQps],
    ['faiss', { nprobe: 4 }, undefined],
  );
  assert.ok(measured.every(({ role }) => role === 'trial'));
  assert.equal(new Set(measured.map(({ id }) => id)).size, measured.length);
});

test('a recall that no rate can reach is told after one probe', async () => {
  const { bench, measured } = benchOf(1000, () => 0.6);
  const task = { slo, budgetS: 600, tune: [] };
  const { ending, trials, bracket } = await findCapacity(task, planned([{ nprobe: 4 }]), bench);
  assert.equal(ending, 'nothing-passes');
  assert.equal(measured.length, 1);
  assert.deepEqual(trials[0]?.why, ['recall 0.600, wanted recall>=0.9']);
  assert.deepEqual(bracket, {});
});

test('of tuned settings the one that passes is searched, and what was tried is told', async () => {
  const recallOf = ({ search }: PlannedCell): number => (Number(search.nprobe) >= 16 ? 0.95 : 0.8);
  const { bench } = benchOf(1000, recallOf);
  const settings = planned([4, 8, 16, 32].map((nprobe) => ({ nprobe })));
  const found = await findCapacity({ slo, budgetS: 600, tune: ['nprobe'] }, settings, bench);
  assert.deepEqual(found.search, { nprobe: 16 });
  assert.equal(found.ending, 'confirmed');
  assert.equal(found.tuned?.settings, 4);
  assert.ok((found.tuned?.tried.length ?? 4) < 4);
});

test('a rate that must be carried is tried first, and nothing below it', async () => {
  const { bench, measured } = benchOf(1000);
  const task = { slo: parseSlo('p99<=20ms,qps>=3000'), budgetS: 600, tune: [] };
  const { ending } = await findCapacity(task, planned([{ nprobe: 4 }]), bench);
  assert.equal(ending, 'nothing-passes');
  const rates = measured.flatMap(({ streams }) => streams[0]?.load.rateQps ?? []);
  assert.deepEqual(new Set(rates), new Set([3000]));
});

test('without time for a trial and a long one nothing is tried beyond the probe', async () => {
  const { bench, measured } = benchOf(1000);
  const task = { slo, budgetS: 2, tune: [], fromQps: 3000 };
  const { ending } = await findCapacity(task, planned([{ nprobe: 4 }]), bench);
  assert.equal(ending, 'out-of-time');
  assert.equal(measured.length, 1);
});
