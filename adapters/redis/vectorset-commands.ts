import type { Parameters, PayloadField, SearchRequest, VectorBatch } from '../../core/adapter.js';
import type { Argument } from './package.js';
import { blobOf, type RedisUpsert, rowBlobs } from './server.js';
import { attributesOf, expressionOf, type Origin } from './vectorset-payload.js';

/** One vector set; structured-cloneable. */
export interface VectorSet {
  readonly key: string;
  readonly family: string;
  readonly params: Parameters;
  readonly fields: readonly PayloadField[];
  readonly origin: Origin;
}

/** The word of VADD for what a family stores. */
export const storageOf: Readonly<Record<string, string>> = {
  flat: 'NOQUANT',
  hnsw: 'NOQUANT',
  'hnsw-sq': 'Q8',
  'hnsw-bin': 'BIN',
};

/** Arguments of VADD for each row of a batch. */
export function addCommands(set: VectorSet, batch: VectorBatch): RedisUpsert {
  const { key, family, params } = set;
  const { payload } = batch;
  const head: Argument[] = [key];
  if (params.reduce !== undefined) head.push('REDUCE', String(params.reduce));
  head.push('FP32');
  const tail: Argument[] = [storageOf[family] as string];
  if (params.efConstruction !== undefined) tail.push('EF', String(params.efConstruction));
  if (params.M !== undefined) tail.push('M', String(params.M));
  return rowBlobs(batch).map((blob, row) => {
    const args = [...head, blob, String(batch.ids[row]), ...tail];
    if (payload !== undefined) args.push('SETATTR', attributesOf(payload, row));
    return args;
  });
}

/** Arguments of VSIM. */
export function searchArguments(set: VectorSet, request: SearchRequest): Argument[] {
  const { vector, k, params, filter } = request;
  const args: Argument[] = [set.key, 'FP32', blobOf(vector), 'COUNT', String(k)];
  if (set.family === 'flat') args.push('TRUTH');
  else if (params.efSearch !== undefined) args.push('EF', String(params.efSearch));
  if (filter === undefined) return args;
  args.push('FILTER', expressionOf(filter, set.origin));
  if (params.filterEf !== undefined) args.push('FILTER-EF', String(params.filterEf));
  return args;
}
