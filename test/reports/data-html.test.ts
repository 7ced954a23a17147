import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRun } from '../../cli/run-table.js';
import type { Run } from '../../core/result.js';
import report from '../../reports/html.js';
import { makeOpenRun } from '../fixtures/make-open-run.js';
import { readRun } from '../fixtures/read-run.js';

async function render(run: Run): Promise<string> {
  return Buffer.from(await report.render([run])).toString('utf8');
}

/** The text of a section of a page, as a reader sees it. */
function textOf(page: string, id: string): string {
  const start = page.indexOf(`<section id="${id}"`);
  assert.notEqual(start, -1, `the page has no section ${id}`);
  const section = page.slice(start, page.indexOf('</section>', start));
  return section.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
}

/** The fixture with one open load and one closed load of a store. */
function closedAndRated(): Run {
  const run = makeOpenRun();
  const summaries = run.summaries.filter(
    ({ search, load }) => search.nprobe === 16 && (load.kind === 'closed' || load.rateQps === 500),
  );
  const keys = new Set(summaries.map(({ key }) => key));
  return { ...run, summaries, cells: run.cells.filter(({ key }) => keys.has(key)) };
}

function skewed(run: Run): Run {
  const queries = { order: 'zipf' as const, exponent: 1.1, requests: 9, distinct: 7 };
  for (const { streams } of run.cells) {
    for (const stream of streams) stream.queries = { ...queries, coverage: 0.014 };
  }
  return run;
}

const words = 'zipf 1.1: 7 distinct queries, coverage 1.4 %';

test('queries that are not taken in turn are told wherever the load is', async () => {
  const run = skewed(closedAndRated());
  const page = await render(run);
  for (const id of ['headline', 'load', 'points', 'context']) {
    assert.ok(textOf(page, id).includes(words), id);
  }
  assert.ok(formatRun(run).includes(`\nqueries ${words}\n`));
});

test('of queries in turn only the data say so', async () => {
  const run = closedAndRated();
  const page = await render(run);
  assert.match(textOf(page, 'context'), /Order of queries in turn/);
  assert.doesNotMatch(textOf(page, 'points'), /Queries /);
  assert.doesNotMatch(formatRun(run), /^queries /m);
});

/** A run of float16 values, of which all builds but the first got float32. */
function halves(): Run {
  const run = readRun();
  for (const dataset of run.datasets) dataset.elements = 'f16';
  run.builds.forEach((build, index) => {
    build.elements = index === 0 ? 'f16' : 'f32';
  });
  return run;
}

test('the type of the values is told, and which engines got them widened', async () => {
  const run = halves();
  const page = await render(run);
  assert.match(textOf(page, 'context'), /Values float16 Metric/);
  const builds = textOf(page, 'builds');
  assert.match(builds, /Values as sent; widened .* float16 .* float32 from float16 /);
  assert.match(formatRun(run), /^values as float32, widened from float16: faiss, null$/m);
});

test('a result that does not say the type has no column for it', async () => {
  const run = readRun();
  const page = await render(run);
  assert.doesNotMatch(textOf(page, 'builds'), /Values/);
  assert.doesNotMatch(textOf(page, 'context'), /Values/);
  assert.doesNotMatch(formatRun(run), /values as/);
});
