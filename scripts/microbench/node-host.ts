import { median } from '../../core/stats/quantile.js';
import { pingPongUs } from './ping-pong.js';
import { type Measurement, measure, print, rounds, value } from './runs.js';

const onNull = ['targets=["null"]', 'streams[0].batch=1', 'gates=[]', 'measure.durationS=2'];

// A search takes one to two milliseconds, which is what a graph of millions of rows takes.
const graph = '[{"family":"hnsw","params":{"M":16},"search":{"efSearch":256}}]';
const onUsearch = ['targets=["usearch"]', `indexes=${graph}`, 'gates=[]', 'measure.durationS=2'];

/**
 * What the Node engine host costs: a store that answers at once, on one core, where only work takes
 * time, and on any, where one core has to wake the other, next to a bare exchange of the same
 * bytes; and an engine next to itself in the load generator's own thread. usearch is installed by
 * `bench doctor --install usearch`.
 */
export async function nodeHost(): Promise<void> {
  await overhead();
  await againstItself();
}

async function overhead(): Promise<void> {
  const onOne: number[] = [];
  const onAny: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    onOne.push(await overheadUs({ core: 0 }));
    onAny.push(await overheadUs({}));
    bare.push(await pingPongUs());
  }
  for (const [name, values] of Object.entries({
    'Node host: overhead p50 (service - engine), all on one core': onOne,
    'Node host: overhead p50, on any core': onAny,
    'two bare Node processes over a Unix socket, p50, on any core': bare,
  })) {
    const all = values.map((us) => us.toFixed(0)).join(' ');
    print(name, `${median(values).toFixed(1)} us (${all})`);
  }
}

async function overheadUs(where: Pick<Measurement, 'core'>): Promise<number> {
  const task = { suite: 'smoke', settings: onNull, repeats: 1, ...where };
  const { summaries } = await measure(task);
  return value(summaries[0], 'overheadMsP50') * 1000;
}

async function againstItself(): Promise<void> {
  const engines: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const task = { suite: 'ivfpq', settings: onUsearch, repeats: 1 };
    const hosted = (await measure(task)).summaries[0];
    const inProcess = (await measure({ ...task, inProcess: true })).summaries[0];
    engines.push(value(hosted, 'engineMsP50') * 1000);
    ratios.push(value(hosted, 'throughputQps') / value(inProcess, 'throughputQps'));
  }
  const all = ratios.map((ratio) => ratio.toFixed(2)).join(' ');
  print('usearch, engine p50', `${median(engines).toFixed(0)} us`);
  print(
    'usearch, queries a second: in a Node host / in process',
    `${median(ratios).toFixed(2)} (${all})`,
  );
}
