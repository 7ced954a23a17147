import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Capacity, Run } from '../../core/result.js';
import { type CapacityView, capacityChart } from '../../reports/charts/capacity.js';
import { capacityBars } from '../../reports/charts/capacity-bars.js';
import type { Chart } from '../../reports/charts/svg.js';
import { makeCapacityRun } from '../fixtures/make-capacity.js';

function entry(ending: Capacity['ending']): Capacity {
  const found = makeCapacityRun().capacity.find((each) => each.ending === ending);
  assert.ok(found !== undefined);
  return found;
}

function chartOf(found: Capacity, part: CapacityView['part'] = 'whole'): Chart | undefined {
  const [condition] = found.conditions;
  assert.ok(condition !== undefined);
  return capacityChart(found, { name: 'ivf-pq', condition, part });
}

interface Layer {
  readonly data: { readonly values: readonly Readonly<Record<string, unknown>>[] };
  readonly mark: Readonly<Record<string, unknown>>;
}

/** The layers that have data and draw with one kind of mark. */
function layers(chart: Chart | undefined, type: string): readonly Layer[] {
  const spec = chart?.spec as unknown as { readonly layer: readonly Layer[] };
  return spec.layer.filter(({ data, mark }) => mark.type === type && data.values.length > 0);
}

function texts(chart: Chart | undefined): readonly unknown[] {
  return layers(chart, 'text').flatMap(({ data }) => data.values.map(({ text }) => text));
}

test('every trial with a rate is one point, full where it passed, else hollow', () => {
  const points = layers(chartOf(entry('confirmed')), 'point');
  const [passed = [], against = [], arrows = []] = points.map(({ data }) => data.values);
  // By hand, of a store that does 2,430 a second, p99 = ln 100 / (2,430 - rate): at or below 20 ms
  // up to 2,199. So 500, 1,000, 2,000, 2,181 and 2,181 at length pass; 4,000, 2,828, 2,378, 2,278
  // and 2,229 fail twice each, of which 4,000 and 2,828 are more than it does.
  assert.equal(passed.length, 5);
  assert.equal(against.length, 10);
  assert.equal(arrows.length, 4);
  assert.deepEqual(
    points.map(({ mark }) => mark.filled),
    [true, false, true],
  );
  assert.deepEqual(
    passed.map(({ kind }) => kind),
    ['ramp', 'ramp', 'ramp', 'bisect', 'confirm'],
  );
});

test('the line joins the medians of short trials, in the order of their rates', () => {
  const found = entry('confirmed');
  const twice = found.trials.filter(({ rateQps }) => rateQps === 2228.78);
  for (const [index, trial] of twice.entries()) trial.measured = { p99: 20 + 4 * index };
  const [line] = layers(chartOf(found), 'line');
  const places = line?.data.values ?? [];
  const rates = [500, 1000, 2000, 2181.02, 2228.78, 2277.59, 2378.41, 2828.43, 4000];
  assert.deepEqual(
    places.map(({ x }) => x),
    rates,
  );
  // The median of 20 and 24.
  assert.equal(places[4]?.y, 22);
});

test('the limit, the confirmed rate and the knee have a line and a name each', () => {
  const chart = chartOf(entry('confirmed'));
  assert.deepEqual(texts(chart), ['SLO: p99 ≤ 20 ms', 'confirmed 2,181', 'knee 2,378']);
  const places = layers(chart, 'rule').flatMap(({ data }) => data.values);
  assert.deepEqual(
    places.map(({ x, y }) => x ?? y),
    [20, 2181.0154, 2378.41],
  );
});

test('what was not found has no line: no confirmed rate, no bracket', () => {
  const unconfirmed = chartOf(entry('unconfirmed'));
  assert.ok(texts(unconfirmed).every((text) => !String(text).includes('confirmed')));
  assert.deepEqual(layers(unconfirmed, 'rect'), []);
  assert.equal(layers(chartOf(entry('out-of-time')), 'rect').length, 1);
});

test('names of a confirmed rate and a knee go away from each other, whichever is lower', () => {
  const found = entry('confirmed');
  const sides = (kneeQps: number) =>
    layers(chartOf({ ...found, kneeQps }), 'text')
      .slice(1)
      .map(({ data, mark }) => [data.values[0]?.text, mark.align]);
  assert.deepEqual(sides(2300), [
    ['confirmed 2,181', 'right'],
    ['knee 2,300', 'left'],
  ]);
  assert.deepEqual(sides(2000), [
    ['knee 2,000', 'right'],
    ['confirmed 2,181', 'left'],
  ]);
  assert.deepEqual(sides(2181.02), [['confirmed 2,181, also the knee', 'right']]);
});

test('near the answer is a part of the trials, and is left out where the bracket is wide', () => {
  const chart = chartOf(entry('confirmed'), 'near');
  const xs = layers(chart, 'point').flatMap(({ data }) => data.values.map(({ x }) => Number(x)));
  // Within a quarter of 2,181..2,229.
  assert.ok(Math.min(...xs) === 2000 && Math.max(...xs) === 2378.41);
  assert.equal(chartOf(entry('out-of-time'), 'near'), undefined);
  assert.equal(chartOf(entry('no-limit'), 'near'), undefined);
});

test('a search that offered no rate, or did not measure the percentile, has no chart', () => {
  assert.equal(chartOf(entry('nothing-passes')), undefined);
  const found = entry('confirmed');
  const trials = found.trials.map((trial) => ({ ...trial, measured: { recall: 0.9 } }));
  assert.equal(chartOf({ ...found, trials }), undefined);
});

test('trials that the client spoilt are in a colour of their own, and in no line', () => {
  const chart = chartOf(entry('client-limit'));
  const against = layers(chart, 'point')[1]?.data.values ?? [];
  assert.deepEqual([...new Set(against.map(({ verdict }) => verdict))], ['client']);
  const line = layers(chart, 'line')[0]?.data.values ?? [];
  assert.ok(line.every(({ x }) => Number(x) < 15_000));
});

/** The bars of a run: what is drawn, and what is written. */
function barsOf(run: Run) {
  const chart = capacityBars(run);
  const bars = layers(chart, 'bar').flatMap(({ data }) => data.values);
  return { amounts: bars.map(({ amount }) => amount), texts: texts(chart) };
}

test('bars are sorted, then what is never ranked, then words where there is no answer', () => {
  const { amounts, texts: words } = barsOf(makeCapacityRun());
  assert.deepEqual(amounts, [3000, 2181.0154, 14_993.33]);
  assert.deepEqual(words, [
    '≥ 3,000',
    '2,181',
    '≥ 14,993',
    'not confirmed: no long trial passed',
    'out of time: 2,000 passed, 4,000 did not',
    'nothing passes',
  ]);
});

test('a bar has a line from the highest rate that passed to the lowest that did not', () => {
  const spans = layers(capacityBars(makeCapacityRun()), 'rule').flatMap(({ data }) => data.values);
  assert.deepEqual(
    spans.map(({ at, to }) => [at, to]),
    [
      [2181.0154, 2228.7776],
      [14_993.33, 15_321.6],
    ],
  );
});

test('one setting, or none with an answer, has no chart of bars', () => {
  const run = makeCapacityRun();
  assert.equal(capacityBars({ ...run, capacity: run.capacity.slice(0, 1) }), undefined);
  const none = run.capacity.filter(({ confirmedQps }) => confirmedQps === undefined);
  assert.equal(capacityBars({ ...run, capacity: none }), undefined);
});

test('settings of several streams name theirs', () => {
  const run = makeCapacityRun();
  const [first] = run.capacity;
  assert.ok(first !== undefined);
  const capacity = ['search-all', 'search-genre'].map((stream) => ({ ...first, stream }));
  const description = capacityBars({ ...run, capacity })?.description ?? '';
  assert.match(description, / search-all .*: 2,181\. .* search-genre .*: 2,181$/);
  assert.doesNotMatch(capacityBars(run)?.description ?? '', /search/);
});

test('settings with one label have a bar each', () => {
  const run = makeCapacityRun();
  const [first] = run.capacity;
  assert.ok(first !== undefined);
  const { amounts } = barsOf({ ...run, capacity: [first, { ...first, confirmedQps: 1000 }] });
  assert.deepEqual(amounts, [2181.0154, 1000]);
  const chart = capacityBars({ ...run, capacity: [first, { ...first, confirmedQps: 1000 }] });
  const builds = layers(chart, 'bar')[0]?.data.values.map(({ build }) => build);
  assert.equal(new Set(builds).size, 2);
});
