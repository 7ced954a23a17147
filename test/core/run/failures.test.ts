import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Cell, Run } from '../../../core/result.js';
import type { Suite } from '../../../core/suite.js';
import type { Fault } from '../../fixtures/adapters/faulty.js';
import { emptyFolder } from '../folders.js';
import { exactTarget, faultyTarget, runSmall } from './small-run.js';

/** A run of stores with faults, and of the exact store beside them. */
async function runWith(
  context: TestContext,
  faults: readonly Fault[],
  suite: Partial<Suite> = {},
): Promise<Run> {
  const folder = await emptyFolder(context);
  const run = await runSmall({
    folder,
    targets: [...faults.map(faultyTarget), exactTarget],
    suite,
  });
  const others = cellsOf(run, 'exact');
  assert.ok(others.length > 0 && others.every(({ status }) => status === 'complete'));
  assert.equal(run.status, 'complete');
  return run;
}

const wrong: Partial<Record<Fault, RegExp>> = {
  'repeats-ids': /no id may repeat, got (\d+) \1/,
  'farthest-first': /an exact index must have recall@10 1, got 0\./,
  'strange-ids': /ids must be 0\.\.199, got 1000/,
  'half-stored': /it should hold 200 rows, it holds 100/,
  'half-indexed': /an exact index must have recall@10 1, got 0\./,
};

const endsEarly: Partial<Record<Fault, RegExp>> = {
  crashes: /ended without its report/,
  'throws-later': /nobody waited for this/,
  'not-opening': /no slot free/,
};

let shared: Promise<Run> | undefined;

/** One run of the stores whose faults show within one repeat, for the tests that look at one. */
function runWithMany(context: TestContext): Promise<Run> {
  const others = ['never-answers', 'resets-some', 'not-closing'] as const;
  const faults = [...Object.keys(wrong), ...Object.keys(endsEarly), ...others] as Fault[];
  shared ??= runWith(context, faults);
  return shared;
}

function cellsOf(run: Run, target: string): Cell[] {
  const build = run.builds.find((one) => one.target === target);
  return run.cells.filter((cell) => cell.build === build?.id);
}

const limit = { timeout: 20_000 };

test('a store that answers wrongly fails verification, others are measured', limit, async (t) => {
  const run = await runWithMany(t);
  for (const [fault, message] of Object.entries(wrong)) {
    const build = run.builds.find(({ target }) => target === fault);
    assert.equal(build?.status, 'failed', fault);
    assert.equal(build?.failure?.code, 'VERIFY_FAILED', fault);
    assert.match(build?.failure?.message ?? '', message);
    assert.deepEqual(cellsOf(run, fault), []);
  }
});

test('a store that never answers fails its build by time-out', limit, async (t) => {
  const run = await runWithMany(t);
  const build = run.builds.find(({ target }) => target === 'never-answers');
  assert.deepEqual([build?.status, build?.failure?.code], ['failed', 'TIMEOUT']);
});

test('a store that hangs fails its cells by time-out, is not asked again', async (context) => {
  const suite = {
    measure: { warmUpS: 0, durationS: 0.05, repeats: 2, timeoutS: 0.02 },
    gates: [{ metric: 'recall', where: { target: 'hangs' }, atLeast: 0.5 }],
  };
  const run = await runWith(context, ['hangs'], suite);
  const cells = cellsOf(run, 'hangs');
  assert.deepEqual(
    cells.map(({ status, failure }) => [status, failure?.code]),
    [
      ['failed', 'TIMEOUT'],
      ['failed', 'TIMEOUT'],
    ],
  );
  const [first, second] = cells;
  const operation = first?.streams[0]?.operations.search;
  assert.equal(operation?.requests.completed, 0);
  assert.ok((operation?.latencyMs.service?.p50 ?? 0) >= 20);
  assert.deepEqual(second?.streams, []);
  assert.equal(run.gates[0]?.verdict, 'no-data');
});

test('a store that dies closes its cell as partial, with its last words', async (context) => {
  const measure = { warmUpS: 0, durationS: 0.05, repeats: 2 };
  const run = await runWith(context, ['dies'], { measure });
  const cells = cellsOf(run, 'dies');
  assert.deepEqual(
    cells.map(({ status }) => status),
    ['partial', 'failed'],
  );
  for (const { failure } of cells) {
    assert.equal(failure?.code, 'HOST_DIED');
    assert.match(failure?.message ?? '', /out of cheese/);
  }
  const requests = cells[0]?.streams[0]?.operations.search?.requests;
  assert.equal(requests?.failed, 1);
  assert.ok(requests.completed > 0);
});

test('a store that dies in the warm-up fails its cells with its last words', async (context) => {
  const measure = { warmUpS: 0.2, durationS: 0.05, repeats: 1 };
  const run = await runWith(context, ['dies'], { measure });
  const [cell] = cellsOf(run, 'dies');
  assert.equal(cell?.status, 'failed');
  assert.equal(cell?.failure?.code, 'HOST_DIED');
  assert.match(cell?.failure?.message ?? '', /out of cheese/);
});

test('a load worker that ends early fails its cell, not the run', async (context) => {
  const run = await runWithMany(context);
  for (const [fault, message] of Object.entries(endsEarly)) {
    const [cell] = cellsOf(run, fault);
    assert.equal(cell?.status, 'failed', fault);
    assert.match(cell?.failure?.message ?? '', message);
    assert.deepEqual(cell?.streams, []);
  }
});

test('failed requests and a store that does not let go are warnings', async (context) => {
  const run = await runWithMany(context);
  const [cell] = cellsOf(run, 'resets-some');
  assert.equal(cell?.status, 'complete');
  const operation = cell?.streams[0]?.operations.search;
  const { sent = 0, completed = 0, failed = 0 } = operation?.requests ?? {};
  assert.equal(sent, completed + failed);
  assert.ok(Math.abs(failed / sent - 0.1) < 0.02, `${failed} of ${sent}`);
  assert.deepEqual(operation?.errors, { ECONNRESET: failed });
  const errors = cell?.warnings.find(({ code }) => code === 'ERRORS');
  assert.match(errors?.message ?? '', /connection reset/);
  const note = run.warnings.find(({ code }) => code === 'NOT_CLOSED');
  assert.match(note?.message ?? '', /does not let go/);
});
