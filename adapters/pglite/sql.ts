import type { Metric, Parameters } from '../../core/adapter.js';

/** How pgvector stores the components of a vector: as float32 or as float16. */
export type VectorType = 'vector' | 'halfvec';

/** A table of vectors, and how it is searched. Names are quoted where they must be. */
export interface VectorsTable {
  readonly name: string;
  /** The column of the ids; `id` when absent. */
  readonly id?: string;
  /** The column of the vectors; `v` when absent. */
  readonly vector?: string;
  readonly type: VectorType;
  readonly dimensions: number;
  readonly metric: Metric;
  readonly family: string;
  readonly params: Parameters;
  /** Further columns with their types: `"year" int8`. */
  readonly columns?: readonly string[];
  /** It is a pgvector older than 0.8, which knows no iterative scans. */
  readonly isBeforeIterative?: boolean;
}

/** What is asked of a table. */
export interface RowsWanted {
  readonly k: number;
  readonly params: Parameters;
  /** What the rows must meet, with parameters from $2 on; absent where every row may come. */
  readonly where?: string;
  /** Quoted columns that come after the id. */
  readonly columns?: readonly string[];
}

const operators: Readonly<Record<Metric, string>> = { l2: '<->', ip: '<#>', cosine: '<=>' };

/** Candidates for each row that is wanted, where binary codes find them. */
export const standardKFactor = 4;

/** The type that stores the vectors of a family. */
export function vectorTypeOf(family: string, params: Parameters): VectorType {
  return family === 'flat-half' || params.storage === 'halfvec' ? 'halfvec' : 'vector';
}

function namesOf({ id = 'id', vector = 'v' }: VectorsTable): { id: string; vector: string } {
  return { id, vector };
}

/** An empty table of an id, a vector, and what is stored beside it. */
export function createTable(table: VectorsTable): string {
  const { name, type, dimensions, columns = [] } = table;
  const { id, vector } = namesOf(table);
  const own = [`${id} int4 not null`, `${vector} ${type}(${dimensions}) not null`];
  return `create table ${name} (${[...own, ...columns].join(', ')})`;
}

/** The index of a family; undefined where there is none. */
export function createIndex(table: VectorsTable): string | undefined {
  const method = methodOf(table);
  if (method === undefined) return undefined;
  const key =
    table.family === 'hnsw-bin'
      ? `((${bitsOf(table, namesOf(table).vector)}) bit_hamming_ops)`
      : `(${namesOf(table).vector} ${table.type}_${table.metric}_ops)`;
  return `create index on ${table.name} using ${method.replace('?', () => key)}`;
}

function methodOf({ family, params }: VectorsTable): string | undefined {
  if (family === 'ivf-flat') return `ivfflat ? with (lists = ${params.nlist})`;
  if (!isGraph(family)) return undefined;
  return `hnsw ? with (m = ${params.M}, ef_construction = ${params.efConstruction})`;
}

function isGraph(family: string): boolean {
  return family === 'hnsw' || family === 'hnsw-bin';
}

function bitsOf({ dimensions }: VectorsTable, value: string): string {
  return `binary_quantize(${value})::bit(${dimensions})`;
}

/**
 * The ids of the k nearest rows to $1. k stands in the text: a plan for any k would be made for a
 * tenth of the table.
 */
export function searchRows(table: VectorsTable, wanted: RowsWanted): string {
  const { k, params, where, columns = [] } = wanted;
  const { id, vector } = namesOf(table);
  const shown = [id, ...columns].join(', ');
  const condition = where === undefined ? '' : ` where ${where}`;
  const from = `from ${table.name}${condition}`;
  const distance = `${vector} ${operators[table.metric]} $1`;
  if (table.family === 'hnsw-bin') {
    const candidates = k * Number(params.kFactor ?? standardKFactor);
    const codes = `${bitsOf(table, vector)} <~> ${bitsOf(table, `$1::${table.type}`)}`;
    const inner = [...new Set([id, vector, ...columns])].join(', ');
    const found = `select ${inner} ${from} order by ${codes} limit ${candidates}`;
    return `select ${shown} from (${found}) found order by ${distance} limit ${k}`;
  }
  if (params.iterativeScan === 'relaxed_order') {
    const found = `select ${shown}, ${distance} as distance_ ${from} order by distance_ limit ${k}`;
    // The sum keeps the planner from taking the rows as sorted already.
    const sorted = `select ${shown} from found order by distance_ + 0`;
    return `with found as materialized (${found}) ${sorted}`;
  }
  return `select ${shown} ${from} order by ${distance} limit ${k}`;
}

/**
 * What a session is set to for good, before it searches. Where there is an index the planner is
 * kept from comparing all rows instead, as it would in a small table.
 */
export function sessionOf(table: VectorsTable): readonly string[] {
  return methodOf(table) === undefined ? [] : ['set enable_seqscan = off'];
}

/** What a session is set to for some search parameters. */
export function settingsOf(table: VectorsTable, search: Parameters): readonly string[] {
  const { family, isBeforeIterative = false } = table;
  const scan = search.iterativeScan ?? 'off';
  if (family === 'ivf-flat') {
    const probes = [`set ivfflat.probes = ${search.nprobe ?? 1}`];
    if (isBeforeIterative) return probes;
    const most = `set ivfflat.max_probes = ${search.maxProbes ?? 32_768}`;
    return [...probes, `set ivfflat.iterative_scan = ${scan}`, most];
  }
  if (!isGraph(family)) return [];
  const width = [`set hnsw.ef_search = ${search.efSearch ?? 40}`];
  if (isBeforeIterative) return width;
  const most = `set hnsw.max_scan_tuples = ${search.maxScanTuples ?? 20_000}`;
  return [...width, `set hnsw.iterative_scan = ${scan}`, most];
}

/** The bytes of a table and its indexes, as `bytes`. */
export function relationBytes({ name }: VectorsTable): string {
  return `select pg_total_relation_size('${name.replaceAll("'", "''")}') as bytes`;
}
