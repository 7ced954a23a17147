import type { CollectionSpec, Store } from '../../core/adapter.js';
import type { Measurement } from '../../core/calibrate/contest.js';
import { figuresOf, playRounds, ratiosOf } from '../../core/calibrate/rounds.js';
import { nowNs } from '../../core/clock.js';
import { openStore, sourceOf } from '../../core/run/open-store.js';
import { nsPerS } from '../../core/units.js';
import { float32Rows } from '../../core/vectors.js';
import { print } from './runs.js';
import type { StoreCase } from './stores-bare.js';
import { loadByBench, loadFilms } from './stores-stage.js';

/** Rows a second of bench over those of the documented way. */
const leastRatio = 0.8;

const timeoutNs = 600 * nsPerS;

/**
 * Rows a second as `bench run` stores them, over those of the way that the store's documentation
 * advises, in alternating rounds, each into a new collection. Rows are encoded before, as far as
 * they can be; the time of an index that is built afterwards is left out of both.
 */
export async function compareLoading(one: StoreCase): Promise<void> {
  const { rounds } = one.options;
  const contestant = (name: string, measure: () => Promise<Measurement>) => {
    return { name, title: name, definitions: [], find: async () => ({ version: '' }), measure };
  };
  const { measured } = await playRounds(
    [contestant('bench', () => loadByBench(one)), contestant('bare', () => loadBare(one))],
    { rounds, seed: 1, onTurn: () => undefined },
  );
  const { bench = [], bare = [] } = measured;
  const ratio = ratiosOf(bench, bare).requestsPerS;
  const perS = [bench, bare].map((all) => Math.round(figuresOf(all).requestsPerS?.median ?? 0));
  const interval =
    ratio?.low === undefined || ratio.high === undefined
      ? 'one round'
      : `95 % ${ratio.low.toFixed(2)}..${ratio.high.toFixed(2)}, ${ratio.pairs} pairs`;
  print(
    `${one.name}: rows/s, bench / ${one.bare.way}, at least ${leastRatio}`,
    `${ratio?.ratio.toFixed(2) ?? '-'} (${interval}; ${perS.join(' / ')})`,
  );
}

/** Loads rows the bare way into a collection that the adapter makes. */
async function loadBare(one: StoreCase): Promise<Measurement> {
  const { target } = one;
  const store = await openStore(target.adapter, sourceOf(target), {
    namespace: `bench_micro_${process.pid}`,
    connections: 1,
    timeoutNs,
    signal: new AbortController().signal,
    log: () => undefined,
  });
  try {
    return await loadInto(one, store);
  } finally {
    await store.close();
  }
}

async function loadInto(one: StoreCase, { vectors }: Store): Promise<Measurement> {
  if (vectors === undefined) throw new Error('the store holds no vectors');
  const { bare, target, options } = one;
  const { base, metric } = await loadFilms(options.rows);
  const { rows, dimensions } = base;
  const spec: CollectionSpec = {
    ...{ name: 'bare', rows, dimensions, metric, elements: 'f32' },
    ...{ family: bare.loaded.family, params: {}, buildThreads: 1, searchThreads: 1, seed: 1 },
  };
  await vectors.create(spec);
  try {
    const table = float32Rows(base, { from: 0, count: rows });
    const handle = vectors.handle();
    const load = await bare.load({
      ...{ options: target.options, handle, rows, dimensions, vectors: table },
    });
    const beganNs = nowNs();
    await load.send();
    const s = (nowNs() - beganNs) / nsPerS;
    const stored = await load.stored();
    await load.close();
    if (stored !== rows) throw new Error(`${stored} of ${rows} rows were stored the bare way`);
    return { requests: rows, requestsPerS: rows / s, errors: 0 };
  } finally {
    await vectors.drop();
  }
}
