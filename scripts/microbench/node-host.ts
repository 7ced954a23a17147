import { median } from '../../core/stats/quantile.js';
import { measure, print, rounds, value } from './runs.js';

const onNull = ['targets=["null"]', 'streams[0].batch=1', 'gates=[]', 'measure.durationS=2'];

// A search takes some 300 us, which is what a graph of millions of rows takes.
const graph = '[{"family":"hnsw","params":{"M":16},"search":{"efSearch":256}}]';
const onUsearch = ['targets=["usearch"]', `indexes=${graph}`, 'gates=[]', 'measure.durationS=2'];

/**
 * What the Node engine host costs: a store that answers at once, and an engine next to itself in
 * the load generator's own thread. usearch is installed by `bench doctor --install usearch`.
 */
export async function nodeHost(): Promise<void> {
  const { summaries } = await measure({ suite: 'smoke', settings: onNull });
  const overheadUs = value(summaries[0], 'overheadMsP50') * 1000;
  print('Node host: overhead p50 (service - engine)', `${overheadUs.toFixed(1)} us`);
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
