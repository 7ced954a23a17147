import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRun } from '../../cli/run-table.js';
import { type Cell, type Run, runSchema } from '../../core/result.js';
import type { Chart } from '../../reports/charts/svg.js';
import { coresChart, hasUsage, residentChart, usageMarks } from '../../reports/charts/usage.js';
import { textOf } from '../../reports/html/markup.js';
import { usageSection } from '../../reports/html/sections/usage.js';
import report from '../../reports/html.js';
import { makeCapacityRun } from '../fixtures/make-capacity.js';
import { readRun } from '../fixtures/read-run.js';

type Timeline = NonNullable<Cell['resources']['timeline']>;

const mebibyte = 1024 * 1024;
const format = String;

/** A run that began at 10:00:00 with these cells, of which some have a timeline. */
function runOf(timelines: readonly (Timeline | undefined)[], run = readRun()): Run {
  const [first] = run.cells;
  assert.ok(first !== undefined);
  const cells = timelines.map((timeline, index): Cell => {
    const resources = { server: {}, client: {}, host: {}, ...(timeline && { timeline }) };
    const startedAt = `2026-05-04T10:00:${10 + 10 * index}.000Z`;
    return { ...first, id: `c${index}`, startedAt, durationS: 2.5, invalid: [], resources };
  });
  return { ...run, startedAt: '2026-05-04T10:00:00.000Z', cells };
}

const gap: Timeline = {
  beginS: 1.5,
  secondS: [0, 1, 2],
  serverCores: [0.5, null, 0.75],
  clientCores: [0.25, 0.125, 0.125],
  serverRssBytes: [mebibyte, 2 * mebibyte, 3 * mebibyte],
};

test('a second lies where its window opened, and the last ends with the window', () => {
  const marks = usageMarks(runOf([gap, { ...gap, secondS: [0, 2, 3] }]), {
    figure: 'serverRssBytes',
    format,
  });
  // 10 s and 20 s after the run began the cells did, 1.5 s later their windows; 2.5 s they lasted.
  assert.deepEqual(
    marks.map(({ fromS, toS, line }) => [fromS, toS, line]),
    [
      [11.5, 12.5, 'c0/1'],
      [12.5, 13.5, 'c0/1'],
      [13.5, 14, 'c0/1'],
      [21.5, 22.5, 'c1/1'],
      [23.5, 24, 'c1/2'],
      [24.5, 24.5, 'c1/2'],
    ],
  );
});

test('where nothing was measured the line is broken', () => {
  const marks = usageMarks(runOf([gap]), { figure: 'serverCores', format });
  assert.deepEqual(
    marks.map(({ y, line }) => [y, line]),
    [
      [0.5, 'c0/1'],
      [0.75, 'c0/2'],
    ],
  );
});

/** What the layers of a chart draw. */
function layers(chart: Chart | undefined) {
  assert.ok(chart !== undefined);
  const spec = chart.spec as { layer: { data: { values: { x: number; y: number }[] } }[] };
  return spec.layer;
}

test('cores of client and store are drawn, and memory in units of the axis', () => {
  const run = runOf([gap]);
  const ys = layers(coresChart(run)).map(({ data }) => data.values.map(({ y }) => y));
  assert.deepEqual(ys, [
    [0.25, 0.25, 0.125, 0.125, 0.125, 0.125],
    [0.25, 0.125, 0.125],
    [0.5, 0.5, 0.75, 0.75],
    [0.5, 0.75],
  ]);
  const memory = layers(residentChart(run)).at(-1)?.data.values;
  assert.deepEqual(
    memory?.map(({ x, y }) => [x, y]),
    [
      [12, 1],
      [13, 2],
      [13.75, 3],
    ],
  );
  const { description = '' } = coresChart(run) ?? {};
  assert.match(
    description,
    /flat: 0.5 cores to 0.75 cores \(windows: 1, seconds: 2\). client: 0.125 cores/,
  );
});

test('long runs are drawn over minutes', () => {
  const run = runOf([gap]);
  const late = { ...run, startedAt: '2026-05-04T09:00:00.000Z' };
  const spec = JSON.stringify(coresChart(late)?.spec);
  assert.match(spec, /since the run began \(min\)/);
  // An hour and 11.5 s to an hour and 14 s.
  assert.ok(spec.includes(`"domain":[${3611.5 / 60},${3614 / 60}]`));
});

test('the section is there for one long window or five short ones', async () => {
  const one: Timeline = { secondS: [0], clientCores: [0.5] };
  assert.equal(hasUsage(runOf([{ ...one, secondS: [0, 1], clientCores: [1, 1] }])), true);
  assert.equal(hasUsage(runOf([one, one, one, one, undefined])), false);
  assert.equal(await usageSection(runOf([one, one, one, one]), 'usage'), undefined);
  const section = textOf(await usageSection(runOf([one, one, one, one, one]), 'usage'));
  assert.match(section, /Processor time and memory over time/);
  assert.match(section, /client<\/li>/);
  // Only the client was sampled.
  assert.doesNotMatch(section, /resident set/);
});

test('a search for the highest rate has the section too', async () => {
  const run = makeCapacityRun();
  const cells = run.cells.map((cell): Cell => {
    return { ...cell, resources: { ...cell.resources, timeline: gap } };
  });
  const section = textOf(await usageSection({ ...run, cells }, 'usage'));
  assert.equal([...section.matchAll(/<figure>/g)].length, 2);
});

/** A stored run with all figures of resources, as a watched server has them. */
function watchedRun(): Run {
  const run = readRun();
  const group = { anonBytes: 1, fileBytes: 2, shmemBytes: 3, workingSetBytes: 5 * mebibyte };
  for (const build of run.builds) {
    Object.assign(build, { folderBytes: 7 * mebibyte });
    Object.assign(build.memory, { cgroup: group, cgroupBytes: 9, baseline: { cgroup: group } });
  }
  for (const { resources } of run.cells) {
    Object.assign(resources.server, { rssBytes: 11 * mebibyte, rssPeakBytes: 12 * mebibyte });
    Object.assign(resources.server, { cgroup: group, readBytesPerRequest: 0 });
    resources.throttled = { serverFraction: 0.02 };
  }
  const figure = (value: number) => ({ median: value, method: 'median', values: [value] });
  for (const { metrics } of run.summaries) {
    metrics.serverRssBytes = figure(11 * mebibyte);
    metrics.serverRssPeakBytes = figure(12 * mebibyte);
    metrics.readBytesPerMillion = figure(0);
    metrics.writeBytesPerMillion = figure(mebibyte);
  }
  return runSchema.parse({ ...run, sampling: { cells: 12, cpuFraction: 0.004 } });
}

test('figures of resources are shown where they were measured, and defined', async () => {
  const run = watchedRun();
  for (const { resources } of run.cells) resources.timeline = gap;
  const page = Buffer.from(await report.render([run])).toString('utf8');
  assert.match(page, /<a href="#usage">Over time<\/a>/);
  const text = page.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  for (const wanted of [
    'Control group and folder',
    '7.00 MiB',
    'What stores held and moved',
    '12.0 MiB',
    'They had disks fetch nothing, where that is known.',
    'What each cell took',
    'The sampler took 0.4 % of a core (median of 12 cells)',
    'What the kernel charges to the control group of the store',
    'Of a window the median and the largest of its samples',
  ]) {
    assert.ok(text.includes(wanted), wanted);
  }
  // No store held huge pages, and none was asked what it states.
  assert.doesNotMatch(text, /Huge pages|as the store states it/);
});

test('without them nothing of the page speaks of them', async () => {
  const page = Buffer.from(await report.render([readRun()])).toString('utf8');
  assert.doesNotMatch(page, /[Cc]ontrol group|Resident set|The sampler took|Over time/);
});

test('the table in the terminal has the resident set and what the sampler took', () => {
  const text = formatRun(watchedRun());
  assert.match(text, /size {2,}RSS/);
  assert.match(text, /12\.0 MiB/);
  assert.match(text, /\nthe sampler took 0\.4 % of a core \(median of 12 cells\)\n/);
  assert.doesNotMatch(formatRun(readRun()), /RSS|sampler/);
});
