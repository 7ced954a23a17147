import type { Metric, Parameters } from '../../core/adapter.js';

/** How pgvector stores the components of a vector: as float32 or as float16. */
export type VectorType = 'vector' | 'halfvec';

/** A table of vectors, and how it is searched. */
export interface VectorsTable {
  readonly name: string;
  readonly type: VectorType;
  readonly dimensions: number;
  readonly metric: Metric;
  readonly family: string;
  readonly params: Parameters;
}

const operators: Readonly<Record<Metric, string>> = { l2: '<->', ip: '<#>', cosine: '<=>' };

/** An empty table of `id` and `v`. */
export function createTable({ name, type, dimensions }: VectorsTable): string {
  return `create table ${name} (id int4 not null, v ${type}(${dimensions}) not null)`;
}

/** The index of a family; undefined where there is none. */
export function createIndex(table: VectorsTable): string | undefined {
  const method = methodOf(table);
  if (method === undefined) return undefined;
  const operatorClass = `${table.type}_${table.metric}_ops`;
  return `create index on ${table.name} using ${method.replace('?', `(v ${operatorClass})`)}`;
}

function methodOf({ family, params }: VectorsTable): string | undefined {
  if (family === 'ivf-flat') return `ivfflat ? with (lists = ${params.nlist})`;
  if (family !== 'hnsw') return undefined;
  return `hnsw ? with (m = ${params.M}, ef_construction = ${params.efConstruction})`;
}

/**
 * The ids of the k nearest rows to $1. k stands in the text: a plan for any k would be made for a
 * tenth of the table.
 */
export function searchRows({ name, metric }: VectorsTable, k: number): string {
  return `select id from ${name} order by v ${operators[metric]} $1 limit ${k}`;
}

/**
 * What a session is set to for good, before it searches. Where there is an index the planner is
 * kept from comparing all rows instead, as it would in a small table.
 */
export function sessionOf(table: VectorsTable): readonly string[] {
  return methodOf(table) === undefined ? [] : ['set enable_seqscan = off'];
}

/** What a session is set to for some search parameters. */
export function settingsOf({ family }: VectorsTable, search: Parameters): readonly string[] {
  if (family === 'ivf-flat') return [`set ivfflat.probes = ${search.nprobe ?? 1}`];
  if (family === 'hnsw') return [`set hnsw.ef_search = ${search.efSearch ?? 40}`];
  return [];
}

/** The bytes of a table and its indexes, as `bytes`. */
export function relationBytes({ name }: VectorsTable): string {
  return `select pg_total_relation_size('${name}') as bytes`;
}
