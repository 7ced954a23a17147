import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Capacity, type Run, runSchema } from '../../core/result.js';
import report from '../../reports/html.js';
import { makeCapacityRun } from '../fixtures/make-capacity.js';
import { readRun } from '../fixtures/read-run.js';

async function render(run: Run): Promise<string> {
  return Buffer.from(await report.render([run])).toString('utf8');
}

let whole: Promise<string> | undefined;

/** The page of the fixture as it is, rendered once for all tests. */
function capacityPage(): Promise<string> {
  whole ??= render(makeCapacityRun());
  return whole;
}

/** A run with one of its searches. */
function only(run: Run, ending: Capacity['ending']): Run {
  const capacity = run.capacity.filter((entry) => entry.ending === ending);
  const builds = run.builds.filter(({ id }) => capacity.some(({ build }) => build === id));
  const ids = new Set(capacity.flatMap(({ trials }) => trials.map(({ cell }) => cell)));
  const cells = run.cells.filter(({ id }) => ids.has(id));
  return { ...run, capacity, builds, cells, targets: run.targets.slice(0, 1) };
}

/** The part of the page from one id to the next section. */
function section(page: string, id: string): string {
  const start = page.indexOf(`<section id="${id}"`);
  assert.notEqual(start, -1, `the page has no section ${id}`);
  return page.slice(start, page.indexOf('</section>', start));
}

/** The text of a piece of HTML, as a reader sees it. */
function textOf(html: string): string {
  const text = html.replace(/<svg.*?<\/svg>/gs, ' ').replace(/<[^>]+>/g, ' ');
  return text.replace(/\s+/g, ' ').replaceAll(' ,', ',');
}

test('the made-up run is a valid document', () => {
  assert.doesNotThrow(() => runSchema.parse(makeCapacityRun()));
});

test('each search has its answer in a sentence, with what it rests on', async () => {
  const text = textOf(section(await capacityPage(), 'capacity'));
  for (const words of [
    'Capacity under p99 ≤ 20 ms, recall ≥ 0.9, errors ≤ 0.1 %',
    '2,181 queries a second, confirmed over 10 s and 21,810 requests',
    'Limited: at 2,229 queries a second: p99 22.9 ms, wanted p99 ≤ 20ms',
    'Rates: 2,181 passed, 2,229 did not pass (2.19 % apart)',
    'Sureness: bracketed to 3 % and confirmed by a long trial; 2 % above, 2 of 2 trials failed.',
    'No confirmed rate : short trials passed, but no long one, down to 1,021 queries a second',
    'No confirmed rate : the time ended first; short trials passed up to 2,000 queries a second',
    'No rate meets the SLO',
    'In the way: recall 0.664, wanted recall ≥ 0.9',
    'At least 3,000 queries a second, confirmed over 10 s and 30,000 requests; no limit was found',
    'At least 14,993 queries a second, confirmed over 10 s and 149,933 requests; the client could',
    'target faiss · knee 2,378 QPS · poisson, 1 worker, 64 connections, at most 64 in flight',
  ]) {
    assert.ok(text.includes(words), words);
  }
});

test('trials say what was offered, achieved and measured, and why they did not pass', async () => {
  const capacity = section(await render(only(makeCapacityRun(), 'confirmed')), 'capacity');
  const rows = (capacity.match(/<tr role="row" class="[^"]*">.*?<\/tr>/gs) ?? []).map(textOf);
  const late = / ramp 4,000 saturated 2,430 468 ms 0\.927 0 % 4,000 1\.00 s ✕ failed p99 468 ms/;
  assert.ok(rows.some((row) => late.test(row)));
  assert.ok(
    rows.some((row) =>
      / confirm 2,181 2,181 18\.5 ms 0\.927 0 % 21,810 10\.0 s ✓ passed /.test(row),
    ),
  );
  // 15 trials that offered a rate; the 3 settings that were tried are in a table of their own.
  assert.equal(rows.filter((row) => /^ (?:ramp|bisect|confirm) /.test(row)).length, 15);
  // The value that was against it is marked, one that is well is not.
  assert.match(capacity, /<span class="tag">468 ms<\/span>/);
  assert.doesNotMatch(capacity, /<span class="tag">18\.5 ms/);
  assert.match(textOf(capacity), /p99 ≤ 20 ms recall@10 ≥ 0\.9 errors ≤ 0\.1 % Requests/);
});

test('a tuned setting shows what was tried, what was chosen, how many were not tried', async () => {
  const text = textOf(section(await render(only(makeCapacityRun(), 'confirmed')), 'capacity'));
  assert.match(text, /Tuned: 5 settings of nprobe, 3 tried, 2 not; chosen: nprobe=64/);
  assert.match(text, /nprobe=64 kFactor=8 chosen 0\.927 3,350 ✓ passed/);
  assert.match(text, /nprobe=16 kFactor=8 0\.780 6,100 ✕ failed/);
  assert.match(text, /2 of 5 settings did not need to be tried/);
});

test('a page of trials alone has no empty section and no empty chart', async () => {
  const page = await render(only(makeCapacityRun(), 'confirmed'));
  const ids = [...page.matchAll(/<section id="([^"]+)"/g)].map((found) => found[1]);
  const others = ['notices', 'cells', 'context', 'definitions', 'reproduce'];
  assert.deepEqual(ids, ['capacity', 'cost', 'builds', ...others]);
  assert.doesNotMatch(page, /NaN|Infinity|undefined/);
  for (const tbody of page.match(/<tbody[^>]*>.*?<\/tbody>/gs) ?? []) assert.match(tbody, /<td/);
  for (const figure of page.match(/<figure>.*?<\/figure>/gs) ?? []) {
    assert.match(figure, /<path|<line|<rect/);
  }
  assert.doesNotMatch(textOf(page), /0 points|repeats not interleaved|No gates/);
});

test('the head of the page gives the answer of one search, or how many were answered', async () => {
  const head = (page: string): string => textOf(page.slice(0, page.indexOf('<nav')));
  assert.match(
    head(await render(only(makeCapacityRun(), 'confirmed'))),
    /2,181 queries a second, confirmed over 10 s and 21,810 requests\./,
  );
  assert.match(head(await capacityPage()), /3 of 6 settings have a confirmed rate\./);
});

test('conditions that are no latencies have no chart, and their values in the table', async () => {
  const run = only(makeCapacityRun(), 'confirmed');
  for (const entry of run.capacity) entry.conditions = entry.conditions.slice(1);
  const capacity = section(await render(run), 'capacity');
  assert.doesNotMatch(capacity, /<figure|class="legend"/);
  assert.match(textOf(capacity), /recall@10 ≥ 0\.9/);
});

test('what a trial did not measure is a dash, never a zero', async () => {
  const run = only(makeCapacityRun(), 'nothing-passes');
  const capacity = section(await render(run), 'capacity');
  assert.match(textOf(capacity), /probe no rate 3,800 — not measured 0\.664 — not measured/);
});

test('the definitions speak of a search where there is one, and not of points', async () => {
  const names = (page: string): readonly (string | undefined)[] =>
    [...section(page, 'definitions').matchAll(/<dt>([^<]*)<\/dt>/g)].map((found) => found[1]);
  const searched = names(await capacityPage());
  for (const name of ['Capacity under an SLO', 'Confirmed rate', 'Response time', 'Saturated']) {
    assert.ok(searched.includes(name), name);
  }
  for (const name of ['Front', 'Best at a recall']) assert.ok(!searched.includes(name), name);
  assert.ok(!names(await render(readRun())).includes('Capacity under an SLO'));
});

test('all colours of its charts are variables of the page', async () => {
  const charts = section(await capacityPage(), 'capacity').match(/<figure>.*?<\/figure>/gs) ?? [];
  // Bars; five searches that offered rates, of which three have a narrow bracket.
  assert.equal(charts.length, 1 + 5 + 3);
  const colours = [...charts.join('').matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(
    ([, each]) => each,
  );
  assert.deepEqual(
    colours.filter((each) => each !== 'none' && !each?.startsWith('var(--')),
    [],
  );
});

test('text of a search is never markup', async () => {
  const run = only(makeCapacityRun(), 'confirmed');
  const attack = '"><img onerror=alert(1)></svg><script>alert(1)</script>&';
  for (const entry of run.capacity) {
    entry.slo = attack;
    entry.sureness = attack;
    entry.search = { [attack]: attack };
    for (const trial of entry.trials) trial.why = [attack];
  }
  const page = await render(run);
  assert.doesNotMatch(page, /<img/);
  assert.equal(page.match(/<script/g)?.length, 1);
});

test('settings of several streams name theirs in the heading', async () => {
  const run = makeCapacityRun();
  const [first] = run.capacity;
  assert.ok(first !== undefined);
  const capacity = ['search-all', 'search-genre'].map((stream) => ({ ...first, stream }));
  const page = section(await render({ ...run, capacity }), 'capacity');
  const heads = [...page.matchAll(/<h3>.*?<\/h3>/gs)].map(([head]) => textOf(head));
  assert.equal(heads.length, 2);
  assert.match(heads.join(), / search-all nlist=128 .* search-genre nlist=128 /);
});
