import type { Hits, SearchRequest } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import type { LanceCollection } from './collection.js';
import type { Answer, VectorQuery } from './package.js';

/** A search that is made ahead; it can be run any number of times. */
export interface LanceSearch {
  readonly query: VectorQuery;
  readonly queries: number;
  readonly k: number;
}

/** One search, or one for several queries. Requests of a batch share k and parameters. */
export function prepareSearch(
  { table, handle }: LanceCollection,
  requests: readonly SearchRequest[],
): LanceSearch {
  const [first, ...others] = requests;
  if (first === undefined) throw new BenchError('BAD_ARGUMENT', 'lancedb: a batch of no queries');
  const { k, params } = first;
  let query = table.query().nearestTo(first.vector).column('vector');
  for (const { vector } of others) query = query.addQueryVector(vector);
  // The distance comes in any case; to leave it unnamed is logged with every search.
  query = query.distanceType(handle.distance).limit(k).select(['id', '_distance']);
  const { nprobe, efSearch, kFactor } = params as Readonly<Record<string, number | undefined>>;
  if (nprobe !== undefined) query = query.nprobes(nprobe);
  if (efSearch !== undefined) query = query.ef(efSearch);
  if (kFactor !== undefined) query = query.refineFactor(kFactor);
  return { query, queries: requests.length, k };
}

/** Runs a search. */
export async function runSearch({ query, queries, k }: LanceSearch): Promise<Hits> {
  const answer = await query.toArrow();
  const found = columnOf(answer, 'id');
  const ids = new Int32Array(queries * k).fill(-1);
  if (queries === 1) {
    ids.set(found);
    return { ids };
  }
  // The answers of several queries come mixed, each in its own order.
  const owners = columnOf(answer, 'query_index');
  const places = new Int32Array(queries);
  for (const [row, id] of found.entries()) {
    const owner = owners[row] as number;
    ids[owner * k + (places[owner] as number)] = id;
    places[owner] = (places[owner] as number) + 1;
  }
  return { ids };
}

function columnOf(answer: Answer, name: string): Int32Array {
  return answer.numRows === 0
    ? new Int32Array(0)
    : (answer.getChild(name)?.toArray() as Int32Array);
}
