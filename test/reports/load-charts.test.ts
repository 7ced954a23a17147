import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Run, Summary } from '../../core/result.js';
import { movedApart } from '../../reports/charts/line-ends.js';
import { logAxis } from '../../reports/charts/log-axis.js';
import { kneeText, rampChart } from '../../reports/charts/ramp.js';
import { type AgainstRate, rateChart, ratePanelsOf } from '../../reports/charts/rates.js';
import { panelsOf, recallChart } from '../../reports/charts/recall.js';
import { recoveryText, spikeChart } from '../../reports/charts/spike.js';
import { type Chart, renderChart } from '../../reports/charts/svg.js';
import { makeOpenRun } from '../fixtures/make-open-run.js';

function ratesOf(run: Run, against: AgainstRate): Chart {
  const [panel] = ratePanelsOf(run);
  assert.ok(panel !== undefined);
  const chart = rateChart(run, panel, against);
  assert.ok(chart !== undefined);
  return chart;
}

function of(run: Run, kind: Summary['load']['kind'], nprobe: number): Summary {
  const found = run.summaries.find(
    ({ load, search }) => load.kind === kind && search.nprobe === nprobe,
  );
  assert.ok(found !== undefined);
  return found;
}

function drawn(chart: Chart | undefined): Promise<string> {
  assert.ok(chart !== undefined);
  return renderChart(chart, 'a');
}

/** How many symbols each layer of points has, in the order of drawing. */
function symbols(svg: string): number[] {
  const groups = [...svg.matchAll(/<g class="mark-symbol[^>]*>(.*?)<\/g>/gs)];
  return groups.map((group) => group[1]?.match(/<path/g)?.length ?? 0);
}

/** The texts of a chart that are no part of an axis, with their height. */
function texts(svg: string): { readonly text: string; readonly y: number }[] {
  const marks = [...svg.matchAll(/<g class="mark-text role-mark[^>]*>(.*?)<\/g>/gs)];
  return marks.flatMap(([, group = '']) =>
    [...group.matchAll(/translate\([-\d.]+,([-\d.]+)\)[^>]*>([^<]*)</g)].map((found) => ({
      y: Number(found[1]),
      text: found[2] ?? '',
    })),
  );
}

/** The data of the layers of a chart. */
function layersOf(chart: Chart | undefined): readonly (readonly Record<string, unknown>[])[] {
  const spec = chart?.spec as unknown as { layer: { data: { values: never[] } }[] };
  return spec.layer.map(({ data }) => data.values);
}

test('names are moved apart as little as it goes, and keep their order', () => {
  // By hand: 10 and 12 are 5 apart when the second goes to 15; 98 has no room below 100.
  assert.deepEqual(movedApart([12, 98, 10, 97], { gap: 5, height: 100 }), [15, 100, 10, 95]);
  assert.deepEqual(movedApart([], { gap: 5, height: 100 }), []);
});

test('names keep their distance wherever lines end', () => {
  const places = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 20 });
  fc.assert(
    fc.property(places, (given) => {
      const moved = [...movedApart(given, { gap: 13, height: 300 })].sort((a, b) => a - b);
      const gaps = moved.slice(1).map((place, index) => place - (moved[index] as number));
      assert.ok(gaps.every((gap) => gap >= 13 - 1e-9));
      assert.ok(moved.every((place) => place >= -1e-9 && place <= 300 + 1e-9));
    }),
  );
});

test('an axis keeps a share of its length free behind the highest value', () => {
  // Half of the length of 10 to 1,000 on a log scale is 10 to 100.
  const axis = logAxis('rate', [10, 100], 0.5);
  assert.deepEqual(axis.ticks, [10, 20, 50, 100]);
  assert.ok(Math.abs(axis.domain[1] - 1000) < 1e-9);
});

test('p99 by rate: medians, saturated ones as arrows, every attempt', async () => {
  const svg = await drawn(ratesOf(makeOpenRun(), 'p99'));
  // 5 searches x 6 rates, of which one has no valid repeat: 29 points. One server of 832, 446, 287
  // and 165 us can do 1,202, 2,242, 3,484 and 6,061 a second: 3 + 2 + 2 + 1 are saturated. Each has
  // 3 repeats, but for a partial and a failed one: 85 dots. Crosses: 9 + 1 invalid, 1 partial.
  assert.deepEqual(symbols(svg), [85, 11, 21, 8]);
  assert.match(
    svg,
    /<title>flat, open 2000\/s: [\d,]+ ms \([^)]+\), saturated: latency has no end</,
  );
});

test('a rate that no repeat is valid at is in no line', () => {
  const { description } = ratesOf(makeOpenRun(), 'p99');
  assert.match(description, /flat, open 200\/s/);
  assert.doesNotMatch(description, /flat, open 500\/s/);
});

test('a line is named by what tells it from its colour, no name over another', async () => {
  for (const against of ['p99', 'achieved'] as const) {
    const names = texts(await drawn(ratesOf(makeOpenRun(), against)));
    assert.deepEqual(names.map(({ text }) => text).sort(), [
      'flat',
      'ivf-pq + refine flat',
      'nprobe=16',
      'nprobe=4',
      'nprobe=64',
    ]);
    const heights = names.map(({ y }) => y).sort((a, b) => a - b);
    assert.ok(heights.slice(1).every((y, index) => y - (heights[index] as number) >= 12.9));
  }
});

test('more lines than names have room for have none', async () => {
  const run = makeOpenRun();
  const summaries = run.summaries.filter(({ load }) => load.kind === 'open');
  const many = Array.from({ length: 5 }, (_, index) =>
    summaries.map((each) => ({ ...each, search: { ...each.search, efSearch: index } })),
  );
  // 25 lines of 13 pixels are higher than the plot of 300.
  const svg = await drawn(ratesOf({ ...run, summaries: many.flat() }, 'p99'));
  assert.deepEqual(texts(svg), []);
});

test('throughput by offered rate has a line for all that was offered', () => {
  const [line] = layersOf(ratesOf(makeOpenRun(), 'achieved'));
  // Rates from 200 to 8,000.
  assert.deepEqual(line, [{ x: 200, y: 200, toX: 8000, toY: 8000 }]);
});

test('one rate makes no chart, nor do ramps, spikes and closed loads', () => {
  const run = makeOpenRun();
  const few = run.summaries.filter(({ load }) => load.kind !== 'open' || load.rateQps === 200);
  assert.deepEqual(ratePanelsOf({ ...run, summaries: few }), []);
});

test('a percentile that the pacer moved is drawn hollow', async () => {
  const run = makeOpenRun();
  for (const summary of run.summaries) {
    if (summary.load.rateQps === 200) summary.pacerLimited = ['responseMsP99'];
  }
  // The 5 points at the lowest rate are hollow now, of the 21 that are not saturated.
  assert.deepEqual(symbols(await drawn(ratesOf(run, 'p99'))).slice(2), [16, 5, 8]);
});

test('recall has a panel for each closed load and rate in their order, none for ramps', () => {
  const loads = panelsOf(makeOpenRun()).map(({ load }) => load.rateQps ?? load.kind);
  assert.deepEqual(loads, ['closed', 200, 500, 1000, 2000, 4000, 8000]);
});

test('a saturated latency is an arrow beside the front, never a point of it', () => {
  const run = makeOpenRun();
  const panel = panelsOf(run).find(({ load }) => load.rateQps === 4000);
  assert.ok(panel !== undefined);
  const chart = recallChart(run, panel, 'p99');
  const front = layersOf(chart)[2] as readonly { x: number }[];
  // At 4,000 a second nprobe 4 and 16 keep up; flat, nprobe 64 and the refined one do not.
  assert.deepEqual(
    front.map(({ x }) => x),
    [0.626, 0.783],
  );
});

test('a ramp shows p50 and p99 of each step of each repeat, and its knee', async () => {
  const run = makeOpenRun();
  const summary = of(run, 'ramp', 64);
  const svg = await drawn(rampChart(run, summary));
  // 3 repeats x 6 steps x 2 percentiles; 4,000 and 8,000 are beyond 2,242 a second.
  assert.deepEqual(symbols(svg), [24, 12]);
  assert.match(svg, />knee 2,000 QPS</);
  assert.match(
    svg,
    /<title>repeat 1, 8,000 QPS offered, [\d,]+ QPS answered: p99 [^<]*, saturated</,
  );
});

test('a ramp without a saturated step has no knee up to its last rate', () => {
  const run = makeOpenRun();
  const summary = of(run, 'ramp', 16);
  assert.equal(kneeText(run, summary), 'knee 4,000 QPS');
  for (const cell of run.cells) {
    for (const phase of cell.streams[0]?.phases ?? []) phase.saturated = false;
  }
  assert.equal(kneeText(run, summary), 'no knee up to 4,000 QPS');
  delete summary.metrics.kneeQps;
  for (const cell of run.cells) delete cell.streams[0]?.kneeQps;
  const words = 'saturated from the first step (250 QPS) in 3 of 3 repeats';
  assert.equal(kneeText(run, summary), words);
  assert.equal(kneeText({ ...run, cells: [] }, summary), 'no knee measured');
});

test('attempts that do not count are in no chart of a ramp or spike', () => {
  const run = makeOpenRun();
  for (const cell of run.cells) cell.invalid = [{ code: 'PACER_LAG', message: 'late' }];
  assert.equal(rampChart(run, of(run, 'ramp', 16)), undefined);
  assert.equal(spikeChart(run, of(run, 'spike', 16)), undefined);
});

test('a spike shades its burst and marks when the store was itself again', async () => {
  const run = makeOpenRun();
  const summary = of(run, 'spike', 16);
  const chart = spikeChart(run, summary);
  const [burst, , recovery] = layersOf(chart);
  assert.deepEqual(burst, [{ x: 5, end: 7, text: '6,000 QPS' }]);
  // The burst ends at 7 s; recoveries of 1.1, 1.2 and 1.3 s.
  assert.ok(Math.abs(Number(recovery?.[0]?.x) - 8.2) < 1e-9);
  assert.equal(recoveryText(run, summary), 'recovered 1.20 s after the burst');
  const names = texts(await drawn(chart)).map(({ text }) => text);
  assert.deepEqual(names.sort(), ['+1.20 s', '6,000 QPS', 'p50', 'p99']);
});

test('a second without a p99 leaves a gap in its line', () => {
  const run = makeOpenRun();
  const values = layersOf(spikeChart(run, of(run, 'spike', 16))).flat();
  const pieces = new Set(values.filter((one) => one.percentile === 'p99').map((one) => one.line));
  pieces.delete(undefined);
  // 3 repeats, each in two pieces: the fourth second has no p99.
  assert.equal(pieces.size, 6);
});

test('a store that does not recover has no mark but words that say how often', async () => {
  const run = makeOpenRun();
  const summary = of(run, 'spike', 64);
  assert.equal(recoveryText(run, summary), 'not recovered within the window in 3 of 3 repeats');
  const names = texts(await drawn(spikeChart(run, summary))).map(({ text }) => text);
  assert.deepEqual(names.sort(), ['6,000 QPS', 'p50', 'p99']);
});

test('a burst without a trace says so', () => {
  const run = makeOpenRun();
  const summary = of(run, 'spike', 16);
  const recoveryS = { median: 0, method: 'one value', values: [0] };
  const changed = { ...summary, metrics: { ...summary.metrics, recoveryS } };
  assert.equal(recoveryText(run, changed), 'the burst left no trace');
});

test('all colours of the charts of open loads are variables of the page', async () => {
  const run = makeOpenRun();
  const charts = [
    ratesOf(run, 'p99'),
    ratesOf(run, 'achieved'),
    rampChart(run, of(run, 'ramp', 16)),
    spikeChart(run, of(run, 'spike', 16)),
  ];
  for (const chart of charts) {
    const svg = await drawn(chart);
    const colours = [...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map((each) => each[1]);
    assert.deepEqual(
      colours.filter((each) => each !== 'none' && !each?.startsWith('var(--')),
      [],
    );
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  }
});
