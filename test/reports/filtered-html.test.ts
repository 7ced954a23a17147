import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Run, runSchema } from '../../core/result.js';
import { buildTimeChart, memoryChart } from '../../reports/charts/builds.js';
import { panelsOf, recallChart } from '../../reports/charts/recall.js';
import { renderChart } from '../../reports/charts/svg.js';
import report from '../../reports/html.js';
import { makeFilteredRun } from '../fixtures/make-filtered-run.js';
import { readRun } from '../fixtures/read-run.js';

async function render(run: Run): Promise<string> {
  return Buffer.from(await report.render([run])).toString('utf8');
}

let whole: Promise<string> | undefined;

/** The page of the fixture, rendered once for all tests. */
function filteredPage(): Promise<string> {
  whole ??= render(makeFilteredRun());
  return whole;
}

/** The part of the page from one id to the next section; empty where there is none. */
function section(page: string, id: string): string {
  const start = page.indexOf(`<section id="${id}"`);
  return start === -1 ? '' : page.slice(start, page.indexOf('</section>', start));
}

/** The text of a piece of HTML, as a reader sees it. */
function textOf(html: string): string {
  const text = html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  return text.replaceAll('&gt;', '>').replaceAll('&lt;', '<');
}

async function drawn(run: Run, stream: string): Promise<string> {
  const panel = panelsOf(run).find((each) => each.stream === stream);
  assert.ok(panel !== undefined);
  const chart = recallChart(run, panel, 'throughput');
  assert.ok(chart !== undefined);
  return renderChart(chart, 'a');
}

/** Where the broad pale lines of the fronts go. */
function frontsOf(svg: string): readonly string[] {
  const paths = svg.match(/<path[^>]*stroke="var\(--front\)"[^>]*>/g) ?? [];
  return paths.map((path) => / d="([^"]*)"/.exec(path)?.[1] ?? '');
}

test('the made-up run is a valid document', () => {
  assert.deepEqual(runSchema.parse(makeFilteredRun()), makeFilteredRun());
});

test('each stream says its filter, its share of the rows, and what comes along', async () => {
  const text = textOf(section(await filteredPage(), 'streams'));
  assert.match(text, /search-all none all nothing/);
  assert.match(text, /search-genre genre = Comedy 21\.8 % 4,243 title, year/);
  assert.match(text, /search-both genre = Comedy and year 1990\.\.1999 1\.87 % 364 nothing/);
});

test('a run without filters and payload has no part on streams, and names none', async () => {
  const page = await render(readRun());
  assert.equal(section(page, 'streams'), '');
  assert.doesNotMatch(textOf(page), /Filtered search|FILTERED_OUT|Stream|Attached/);
});

test('text in a filter is never markup', async () => {
  const run = makeFilteredRun();
  for (const stream of run.cells.flatMap(({ streams }) => streams)) {
    if (stream.filter) stream.filter.expression = { field: 'tag', equals: '<b>&' };
  }
  assert.match(await render(run), /<code>tag = &quot;&lt;b&gt;&amp;&quot;<\/code>/);
});

test('a stream has panels of its own, whose points and fronts are its alone', async () => {
  const run = makeFilteredRun();
  const streams = panelsOf(run).map(({ stream }) => stream);
  assert.deepEqual(streams, ['search-all', 'search-genre', 'search-both']);
  const svg = await drawn(run, 'search-genre');
  // One flat, five of lists, two of the attached collection.
  assert.equal(svg.match(/<path[^>]*><title>/g)?.length, 8);
  // 1 - 1.5 x (1 - 0.939): the loss of that stream.
  assert.match(svg, /<title>ivf-flat \(faiss\) nlist=128 nprobe=64: recall 0\.908, /);
  // A front for each of the two targets.
  assert.equal(frontsOf(svg).length, 2);
  const captions = textOf(section(await filteredPage(), 'recall'));
  assert.match(captions, /wiki-movies, search-both, closed 1; up and right/);
});

test('streams measured together share a key, and still have fronts of their own', async () => {
  const run = makeFilteredRun();
  const apart = await drawn(makeFilteredRun(), 'search-genre');
  const plain = new Map<string, string>();
  for (const { build, key, search, stream } of run.summaries) {
    const name = JSON.stringify([build, search]);
    plain.set(key, stream === 'search-all' ? key : (plain.get(name) ?? key));
    if (stream === 'search-all') plain.set(name, key);
  }
  const shared = (key: string): string => plain.get(key) ?? key;
  for (const summary of run.summaries) summary.key = shared(summary.key);
  for (const front of run.fronts) front.keys = front.keys.map(shared);
  assert.equal(new Set(run.summaries.map(({ key }) => key)).size, run.summaries.length / 3);
  assert.deepEqual(frontsOf(await drawn(run, 'search-genre')), frontsOf(apart));
});

test('fronts of results that do not say their stream are drawn as before', async () => {
  const run = readRun();
  assert.ok(run.fronts.every(({ stream }) => stream === undefined));
  assert.equal(frontsOf(await drawn(run, 'search')).length, 1);
});

test('a recall left of the axis has no line, which would reach out of the drawing', async () => {
  const run = makeFilteredRun();
  assert.match(await drawn(run, 'search-genre'), />≥ 0\.9<.*>≥ 0\.95</s);
  // All of that stream is above 0.95, where the axis then begins.
  assert.doesNotMatch(await drawn(run, 'search-both'), />≥/);
});

test('best points stand by stream, with the filter in the heading', async () => {
  const headline = section(await filteredPage(), 'headline');
  const groups = headline.match(/<tr role="row" class="group">.*?<\/tr>/gs) ?? [];
  assert.deepEqual(
    groups.map((group) => textOf(group).trim()),
    ['0.9', '0.95'].flatMap((recall) => [
      `Recall ≥ ${recall} search-all`,
      `Recall ≥ ${recall} search-genre: genre = Comedy`,
      `Recall ≥ ${recall} search-both: genre = Comedy and year 1990..1999`,
    ]),
  );
  assert.match(textOf(headline), /each stream, the fastest .* Load: closed 1\./);
  assert.doesNotMatch(headline, /data-label="Load"/);
});

test('what was highest where a recall was not reached is of the same stream', async () => {
  const run = makeFilteredRun();
  for (const entry of run.atRecall) {
    if (entry.family !== 'ivf-flat' || entry.stream !== 'search-genre') continue;
    delete entry.key;
    delete entry.throughputQps;
  }
  const text = textOf(section(await render(run), 'headline'));
  // 1 - 1.5 x (1 - 0.98); of the other streams it is 0.980 and 0.998.
  assert.match(text, /not reached highest measured: 0\.970/);
});

test('points and cells name the stream, and the load where loads differ, too', async () => {
  const page = await filteredPage();
  const heads = (id: string): string => section(page, id).match(/<thead.*?<\/thead>/s)?.[0] ?? '';
  assert.match(textOf(heads('points')), /Search Stream Recall@10/);
  assert.match(textOf(section(page, 'points')), /Load: closed 1\./);
  assert.match(textOf(heads('cells')), /Search Stream Repeat/);
  const run = makeFilteredRun();
  const [first] = run.summaries;
  assert.ok(first !== undefined);
  first.load = { ...first.load, concurrency: 4 };
  const text = textOf(section(await render(run), 'points'));
  assert.match(text, /Stream, load .* search-all, closed 4 .* search-genre, closed 1 /);
});

test('one stream with a name of its own is named once', async () => {
  const run = makeFilteredRun();
  const summaries = run.summaries.filter(({ stream }) => stream === 'search-genre');
  const points = section(await render({ ...run, summaries }), 'points');
  assert.match(textOf(points), /Stream: search-genre\. Load: closed 1\./);
  assert.doesNotMatch(points, /data-label="Stream/);
});

test('answers with rows that do not meet the filter are told with their cell', async () => {
  const cells = textOf(section(await filteredPage(), 'cells'));
  assert.match(cells, /search-genre 1 \(1\) FILTERED_OUT 12 ids came whose rows do not meet/);
  assert.equal(cells.match(/FILTERED_OUT/g)?.length, 1);
});

test('the definitions say among which rows recall is judged', async () => {
  const text = textOf(section(await filteredPage(), 'definitions'));
  assert.match(text, /Filtered search .* Recall is judged among these rows/);
  assert.match(text, /FILTERED_OUT Ids of rows that do not meet the filter/);
  assert.match(text, /With the ids Columns that the store returned/);
  assert.match(text, /Attached A collection that was there before/);
});

test('an attached collection is never said to be built in no time, or in no memory', async () => {
  const page = await filteredPage();
  const words = /hnsw \(films-in-production\) attached: films_2024; not built by bench/;
  for (const id of ['headline', 'points', 'builds']) {
    assert.match(textOf(section(page, id)), words, id);
  }
  const rows = section(page, 'builds').match(/<tr role="row" class="">.*?<\/tr>/gs) ?? [];
  const row = textOf(rows.find((each) => each.includes('attached')) ?? '');
  assert.match(row, / 19,500 –; 1 harness 28\.6 MiB — /);
  assert.doesNotMatch(row, / 0 | 0 B| ms | s /);
  assert.match(textOf(page), /3 builds \(1 attached\)/);
});

test('the charts of builds have words in place of a bar for an attached collection', async () => {
  const run = makeFilteredRun();
  const [time, memory] = [buildTimeChart(run), memoryChart(run)];
  assert.ok(time !== undefined && memory !== undefined);
  const svg = await renderChart(time, 'b');
  assert.match(svg, />attached: films_2024</);
  assert.match(svg, />not built by bench</);
  assert.doesNotMatch(time.description, /films/);
  assert.doesNotMatch(memory.description, /films/);
  const alone = run.builds.filter(({ attached }) => attached !== undefined);
  assert.equal(buildTimeChart({ ...run, builds: alone }), undefined);
});

test('a switch that is off needs no words, but in the conditions of a gate', async () => {
  const run = readRun();
  for (const summary of run.summaries) summary.params = { ...summary.params, quantisation: 'off' };
  for (const gate of run.gates) gate.where = { rescore: false };
  const page = await render(run);
  assert.doesNotMatch(textOf(section(page, 'points')), /quantisation/);
  assert.match(textOf(section(page, 'gates')), /rescore=false/);
});
