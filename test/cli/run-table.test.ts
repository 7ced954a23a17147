import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRun } from '../../cli/run-table.js';
import type { Run } from '../../core/result.js';
import { makeFilteredRun } from '../fixtures/make-filtered-run.js';
import { makeOpenRun } from '../fixtures/make-open-run.js';
import { readRun } from '../fixtures/read-run.js';

/** The lines that hold all of some words. */
function lines(run: Run, ...words: readonly string[]): readonly string[] {
  const all = formatRun(run).split('\n');
  return all.filter((line) => words.every((word) => line.includes(word)));
}

test('closed loads show service, open ones response, and both together which it is', () => {
  const run = makeOpenRun();
  assert.match(formatRun(readRun()), / service p50 ms {2}service p99 ms /);
  const open = run.summaries.filter(({ load }) => load.kind === 'open');
  assert.match(formatRun({ ...run, summaries: open }), / response p50 ms {2}response p99 ms /);
  assert.match(formatRun(run), / latency +p50 ms +p99 ms /);
  const medians = (kind: string, name: string) =>
    run.summaries
      .filter(({ load, search }) => load.kind === kind && search.nprobe === 64)
      .map(({ metrics }) => metrics[name]?.median.toPrecision(3))[0];
  const [first = ''] = lines(run, 'nprobe=64', 'open 200/s');
  assert.match(first, new RegExp(` response +${medians('open', 'responseMsP50')} `));
  const [closed = ''] = lines(run, 'nprobe=64', 'closed 1');
  assert.match(closed, new RegExp(` service +${medians('closed', 'serviceMsP50')} `));
});

test('what is the same in all rows stands beneath the table', () => {
  const run = readRun();
  assert.equal(lines(run, 'load: closed 1').length, 1);
  const summaries = run.summaries.filter(({ target }) => target === 'faiss');
  assert.deepEqual(lines({ ...run, summaries }, 'target: '), ['target: faiss; load: closed 1']);
});

test('parameters that a suite leaves to the store stand once beneath the table', () => {
  const run = readRun();
  const suite = { ...run.suite, indexes: [{ family: 'ivf-pq', params: { nlist: [128] } }] };
  const summaries = run.summaries.map((summary) => {
    const unasked = summary.family === 'ivf-pq' ? { codebook: 'own' } : { seen: 'always' };
    return { ...summary, params: { nlist: 128, ...unasked } };
  });
  const changed = { ...run, suite, summaries };
  assert.deepEqual(lines(changed, 'by default'), ['by default, faiss ivf-pq codebook=own']);
  assert.equal(lines(changed, 'faiss ', 'ivf-pq nlist=128 nprobe').length, 0);
  assert.ok(lines(changed, 'faiss ', 'ivf-pq nlist=128 ').every((row) => !row.includes('own')));
  // Of a family that the suite does not name, all are shown, and so is what differs.
  assert.ok(lines(changed, 'ivf-flat nlist=128 seen=always').length > 0);
  const [first, ...others] = summaries;
  assert.ok(first !== undefined);
  const mixed = [{ ...first, family: 'ivf-pq', params: { codebook: 'shared' } }, ...others];
  assert.deepEqual(lines({ ...changed, summaries: mixed }, 'by default'), []);
});

test('of a server, which holds other builds too, the table has what a build added', () => {
  const run = readRun();
  const targets = run.targets.map((target) => ({ ...target, kind: 'server' as const }));
  assert.match(formatRun({ ...run, targets }), / size {2,}PSS growth {2}build s/);
  assert.doesNotMatch(formatRun(run), /growth/);
});

test('streams that differ have a column, and what they ask stands beneath', () => {
  const run = makeFilteredRun();
  assert.match(formatRun(run), /^target +index +search +stream +recall /);
  assert.equal(lines(run, 'ivf-flat nlist=128', 'nprobe=64', ' search-genre ').length, 1);
  assert.deepEqual(lines(run, 'stream search-'), [
    'stream search-all: all rows',
    'stream search-genre: genre = Comedy (21.8 % of rows), with title, year',
    'stream search-both: genre = Comedy and year 1990..1999 (1.87 % of rows)',
  ]);
  assert.doesNotMatch(formatRun(readRun()), /stream/);
});

test('an attached collection is named, has no parameters and no time to build', () => {
  const run = makeFilteredRun();
  const [row = ''] = lines(run, 'films-in-production ', 'efSearch=64', 'search-all');
  assert.match(row, /^films-in-production +hnsw +efSearch=64 .* - +-$/);
  assert.deepEqual(lines(run, 'attached'), [
    'attached, not built by bench: films_2024 (films-in-production)',
  ]);
});

test('ids that a filter should have kept away are counted', () => {
  assert.deepEqual(lines(makeFilteredRun(), 'FILTERED_OUT'), ['violations: FILTERED_OUT 12']);
});

test('parameters that are switched off are left out', () => {
  const run = readRun();
  const [first, ...others] = run.summaries;
  assert.ok(first !== undefined);
  const summary = { ...first, params: { quantisation: 'off' }, search: { rescore: false } };
  const text = formatRun({ ...run, summaries: [summary, ...others] });
  assert.doesNotMatch(text, /quantisation|rescore/);
});

test('the table of suite ivfpq is no wider than 160 columns', () => {
  const run = readRun();
  const summaries = run.summaries.filter(({ target }) => target === 'faiss');
  const table = formatRun({ ...run, summaries, builds: [], gates: [], unsupported: [] });
  const longest = Math.max(...table.split('\n').map(({ length }) => length));
  assert.ok(longest <= 160, `${longest} columns`);
});

test('repeats that do not count are told with the reason, dashes stand for their figures', () => {
  const run = makeOpenRun();
  const [none = ''] = lines(run, 'open 500/s', 'PACER_LAG');
  assert.match(none, / - .* response +- +- .* 3 of 3 repeats invalid: PACER_LAG$/);
  assert.equal(lines(run, 'open 4000/s', '1 of 3 repeats lost: HOST_DIED').length, 1);
  // Measured again: nothing is lost.
  assert.doesNotMatch(lines(run, 'nprobe=16', 'open 1000/s').join(), /repeats/);
});

test('flags, knee and recovery are short notes', () => {
  const run = makeOpenRun();
  assert.match(lines(run, 'nprobe=64', 'ramp')[0] ?? '', / saturated; knee 2,000\/s$/);
  assert.match(lines(run, 'nprobe=16', 'spike')[0] ?? '', /; recovery 1\.2 s$/);
  assert.match(lines(run, 'nprobe=64', 'spike')[0] ?? '', /; no recovery$/);
  assert.match(lines(run, 'nprobe=4', 'open 200/s')[0] ?? '', / pacer-limited p50$/);
  assert.match(lines(readRun(), 'null ')[0] ?? '', / client limit$/);
  for (const summary of run.summaries) summary.saturated = false;
  assert.match(lines(run, 'nprobe=16', 'ramp')[0] ?? '', / no knee to 4,000\/s$/);
});

test('partial and failed cells and the end of a run are told beneath', () => {
  const run = makeOpenRun();
  assert.equal(lines(run, 'partial cells: 1: the engine host ended with 137').length, 1);
  assert.equal(lines(run, 'failed cells: 1: the engine host ended with 137').length, 1);
  assert.equal(lines(run, 'stopped: STORE_LOST: faiss-flat is lost').length, 1);
});

test('a run without a point still has its table heads', () => {
  const run = { ...readRun(), summaries: [] };
  assert.match(formatRun(run), /^target {2}index {2}search {2}stream {2}load {2}recall /);
});
