import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseSlo } from '../../../core/capacity/slo.js';
import { requestBudget, sentOf } from '../../../core/load/request-budget.js';
import type { Run } from '../../../core/result.js';
import { emptyFolder } from '../folders.js';
import { nullTarget, runSmall, type SmallRun } from './small-run.js';

/** A run on the null store as if it was elsewhere, with so many requests. */
async function runWith(most: number, small: SmallRun): Promise<{ run: Run; sent: number }> {
  const budget = requestBudget(most);
  const run = await runSmall({ targets: [{ ...nullTarget, budget }], ...small });
  return { run, sent: sentOf(budget) };
}

const said = (most: number) => `all ${most} requests of --max-requests were sent`;

test('a budget that ends while an index is verified leaves no cell', async (context) => {
  const folder = await emptyFolder(context);
  const { run, sent } = await runWith(2, { folder });
  assert.equal(sent, 2);
  assert.equal(run.status, 'partial');
  assert.deepEqual(run.stopped, { code: 'REQUESTS_SPENT', message: said(2) });
  assert.deepEqual([run.builds, run.cells], [[], []]);
});

test('a budget is one for all workers, and finished cells are kept', async (context) => {
  const folder = await emptyFolder(context);
  const budget = requestBudget(260);
  const targets = [{ ...nullTarget, options: { law: 'constant', medianMs: 1 }, budget }];
  const load = [{ kind: 'closed' as const, concurrency: 2 }];
  const suite = {
    streams: [{ operation: 'search' as const, k: 10, load }],
    measure: { warmUpS: 0, durationS: 0.05, repeats: 100, sampleHz: 0 as const, workers: 2 },
  };
  const run = await runSmall({ folder, suite, targets });
  assert.equal(sentOf(budget), 260);
  assert.equal(run.status, 'partial');
  assert.deepEqual(run.stopped, { code: 'REQUESTS_SPENT', message: said(260) });
  // Two callers get 2 answers a millisecond at most: 200 in a cell and its rehearsal.
  const last = run.cells.at(-1) ?? assert.fail('no cell');
  const whole = run.cells.filter(({ status }) => status === 'complete');
  assert.ok(whole.length >= 1 && whole.length === run.cells.length - 1);
  assert.deepEqual(last.failure, { code: 'REQUESTS_SPENT', message: said(260) });
  const { requests, errors } = last.streams[0]?.operations.search ?? assert.fail('no search');
  assert.deepEqual([requests.failed, errors], [0, {}]);
  const journal = await readFile(join(folder, 'journal.ndjson'), 'utf8');
  assert.equal(journal.split('"type":"cell"').length - 1, run.cells.length);
});

test('a search for the highest rate ends with the budget', async (context) => {
  const folder = await emptyFolder(context);
  const load = [{ kind: 'open' as const, rateQps: 1 }];
  const suite = { streams: [{ operation: 'search' as const, k: 10, load }] };
  const capacity = { slo: parseSlo('recall>=0.5'), budgetS: 60, tune: [] };
  const { run, sent } = await runWith(2000, { folder, suite, input: { capacity } });
  assert.equal(sent, 2000);
  assert.deepEqual([run.status, run.stopped?.code], ['partial', 'REQUESTS_SPENT']);
  assert.deepEqual(run.capacity, []);
});
