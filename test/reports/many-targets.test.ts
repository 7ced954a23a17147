import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../../core/result.js';
import { memoryChart } from '../../reports/charts/builds.js';
import { seriesOf } from '../../reports/charts/series.js';
import { renderChart } from '../../reports/charts/svg.js';
import report from '../../reports/html.js';
import { readRun } from '../fixtures/read-run.js';

const names = ['faiss', 'hnswlib', 'usearch', 'lancedb', 'pglite', 'qdrant-edge', 'sqlite-vec'];
const families = ['flat', 'hnsw', 'ivf-flat', 'ivf-pq', 'ivf-sq', 'hnsw-sq', 'pq', 'ivf-rq', 'x'];

/** A run in which every target builds every family, with a warning of its own. */
function manyTargets(): Run {
  const run = readRun();
  const [target] = run.targets as [Run['targets'][number]];
  const [build] = run.builds as [Run['builds'][number]];
  const params = { nlist: 128, m: 48, nbits: 8, refine: 'flat', elements: 'float32' };
  const message = 'it was built without SIMD';
  return {
    ...run,
    targets: names.map((name) => ({ ...target, name, warnings: [message] })),
    builds: names.flatMap((name) =>
      families.map((family) => ({
        ...build,
        id: `${name}-${family}`,
        target: name,
        index: { family, params },
        warnings: [{ code: 'ENGINE', message }],
      })),
    ),
    summaries: [],
    cells: [],
    fronts: [],
    atRecall: [],
  };
}

test('of many series a target has one colour, a family one shape, and no two are alike', () => {
  const series = [...seriesOf(manyTargets()).values()];
  assert.equal(series.length, names.length * families.length);
  assert.equal(new Set(series.map(({ colour, shape }) => `${colour} ${shape}`)).size, 63);
  for (const target of names) {
    const own = series.filter(({ name }) => name.endsWith(`(${target})`));
    assert.equal(new Set(own.map(({ colour }) => colour)).size, 1, target);
  }
  for (const family of families) {
    const own = series.filter(({ name }) => name.startsWith(`${family} `));
    assert.equal(own.length, names.length);
    assert.equal(new Set(own.map(({ shape }) => shape)).size, 1, family);
  }
});

test('every mark of a series is drawn beside its name', async () => {
  const page = Buffer.from(await report.render([manyTargets()])).toString('utf8');
  const marks = [...page.matchAll(/<svg class="swatch"[^>]*><path\s+d="([^"]*)"/g)];
  assert.ok(marks.length >= 63);
  assert.ok(marks.every(([, path]) => path !== ''));
});

test('labels of bars are whole, in as many lines as they need', async () => {
  const chart = memoryChart(manyTargets());
  assert.ok(chart !== undefined);
  const svg = await renderChart(chart, 'm');
  assert.doesNotMatch(svg, /…/);
  const texts = [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/gs)].map(([, text = '']) => text);
  const long = texts.filter((text) => text.includes('>ivf-flat + refine flat<'));
  assert.equal(long.length, names.length);
  assert.match(long[5] ?? '', />\(qdrant-edge\) nlist=128<.*>m=48 nbits=8<.*>elements=float32</s);
});

test('what a target warns of is not told of its builds again', async () => {
  const page = Buffer.from(await report.render([manyTargets()])).toString('utf8');
  assert.equal(page.match(/it was built without SIMD/g)?.length, names.length);
});
