import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../../core/result.js';
import { emptyFolder } from '../core/folders.js';
import { nullTarget, runSmall } from '../core/run/small-run.js';
import {
  closed,
  invalidOf,
  loaded,
  open,
  runTroubled,
  warningsOf,
} from '../core/run/troubled-run.js';

test('a worker that is held fires late: invalid, measured three times, all kept', async (t) => {
  const run = await runTroubled(t, 'blocks', { suite: loaded(open(1000)) });
  assert.deepEqual(
    run.cells.map((cell) => [cell.attempt, cell.status, invalidOf(cell)]),
    [0, 1, 2].map((attempt) => [attempt, 'complete', ['PACER_LAG']]),
  );
  const [cell] = run.cells;
  // It is held for 30 ms: the last of them is fired up to 30 ms late.
  const lagMs = cell?.streams[0]?.operations.search?.latencyMs.pacerLag?.p99 ?? 0;
  assert.ok(lagMs > 20, `${lagMs} ms`);
  assert.ok(warningsOf(cell).includes('LOOP_DELAY'), warningsOf(cell).join());
  const [summary] = run.summaries;
  assert.equal(summary?.validRepeats, 0);
  assert.equal(summary?.metrics.throughputQps, undefined);
  assert.equal(summary?.invalid?.length, 3);
});

test('a store that cannot keep up is saturated, which is not invalid', async (context) => {
  // It answers 100 a second.
  const run = await runTroubled(context, 'slow', { suite: loaded(open(300), { timeoutS: 5 }) });
  const [cell] = run.cells;
  assert.equal(run.cells.length, 1);
  assert.deepEqual([cell?.saturated, invalidOf(cell)], [true, []]);
  const { requests, throughputQps = 0 } = cell?.streams[0]?.operations.search ?? {};
  assert.equal(requests?.dropped, 0);
  assert.ok(Math.abs(throughputQps - 100) < 5, `${throughputQps}`);
  assert.equal(run.summaries[0]?.saturated, true);
});

test('a cell that was disturbed once is valid the second time, and only that counts', async (t) => {
  const gates = [{ metric: 'recall', atLeast: 1 }];
  const suite = { ...loaded(open(200)), gates };
  const validOf = ({ cells }: Run) => cells.filter(({ invalid }) => invalid.length === 0);
  let run = await runTroubled(t, 'blocks-once', { suite });
  // Other programs may disturb all three attempts; not every time.
  for (let again = 0; again < 3 && validOf(run).length === 0; again++) {
    run = await runTroubled(t, 'blocks-once', { suite });
  }
  const valid = validOf(run);
  assert.deepEqual(invalidOf(run.cells[0]), ['PACER_LAG']);
  assert.equal(valid.length, 1);
  assert.equal(valid[0], run.cells.at(-1));
  assert.equal(run.summaries[0]?.validRepeats, 1);
  assert.deepEqual(run.summaries[0]?.metrics.throughputQps?.values, [
    valid[0]?.streams[0]?.operations.search?.throughputQps,
  ]);
  assert.equal(run.gates[0]?.verdict, 'pass');
});

test('what a saturated store leaves in line is dropped, counted and said', async (context) => {
  const run = await runTroubled(context, 'slow', { suite: loaded(open(600), { timeoutS: 1 }) });
  const [cell] = run.cells;
  const { requests } = cell?.streams[0]?.operations.search ?? {};
  assert.deepEqual([cell?.saturated, invalidOf(cell)], [true, []]);
  assert.ok((requests?.dropped ?? 0) > 0);
  assert.equal(requests?.offered, (requests?.sent ?? 0) + (requests?.dropped ?? 0));
  assert.ok(warningsOf(cell).includes('NEVER_SENT'));
});

test('a store that keeps up is not saturated', async (context) => {
  const run = await runTroubled(context, 'slow', { suite: loaded(open(50)) });
  assert.equal(run.cells.at(-1)?.saturated, false);
});

test('a spinning pacer is not taken for a busy client', async (context) => {
  const suite = loaded(open(500), { pacer: 'spin' });
  const run = await runTroubled(context, 'none', { suite });
  const cell = run.cells.at(-1);
  const utilization = cell?.resources.client.eventLoopUtilization ?? 1;
  assert.ok(utilization < 0.6, `${utilization}`);
  assert.equal(cell?.clientLimited, false);
});

test('responses that are mostly the pacer are marked, and no gate decides on them', async (t) => {
  const gates = [{ metric: 'responseMsP50', atMost: 100 }];
  const suite = { ...loaded(open(1000), { repeats: 5, durationS: 0.3 }), gates };
  const folder = await emptyFolder(t);
  // One of twenty takes 100 ms, so that a lag of up to 10 ms is valid.
  const options = { law: 'bimodal', medianMs: 1, slowMs: 100, slowFraction: 0.05 };
  const run = await runSmall({ folder, targets: [{ ...nullTarget, options }], suite });
  const cell = run.cells.find(({ invalid }) => invalid.length === 0);
  assert.equal(cell?.pacerLimited, true);
  const { response, firedToDone } = cell?.streams[0]?.operations.search?.latencyMs ?? {};
  assert.ok(response?.pacerLimited?.includes('p50'));
  assert.ok((firedToDone?.p50 ?? 0) < (response?.p50 ?? 0));
  assert.ok(run.summaries[0]?.pacerLimited?.includes('responseMsP50'));
  assert.equal(run.gates[0]?.verdict, 'undecided');
  assert.match(run.gates[0]?.why ?? '', /pacer/);
});

test('a store that stalls is not steady', async (context) => {
  const run = await runTroubled(context, 'stalls', { suite: loaded(closed(1)) });
  assert.ok(warningsOf(run.cells[0]).includes('NOT_STEADY'), warningsOf(run.cells[0]).join());
});

test('a long garbage collection in a worker is a warning', async (context) => {
  const run = await runTroubled(context, 'litters', { suite: loaded(closed(1)) });
  assert.ok(warningsOf(run.cells[0]).includes('GC_PAUSE'), warningsOf(run.cells[0]).join());
});
