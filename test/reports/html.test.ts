import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nowNs } from '../../core/clock.js';
import type { Run } from '../../core/result.js';
import { nsPerS } from '../../core/units.js';
import { commandOf } from '../../reports/html/sections/reproduce.js';
import report from '../../reports/html.js';
import { readRun } from '../fixtures/read-run.js';

async function render(...runs: readonly Run[]): Promise<string> {
  return Buffer.from(await report.render(runs)).toString('utf8');
}

let whole: Promise<string> | undefined;

/** The page of the fixture as it is, rendered once for all tests. */
function samplePage(): Promise<string> {
  whole ??= render(readRun());
  return whole;
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

test('the page names nothing that a browser would load', async () => {
  const page = await samplePage();
  assert.doesNotMatch(page, /\ssrc=|@import|url\(|<link|<img|<iframe/i);
  const addresses = page.match(/https?:\/\/[^"'<\s]+/g) ?? [];
  const namespaces = ['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink'];
  assert.deepEqual(
    addresses.filter((address) => !namespaces.includes(address)),
    [],
  );
  assert.match(page, /Content-Security-Policy" content="default-src &#39;none&#39;/);
  assert.doesNotMatch(page, /unsafe-inline/);
});

test('rendering a run of over 40 cells takes less than 3 seconds', async () => {
  const run = readRun();
  assert.ok(run.cells.length >= 40);
  const start = nowNs();
  await render(run);
  assert.ok((nowNs() - start) / nsPerS < 3);
});

test('two renderings of a run are the same bytes', async () => {
  assert.equal(await render(readRun()), await samplePage());
});

test('the verdict comes before all else and names the gates that do not pass', async () => {
  const page = await samplePage();
  assert.ok(page.indexOf('class="verdict fail"') < page.indexOf('<h2>'));
  const verdict = textOf(page.slice(page.indexOf('class="verdict'), page.indexOf('<nav')));
  assert.match(verdict, /4 gates: 1 failed, 1 undecided, 2 passed\./);
  assert.match(verdict, /plain IVF-PQ reaches 0\.7/);
  assert.match(verdict, /flat answers in 2 ms/);
  assert.doesNotMatch(verdict, /nothing fails/);
});

test('families at a recall come fastest first, a stand-in last although it is faster', async () => {
  const [at90 = ''] = section(await samplePage(), 'headline').split('Recall ≥ 0.95');
  // The order of the throughputs in the fixture: 3,446 then 2,230 then 1,181; null has 15,719.
  const places = ['ivf-pq + refine flat', '>ivf-flat<', '>flat<', '>flat (null)<'].map((name) =>
    at90.indexOf(name),
  );
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
  assert.ok(!places.includes(-1));
  assert.match(textOf(at90), /flat \(null\) stand-in, not ranked/);
});

test('a family that does not reach the recall says so, with the highest it has', async () => {
  const headline = textOf(section(await samplePage(), 'headline'));
  assert.match(headline, /pq not reached highest measured: 0\.670 — not measured/);
});

test('what was not measured is a dash that says so, never a zero', async () => {
  const run = readRun();
  for (const build of run.builds) build.memory = {};
  for (const summary of run.summaries) {
    for (const name of ['engineBytes', 'pssGrowthBytes', 'serviceMsP99'])
      delete summary.metrics[name];
  }
  const page = await render(run);
  assert.doesNotMatch(textOf(section(page, 'headline')), /\b0 B\b/);
  assert.doesNotMatch(textOf(section(page, 'builds')), /\b0 B\b/);
  assert.match(textOf(section(page, 'headline')), /flat no parameters 1\.000 .* — not measured/);
});

test('limits and values of gates carry the unit of their metric', async () => {
  const gates = textOf(section(await samplePage(), 'gates'));
  assert.match(gates, /serviceMsP99 family=flat ≤ 2\.00 ms 1\.68 ms 1\.20 ms–2\.35 ms/);
  assert.match(gates, /recall family=ivf-pq nprobe=64 ≥ 0\.7 0\.664/);
});

test('an invalid cell is greyed and gives its reason', async () => {
  const cells = section(await samplePage(), 'cells');
  const row = /<tr role="row" class="invalid">.*?<\/tr>/s.exec(cells)?.[0] ?? '';
  assert.match(textOf(row), /invalid ivf-flat nprobe=32 .* CLIENT_THROTTLED .* 4\.1 %/);
});

test('a failed build and what is unsupported are shown with the reason', async () => {
  const notices = textOf(section(await samplePage(), 'notices'));
  assert.match(notices, /m=12 nbits=4 VERIFY_FAILED verifying ivf-pq on faiss: recall/);
  assert.match(notices, /null search with nprobe the null store has no index families/);
  assert.match(notices, /NOT_ISOLATED client and engine share 2 cores/);
});

test('closed loads speak of service time only, open loads of response', async () => {
  const closed = await samplePage();
  assert.match(closed, /Recall against service p99/);
  assert.doesNotMatch(textOf(closed), /response/i);
  const open = readRun();
  for (const summary of open.summaries) {
    summary.load = { ...summary.load, kind: 'open', rateQps: 500 };
    const service = summary.metrics.serviceMsP99;
    if (service !== undefined) summary.metrics.responseMsP99 = service;
  }
  assert.match(await render(open), /Recall against response p99/);
});

test('text from the run is never markup', async () => {
  const attack = '"><img onerror=alert(1)></svg></style><script>alert(1)</script>\'&';
  const kept = new Set(['schema', 'kind', 'verdict', 'status', 'key', 'keys', 'id', 'build']);
  const poison = (found: unknown, name = ''): unknown => {
    if (kept.has(name)) return found;
    if (typeof found === 'string') return `${found}${attack}`;
    if (Array.isArray(found)) return found.map((each) => poison(each, name));
    if (found === null || typeof found !== 'object') return found;
    return Object.fromEntries(Object.entries(found).map(([key, each]) => [key, poison(each, key)]));
  };
  const run = readRun();
  const page = await render({
    ...run,
    ...(poison({
      suite: run.suite,
      environment: run.environment,
      datasets: run.datasets.map(({ metric: _, ...dataset }) => dataset),
      unsupported: run.unsupported,
      warnings: run.warnings,
      builds: run.builds.map(({ phases: _, ...build }) => build),
      cells: run.cells.map(({ streams: _, startedAt: __, ...cell }) => cell),
      gates: run.gates,
      command: run.command,
      tool: run.tool,
    }) as object),
    datasets: run.datasets.map((each) => ({ ...each, name: attack, sha256: attack })),
    targets: run.targets.map((each) => ({ ...each, version: attack, warnings: [attack] })),
    builds: run.builds.map((each) => ({
      ...each,
      index: { family: attack, params: { [attack]: attack } },
    })),
    summaries: run.summaries.map((each) => ({
      ...each,
      family: attack,
      params: { [attack]: attack },
      search: { [attack]: attack },
    })),
    cells: run.cells.map((each) => ({ ...each, search: { [attack]: attack } })),
  } as Run);
  assert.ok(page.includes('&lt;img'));
  assert.doesNotMatch(page, /<img/);
  assert.equal(page.match(/<script/g)?.length, 1);
  assert.equal(page.match(/<style/g)?.length, 1);
});

test('a run without gates, recall, cells or builds still gives a page', async () => {
  const run = readRun();
  const empty = {
    ...run,
    gates: [],
    builds: [],
    cells: [],
    summaries: [],
    fronts: [],
    atRecall: [],
    unsupported: [],
    warnings: [],
    targets: [],
  };
  const page = await render(empty);
  assert.match(page, /No gates: nothing was judged/);
  assert.doesNotMatch(page, /NaN|undefined|Infinity/);
});

test('a partial run says so first', async () => {
  assert.match(await render({ ...readRun(), status: 'partial' }), /<strong>Partial run\. 4 gates/);
});

test('several runs give one part each, and no id twice', async () => {
  const page = await render(readRun(), readRun());
  const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]);
  assert.equal(page.match(/<h1>/g)?.length, 2);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
});

test('the command spells out the seed and quotes for a shell', () => {
  const run = readRun();
  const command = ['run', '--suite', 'ivfpq', '--set', "title=it's new"];
  assert.equal(
    commandOf({ ...run, command, seed: 7 }),
    "npm run bench -- run --suite ivfpq --set 'title=it'\\''s new' --seed 7",
  );
  const given = { ...run, command: ['bench', 'run', '--seed=3'] };
  assert.equal(commandOf(given), 'npm run bench -- run --seed=3');
});
