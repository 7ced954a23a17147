import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { decodeHistogram } from '../../../core/measure/histogram.js';
import { silentProgress } from '../../../core/progress.js';
import { type Cell, type OperationResult, type Run, runSchema } from '../../../core/result.js';
import { distributionsSchema, readRun } from '../../../core/run/store.js';
import type { Suite } from '../../../core/suite.js';
import { vectorOf } from '../../../core/vectors.js';
import { emptyFolder } from '../folders.js';
import { randomTable, slowNearest, smallDataset } from '../tables.js';
import { exactTarget, nullTarget, runSmall } from './small-run.js';

function searchOf(cell: Cell | undefined): OperationResult {
  const operation = cell?.streams[0]?.operations.search;
  assert.ok(operation !== undefined);
  return operation;
}

async function recordsOf(folder: string, cell: Cell): Promise<Int32Array> {
  const bytes = await readFile(join(folder, 'ids', `${cell.id}.i32`));
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Recall of answers by comparing every row; the mean over queries of the mean over answers. */
function slowRecall(records: Int32Array, k: number, nearest: readonly (readonly number[])[]) {
  const byQuery = new Map<number, number[]>();
  for (let at = 0; at < records.length; at += k + 1) {
    const query = records[at] as number;
    const truth = new Set(nearest[query]);
    const found = new Set(records.subarray(at + 1, at + 1 + k));
    const right = [...found].filter((id) => truth.has(id)).length;
    byQuery.set(query, [...(byQuery.get(query) ?? []), right / k]);
  }
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean([...byQuery.values()].map(mean));
}

const finishedSuite: Partial<Suite> = {
  streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: [1, 3] }] }],
  measure: { warmUpS: 0.02, durationS: 0.05, repeats: 1, workers: 2 },
  gates: [
    { metric: 'recall', atLeast: 1 },
    { metric: 'failed', atMost: 0 },
    { metric: 'throughputQps', atLeast: 1 },
  ],
};
const finished = { targets: [exactTarget, nullTarget], suite: finishedSuite };

const original = await mkdtemp(join(tmpdir(), 'bench-test-'));
after(() => rm(original, { recursive: true }));
let measured: Promise<Run> | undefined;

/** A run of two stores under two loads, measured once for all tests: each has a copy to itself. */
async function finishedRun(context: TestContext): Promise<{ folder: string; run: Run }> {
  measured ??= runSmall({ folder: original, ...finished });
  const run = await measured;
  const folder = await emptyFolder(context);
  await cp(original, folder, { recursive: true });
  return { folder, run };
}

test('a run of two stores under two loads is whole and valid', async (context) => {
  const { folder, run } = await finishedRun(context);
  assert.deepEqual(await readRun(folder), runSchema.parse(run));
  assert.equal(run.status, 'complete');
  assert.equal(run.cells.length, 4);
  assert.ok(run.cells.every(({ status }) => status === 'complete'));
  assert.deepEqual(
    run.cells.map(({ sequence }) => sequence),
    [0, 1, 2, 3],
  );
  assert.deepEqual(
    run.gates.map(({ verdict }) => verdict),
    ['pass', 'pass', 'undecided'],
  );
  assert.equal(run.summaries.length, 4);
  for (const cell of run.cells) {
    const { recall, requests, throughputQps } = searchOf(cell);
    assert.deepEqual([recall?.mean, recall?.coverage, recall?.answered], [1, 1, 1]);
    assert.equal(requests.failed, 0);
    assert.ok(throughputQps > 0 && cell.durationS >= 0.05);
  }
  // A stand-in is marked and stands on no front.
  assert.deepEqual(
    run.targets.map(({ name, standIn }) => [name, standIn]),
    [
      ['exact', false],
      ['null', true],
    ],
  );
  assert.deepEqual([...new Set(run.fronts.map(({ target }) => target))], ['exact']);
});

/** The store that is measured loses ids; the one that is verified does not. */
async function lossyRun(folder: string): Promise<Run> {
  const lossy = new URL('../../fixtures/adapters/lossy.js', import.meta.url).href;
  return runSmall({
    folder,
    targets: [{ ...exactTarget, adapterUrl: lossy }],
    suite: {
      streams: [
        { operation: 'search', k: 7, batch: [1, 3], load: [{ kind: 'closed', concurrency: 2 }] },
      ],
    },
    input: { keepIds: true },
  });
}

test('recall is what a recomputation from the kept ids gives', async (context) => {
  const folder = await emptyFolder(context);
  const run = await lossyRun(folder);
  const dataset = smallDataset();
  const nearest = Array.from({ length: 20 }, (_, query) =>
    slowNearest(dataset, vectorOf(dataset.queries, query), 7),
  );
  assert.equal(run.cells.length, 2);
  for (const cell of run.cells) {
    const records = await recordsOf(folder, cell);
    const { recall, throughputQps } = searchOf(cell);
    const expected = slowRecall(records, 7, nearest);
    assert.ok(expected > 0.2 && expected < 0.9, `recall ${expected}`);
    assert.ok(Math.abs((recall?.mean ?? 0) - expected) <= 1e-9);
    // One record a query answered inside the window.
    const answers = records.length / 8;
    assert.equal(recall?.judged, answers);
    assert.ok(Math.abs(throughputQps * cell.durationS - answers) < 1e-6 * answers);
  }
});

test('the stored distributions decode to the printed percentiles', async (context) => {
  const { folder, run } = await finishedRun(context);
  const cell = run.cells[0] as Cell;
  const operation = searchOf(cell);
  const text = await readFile(join(folder, operation.histograms ?? ''), 'utf8');
  const stored = distributionsSchema.parse(JSON.parse(text)).streams.search;
  const { service } = operation.latencyMs;
  const histogram = decodeHistogram(Buffer.from(stored?.histograms.service ?? '', 'base64'));
  assert.equal(histogram.totalCount, service?.count);
  assert.equal(histogram.totalCount, operation.requests.sent);
  const printed = [service?.p50, service?.p90, service?.p95];
  assert.deepEqual(
    printed,
    [50, 90, 95].map((percent) => histogram.getValueAtPercentile(percent) / 1e6),
  );
  const answers = stored?.scores.count.reduce((sum, count) => sum + count, 0);
  assert.equal(answers, operation.recall?.judged);
  // Without --keep-ids there is no folder of ids.
  const names = (await readdir(folder)).sort();
  assert.deepEqual(names, ['cache', 'histograms', 'journal.ndjson', 'run.json', 'samples.ndjson']);
});

test('a run that was cut off goes on and keeps what was finished', async (context) => {
  const folder = await emptyFolder(context);
  const suite = { measure: { warmUpS: 0, durationS: 0.05, repeats: 3 } };
  const first = await runSmall({ folder, suite });
  const path = join(folder, 'journal.ndjson');
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  // Header, one build and three cells; the last cell is lost and the one before it is torn.
  assert.equal(lines.length, 5);
  const torn = `${lines.slice(0, 3).join('\n')}\n${lines[3]?.slice(0, 100)}`;
  await writeFile(path, torn);
  const input = { resume: true, runId: 'run-2' };
  const second = await runSmall({ folder, suite, input });
  assert.equal(second.runId, 'run-1');
  assert.equal(second.status, 'complete');
  assert.deepEqual(second.cells[0], first.cells[0]);
  const ids = (run: Run): string[] => run.cells.map(({ id }) => id).sort();
  assert.deepEqual(ids(second), ids(first));
  // The index was built anew for the cells that were missing.
  assert.deepEqual(
    second.builds.map(({ id, instance }) => [id, instance]),
    [
      ['b00-exact-flat', 0],
      ['b00-exact-flat', 1],
    ],
  );
  assert.deepEqual(
    second.cells.map(({ instance }) => instance),
    [0, 1, 1],
  );
  assert.equal(second.summaries[0]?.validRepeats, 3);
});

test('a whole run that is resumed measures nothing and says the same', async (context) => {
  const { folder, run: first } = await finishedRun(context);
  const second = await runSmall({ folder, ...finished, input: { resume: true } });
  assert.deepEqual(second.cells, first.cells);
  assert.deepEqual(second.summaries, first.summaries);
  assert.deepEqual(second.targets, first.targets);
});

test('a run of another plan is not gone on with', async (context) => {
  const { folder } = await finishedRun(context);
  const before = await readFile(join(folder, 'journal.ndjson'));
  const changes = [
    { seed: 2 },
    { suite: { ...finishedSuite, title: 'other' } },
    { dataset: { ...smallDataset(), queries: randomTable(20, 8, 3) } },
    { input: { keepIds: true } },
  ];
  for (const change of changes) {
    const input = { resume: true, ...change.input };
    const again = runSmall({ folder, ...finished, ...change, input });
    await assert.rejects(again, { code: 'RESUME_DIFFERS' });
  }
  assert.deepEqual(await readFile(join(folder, 'journal.ndjson')), before);
});

test('a target with other settings is another plan', async (context) => {
  const { folder } = await finishedRun(context);
  const slower = { ...nullTarget, options: { law: 'constant', medianMs: 1 } };
  const targets = [exactTarget, slower];
  const again = runSmall({ folder, ...finished, targets, input: { resume: true } });
  await assert.rejects(again, { code: 'RESUME_DIFFERS' });
});

test('nothing of an earlier run is overwritten', async (context) => {
  const { folder } = await finishedRun(context);
  const before = await readFile(join(folder, 'run.json'));
  await assert.rejects(runSmall({ folder, ...finished }), {
    code: 'NOT_WRITABLE',
    message: /already holds/,
  });
  assert.deepEqual(await readFile(join(folder, 'run.json')), before);
});

test('a folder that cannot be made is NOT_WRITABLE before anything is loaded', async (context) => {
  const file = join(await emptyFolder(context), 'file');
  await writeFile(file, '');
  const loadDataset = () => Promise.reject(new Error('the data was loaded'));
  const folder = join(file, 'run');
  await assert.rejects(runSmall({ folder, input: { loadDataset } }), { code: 'NOT_WRITABLE' });
});

test('a run that is stopped is partial, and goes on later', async (context) => {
  const folder = await emptyFolder(context);
  const stop = new AbortController();
  const suite = { measure: { warmUpS: 0, durationS: 0.4, repeats: 3 } };
  // Stopped while the second cell is measured.
  const update = (_: number, cell?: string): void => {
    if (cell?.includes('-r1') === true) setTimeout(() => stop.abort(), 10);
  };
  const progress = { ...silentProgress, update };
  const run = await runSmall({ folder, suite, input: { signal: stop.signal, progress } });
  assert.equal(run.status, 'partial');
  assert.equal(run.stopped?.code, 'INTERRUPTED');
  assert.deepEqual(
    run.cells.map(({ status, failure }) => [status, failure?.code]),
    [
      ['complete', undefined],
      ['partial', 'INTERRUPTED'],
    ],
  );
  const [, cut] = run.cells;
  assert.ok((cut?.durationS ?? 0) > 0 && (cut?.durationS ?? 1) < 0.4, `${cut?.durationS} s`);
  assert.equal(run.summaries[0]?.validRepeats, 1);
  assert.deepEqual((await readRun(folder)).cells, run.cells);
  const rest = await runSmall({ folder, suite, input: { resume: true } });
  assert.equal(rest.status, 'complete');
  assert.deepEqual(rest.cells.slice(0, 2), run.cells);
  // The one that was cut short, again, and the third.
  assert.deepEqual(
    rest.cells.slice(2).map(({ repeat, attempt, status }) => [repeat, attempt, status]),
    [
      [1, 1, 'complete'],
      [2, 0, 'complete'],
    ],
  );
  assert.equal(rest.summaries[0]?.validRepeats, 3);
});

test('cosine is normalised by the harness for a store without it', async (context) => {
  const folder = await emptyFolder(context);
  const { adapter } = exactTarget;
  const dataset = smallDataset({ metric: 'cosine' });
  const inner = {
    ...exactTarget,
    adapter: { ...adapter, metrics: ['l2' as const, 'ip' as const] },
  };
  const run = await runSmall({ folder, dataset, targets: [inner] });
  assert.equal(run.builds[0]?.normalisedBy, 'harness');
  assert.equal(searchOf(run.cells[0]).recall?.mean, 1);
});
