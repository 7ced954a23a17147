import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noiseOf } from '../../core/noise/noise.js';
import type { Run } from '../../core/result.js';
import { noiseChart } from '../../reports/charts/noise.js';
import { textOf } from '../../reports/html/markup.js';
import { noiseSection } from '../../reports/html/sections/noise.js';
import { noisyRun, pairedCells, pairedSummary, quietPairs } from '../core/noise/runs.js';
import { readRun } from '../fixtures/read-run.js';

const cells = pairedCells(quietPairs(6));
const summaries = [pairedSummary()];
const { noise } = noiseOf({ cells, summaries, seed: 1 });
const run = noisyRun({ cells, summaries, noise });

async function sectionOf(shown: Run): Promise<string> {
  return textOf(await noiseSection(shown, 'noise'));
}

test('a run that is no A/A has no section on noise', async () => {
  assert.equal(await noiseSection(readRun(), 'noise'), undefined);
});

test('every metric has a group of points, headlines first and drawn', async () => {
  const section = await sectionOf(run);
  const groups = [...section.matchAll(/colspan="\d+"><code>(\w+)</g)].map(([, name]) => name);
  assert.deepEqual(groups.slice(0, 2), ['throughputQps', 'serviceMsP50']);
  assert.equal(groups.length, new Set(noise.map(({ metric }) => metric)).size);
  assert.equal([...section.matchAll(/<svg /g)].length, 2);
});

test('a dot is a pair, placed by how much more the head had', () => {
  const chart = noiseChart(run, 'throughputQps');
  assert.ok(chart !== undefined);
  const { layer: layers } = chart.spec as { layer: { data: { values: { x: number }[] } }[] };
  const [limits, dots] = layers.map(({ data }) => data.values.map(({ x }) => x));
  // 1/1.05 and 1.05, in per cent.
  assert.deepEqual(
    limits?.map((x) => x.toFixed(2)),
    ['-4.76', '5.00'],
  );
  const expected = quietPairs(6).map(([base, head]) => (100 * (head / base - 1)).toFixed(6));
  assert.deepEqual(
    dots?.map((x) => x.toFixed(6)),
    expected,
  );
  assert.equal(noiseChart(run, 'responseMsP99'), undefined);
});

test('where no point has enough pairs the section says so', async () => {
  assert.match(await sectionOf({ ...run, noise: [] }), /Not known: too few pairs count/);
});
