import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../../core/result.js';
import report from '../../reports/html.js';
import { makeOpenRun } from '../fixtures/make-open-run.js';
import { readRun } from '../fixtures/read-run.js';

async function render(run: Run): Promise<string> {
  return Buffer.from(await report.render([run])).toString('utf8');
}

let whole: Promise<string> | undefined;

/** The page of the fixture as it is, rendered once for all tests. */
function openPage(): Promise<string> {
  whole ??= render(makeOpenRun());
  return whole;
}

let rated: Promise<string> | undefined;

/** The page of the fixture's open loads alone, rendered once for all tests. */
function openOnlyPage(): Promise<string> {
  rated ??= render(only(makeOpenRun(), ({ load }) => load.kind === 'open'));
  return rated;
}

/** The part of the page from one id to the next section. */
function section(page: string, id: string): string {
  const start = page.indexOf(`<section id="${id}"`);
  assert.notEqual(start, -1, `the page has no section ${id}`);
  return page.slice(start, page.indexOf('</section>', start));
}

/** The text of a piece of HTML, as a reader sees it. */
function textOf(html: string): string {
  return html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
}

/** The rows of the tables of a section that hold all of some words. */
function rows(html: string, ...words: readonly string[]): readonly string[] {
  const found = html.match(/<tr role="row" class="[^"]*">.*?<\/tr>/gs) ?? [];
  return found.filter((row) => words.every((word) => textOf(row).includes(word)));
}

/** A run with some of its points. */
function only(run: Run, keep: (summary: Run['summaries'][number]) => boolean): Run {
  const summaries = run.summaries.filter(keep);
  const keys = new Set(summaries.map(({ key }) => key));
  return {
    ...run,
    summaries,
    cells: run.cells.filter(({ key }) => keys.has(key)),
    atRecall: run.atRecall.filter(({ load }) => summaries.some((each) => each.load === load)),
  };
}

test('closed and open loads in one table say in each row which latency it is', async () => {
  const points = section(await openPage(), 'points');
  assert.match(textOf(points), /p50 ms, kind beneath p99 ms, kind beneath/);
  assert.match(textOf(rows(points, 'nprobe=64', 'open 200/s')[0] ?? ''), /1\.05 \S+ response /);
  assert.match(textOf(rows(points, 'nprobe=64', 'closed 1')[0] ?? ''), /11\.0 \S+ service /);
  assert.match(textOf(rows(points, 'ramp 250..8000/s')[0] ?? ''), /response, whole ramp/);
});

test('open loads alone have one head for all rows: response', async () => {
  const page = await openOnlyPage();
  assert.match(textOf(section(page, 'points')), /p50 response, ms p99 response, ms/);
  assert.doesNotMatch(textOf(section(page, 'points')), /service|kind beneath/);
  assert.doesNotMatch(textOf(section(page, 'definitions')), /Service time/);
});

test('throughput at a recall is of closed loads, and the page says why', async () => {
  const headline = textOf(section(await openPage(), 'headline'));
  assert.match(headline, /Load: closed 1\. Open loads are not here: their throughput is what was/);
  assert.doesNotMatch(headline, /open \d|response/);
  assert.doesNotMatch(await openOnlyPage(), /<section id="headline"/);
});

test('a percentile that the pacer moved is marked, with fired to done beside it', async () => {
  const run = makeOpenRun();
  const values = run.cells
    .filter(({ search, streams }) => search.nprobe === 4 && streams[0]?.load.rateQps === 200)
    .map(({ streams }) => streams[0]?.operations.search?.latencyMs.firedToDone?.p50);
  const list = values.map((ms) => ms?.toPrecision(3)).join(' · ');
  const page = await openPage();
  for (const id of ['load', 'points']) {
    const [row = ''] = rows(section(page, id), 'nprobe=4', 'open 200/s');
    assert.ok(textOf(row).includes(`pacer-limited fired to done ${list} `), textOf(row));
    // Its p99 is not moved.
    assert.equal(row.match(/pacer-limited/g)?.length, 1);
  }
});

test('a saturated point keeps its throughput, and its latency is said to have no end', async () => {
  const points = section(await openPage(), 'points');
  const row = textOf(rows(points, 'nprobe=64', 'open 8000/s')[0] ?? '');
  assert.match(row, /saturated: latency has no end .* 2,220 2,220–2,220 .* no end .* no end/);
  assert.doesNotMatch(textOf(rows(points, 'nprobe=64', 'open 200/s')[0] ?? ''), /no end/);
});

test('a point without a valid repeat has dashes and the reason', async () => {
  const page = await openPage();
  const [row = ''] = rows(section(page, 'points'), 'flat', 'open 500/s');
  assert.match(row, /class="unranked"/);
  assert.match(textOf(row), /no valid repeat .*PACER_LAG × 9, first: search: requests were fired/);
  assert.match(textOf(row), / — not measured response /);
  assert.match(textOf(row), /0 \/ 3 PACER_LAG × 9/);
  assert.match(
    textOf(rows(section(page, 'load'), 'flat', 'open 500/s')[0] ?? ''),
    /no valid repeat/,
  );
});

test('every attempt is a row, greyed with its reason where it does not count', async () => {
  const run = makeOpenRun();
  const cells = section(await openPage(), 'cells');
  const [flagged = '', all = ''] = cells.split('<details>');
  assert.equal(rows(all).length, run.cells.length);
  const mended = rows(flagged, 'nprobe=16', 'open 1000/s', 'PACER_LAG');
  assert.equal(mended.length, 1);
  assert.match(textOf(mended[0] ?? ''), /invalid .* 2 \(1\) .* repeat 2: attempt 2 counts/);
  assert.equal(rows(all, 'c02-r1').length, 1);
  const lost = rows(flagged, 'open 500/s', 'no attempt of it counts');
  assert.equal(lost.length, 9);
  assert.ok(lost.every((row) => row.includes('class="invalid"')));
});

test('partial and failed cells are greyed with what ended them', async () => {
  const cells = section(await openPage(), 'cells');
  const [partial = ''] = rows(cells, 'partial, HOST_DIED');
  assert.match(textOf(partial), /partial .* the engine host ended with 137/);
  const [failed = ''] = rows(cells, 'failed, HOST_DIED');
  assert.match(failed, /class="invalid"/);
  // It has no stream of its own to tell its load by.
  assert.match(
    textOf(failed),
    /open 8000\/s .* the engine host ended with 137 repeat 3: no attempt of it counts/,
  );
});

test('points that no attempt gave figures of are counted, not left out in silence', async () => {
  const run = only(makeOpenRun(), ({ load }) => load.kind === 'closed');
  const summaries = run.summaries.slice(2);
  const points = textOf(section(await render({ ...run, summaries }), 'points'));
  assert.match(points, /2 points have no row: no attempt gave figures/);
});

test('equal warnings are one with a count, others of a code behind a fold', async () => {
  const run = makeOpenRun();
  const page = await openPage();
  const notices = section(page, 'notices');
  assert.match(
    textOf(notices),
    new RegExp(`${run.cells.length - 1} cells SHARED_CORES client and`),
  );
  assert.equal(notices.match(/SHARED_CORES/g)?.length, 1);
  assert.match(textOf(notices), /FOREIGN_CPU other processes took 6\.0 % of the time \(3 times\)/);
  assert.match(textOf(notices), /5 more other processes took 21\.0 %/);
  // The failed one has none. What all others have is said once there too.
  const cells = section(page, 'cells');
  assert.equal(cells.match(/SHARED_CORES/g)?.length, 1);
  assert.match(textOf(cells), /Every measured cell also has: SHARED_CORES/);
});

test('equal warnings of several builds are one', async () => {
  const run = only(makeOpenRun(), () => false);
  for (const build of run.builds) build.warnings = [{ code: 'NO_SIMD', message: 'built without' }];
  const notices = textOf(section(await render(run), 'notices'));
  assert.match(notices, /3 builds NO_SIMD built without/);
});

test('the head says how client and engine were kept apart, and why a run stopped', async () => {
  const verdict = (page: string) => {
    return textOf(page.slice(page.indexOf('class="verdict'), page.indexOf('<nav')));
  };
  const on = verdict(await openPage());
  assert.match(on, /Partial run\. .* Stopped early: STORE_LOST faiss-flat is lost/);
  assert.match(
    on,
    /Isolation on: client on cores 0, 1, engines on 2, 3\. The client needs 2 cores/,
  );
  assert.match(on, /10 invalid · 2 partial or failed/);
  const why = 'It was not wanted.';
  const isolation = { on: false, clientCores: [], engineCores: [], why };
  const off = verdict(await render({ ...only(makeOpenRun(), () => false), isolation }));
  assert.match(off, /Isolation off\. It was not wanted\./);
  assert.doesNotMatch(verdict(await render(only(readRun(), () => false))), /Isolation|Stopped/);
});

test('beside response stand queue wait, lag of the pacer, and bursts of each repeat', async () => {
  const load = textOf(section(await openPage(), 'load'));
  const heads = /Queue wait p99, ms Pacer lag p99, ms Burst size, p99/;
  assert.match(load, heads);
  // By the fixture: a burst of one for each 900 requests a second begun.
  assert.match(load, /open 4000\/s .* 5 · 5 · 5/);
});

test('ramps and spikes say what they found, and every step is in a table', async () => {
  const load = section(await openPage(), 'load');
  assert.match(textOf(rows(load, 'ramp', 'nprobe=64')[0] ?? ''), /2,000 .* knee 2,000 QPS/);
  assert.match(textOf(rows(load, 'spike', 'nprobe=16')[0] ?? ''), /1\.20 s .* recovered 1\.20 s/);
  assert.match(textOf(rows(load, 'spike', 'nprobe=64')[0] ?? ''), /— not measured not recovered/);
  // 2 ramps of 6 steps and 2 spikes of 3 parts, 3 repeats each.
  assert.match(load, /Every step of ramps and part of spikes \(54\)/);
  assert.equal(rows(load, 'step-5').length, 6);
});

test('the definitions speak of what the page shows, and of no more', async () => {
  const names = (page: string): string[] => {
    const found = section(page, 'definitions').matchAll(/<dt>([^<]*)<\/dt>/g);
    return [...found].map(([, name = '']) => name);
  };
  const open = ['Response time', 'Queue wait', 'Pacer lag', 'Pacer-limited', 'Saturated'];
  const all = names(await openPage());
  for (const name of [...open, 'Knee', 'Recovery', 'Invalid', 'Client-limited']) {
    assert.ok(all.includes(name), name);
  }
  const run = only(makeOpenRun(), ({ load }) => load.kind === 'closed');
  const closed = names(await render(run));
  for (const name of [...open, 'Knee', 'Recovery']) assert.ok(!closed.includes(name), name);
});

test('text of an open run is never markup, in charts neither', async () => {
  const run = makeOpenRun();
  const attack = '"><img onerror=alert(1)></svg><script>alert(1)</script>&';
  for (const summary of run.summaries) summary.search = { [attack]: attack };
  for (const cell of run.cells) {
    cell.search = { [attack]: attack };
    if (cell.failure !== undefined) cell.failure = { code: attack, message: attack };
  }
  const page = await render({ ...run, stopped: { code: attack, message: attack } });
  assert.ok(page.includes('&lt;img'));
  assert.doesNotMatch(page, /<img/);
  assert.equal(page.match(/<script/g)?.length, 1);
  assert.doesNotMatch(page, /NaN|Infinity|undefined/);
});
