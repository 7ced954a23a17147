import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../../core/result.js';
import { buildTimeChart, memoryChart } from '../../reports/charts/builds.js';
import { logTicks } from '../../reports/charts/log-axis.js';
import { panelsOf, recallChart } from '../../reports/charts/recall.js';
import { seriesOf } from '../../reports/charts/series.js';
import { renderChart } from '../../reports/charts/svg.js';
import { readRun } from '../fixtures/read-run.js';

async function draw(run: Run, against: 'throughput' | 'p99' = 'throughput'): Promise<string> {
  const [panel] = panelsOf(run);
  assert.ok(panel !== undefined);
  const chart = recallChart(run, panel, against);
  assert.ok(chart !== undefined);
  return renderChart(chart, 'a');
}

test('ticks of a log axis are 1, 2, 5, 10, ... and enclose the values', () => {
  assert.deepEqual(logTicks(1180, 15_719), [1000, 2000, 5000, 10_000, 20_000]);
  assert.deepEqual(logTicks(0.13, 1.9), [0.1, 0.2, 0.5, 1, 2]);
  assert.deepEqual(logTicks(100, 100), [100, 200]);
  assert.deepEqual(logTicks(600, 900), [500, 1000]);
});

test('a chart has a title, a description and a tooltip for each of its points', async () => {
  const svg = await draw(readRun());
  assert.match(svg, /role="img" aria-labelledby="a-title" aria-describedby="a-desc"/);
  assert.match(svg, /<title\s+id="a-title">Recall against throughput/);
  // 15 points: 1 flat, 5 ivf-flat, 1 pq, 3 ivf-pq, 4 refined, 1 of the stand-in.
  assert.equal(svg.match(/<path[^>]*><title>/g)?.length, 15);
  assert.match(svg, /<title>ivf-flat nlist=128 nprobe=64: recall 0\.939, /);
});

test('all colours of a chart are variables of the page', async () => {
  const run = readRun();
  const charts = [memoryChart(run), buildTimeChart(run)];
  const drawn = await Promise.all(charts.map((chart) => chart && renderChart(chart, 'b')));
  for (const svg of [await draw(run), await draw(run, 'p99'), ...drawn]) {
    const colours = [...(svg ?? '').matchAll(/(?:fill|stroke)="([^"]+)"/g)].map((each) => each[1]);
    assert.ok(colours.length > 0);
    const fixed = colours.filter((each) => each !== 'none' && !each?.startsWith('var(--'));
    assert.deepEqual(fixed, []);
  }
});

test('every valid repeat is a dot, and the invalid one a cross', async () => {
  const svg = await draw(readRun());
  const groups = [...svg.matchAll(/<g class="mark-symbol[^>]*>(.*?)<\/g>/gs)].map(
    (each) => each[1],
  );
  const counts = groups.map((group) => group?.match(/<path/g)?.length);
  // 45 valid repeats, 1 invalid, 14 points filled, 1 hollow.
  assert.deepEqual(counts, [45, 1, 14, 1]);
});

test('a p99 that was not measured leaves its point out', async () => {
  const run = readRun();
  delete run.summaries[0]?.metrics.serviceMsP99;
  assert.equal((await draw(run, 'p99')).match(/<path[^>]*><title>/g)?.length, 14);
});

test('memory that was not measured says so instead of a bar', async () => {
  const chart = memoryChart(readRun());
  assert.ok(chart !== undefined);
  const svg = await renderChart(chart, 'c');
  assert.equal(svg.match(/— not measured/g)?.length, 1);
  assert.doesNotMatch(chart.description, /flat \(null\)/);
});

test('of a server, which holds other builds too, the chart has what a build added', async () => {
  const run = readRun();
  const [build] = run.builds;
  assert.ok(build !== undefined);
  const mib = 1024 * 1024;
  const pages = { pssAnonBytes: 700 * mib, pssFileBytes: 90 * mib, pssShmemBytes: 20 * mib };
  // Of its mapped files it let go of 10 MiB meanwhile.
  const baseline = { pssAnonBytes: 650 * mib, pssFileBytes: 100 * mib, pssShmemBytes: 17 * mib };
  const targets = run.targets.map((target) => ({ ...target, kind: 'server' as const }));
  const builds = [{ ...build, memory: { ...pages, baseline } }];
  const chart = memoryChart({ ...run, targets, builds, summaries: [] });
  assert.ok(chart !== undefined);
  assert.match(chart.description, /anonymous 50\.0 MiB.*shared 3\.00 MiB/);
  assert.doesNotMatch(chart.description, /files/);
  assert.match(await renderChart(chart, 'c'), />43\.0 MiB</);
});

test('one family of one target keeps its colour, refined or not are two', () => {
  const names = [...seriesOf(readRun()).keys()];
  const families = ['flat', 'ivf-flat', 'pq', 'ivf-pq', 'ivf-pq + refine flat', 'flat (null)'];
  assert.deepEqual(names, families);
  const colours = [...seriesOf(readRun()).values()].map((series) => series.colour);
  assert.equal(new Set(colours).size, 6);
});

test('names carry the target where several real ones are compared', () => {
  const run = readRun();
  const targets = run.targets.map((target) => ({ ...target, standIn: false }));
  assert.ok(seriesOf({ ...run, targets }).has('flat (faiss)'));
});

test('a run of one point still has a chart with finite places', async () => {
  const run = readRun();
  const summaries = run.summaries.slice(0, 1);
  const cells = run.cells.filter((cell) => cell.build === summaries[0]?.build).slice(0, 1);
  const svg = await draw({ ...run, summaries, cells, fronts: [] });
  assert.doesNotMatch(svg, /NaN|Infinity/);
});
