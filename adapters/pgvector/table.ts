import type {
  CollectionSpec,
  ExistingCollection,
  PayloadField,
  SearchRequest,
} from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { sessionOf, type VectorsTable, type VectorType, vectorTypeOf } from '../pglite/sql.js';
import { freeName, quoted, quotedField, sqlTypes, tableName } from './columns.js';
import { isOlder, requireVersion, since } from './failure.js';
import type { Session } from './session.js';

/** A table, and what must be known to search it; structured-cloneable. */
export interface SearchedTable {
  readonly table: VectorsTable;
  readonly fields: readonly PayloadField[];
  readonly searchThreads: number;
  /** Somebody else made it. */
  readonly isExisting: boolean;
  /** The version of the extension. */
  readonly pgvector: string;
}

const mostDimensions = 16_000;

/**
 * @throws BenchError TOO_OLD when the extension lacks what is asked for
 * @throws BenchError UNSUPPORTED when no version of it stores so many dimensions
 */
export function tableOf(spec: CollectionSpec, namespace: string, pgvector: string): SearchedTable {
  const { family, params, dimensions, metric, payload: fields = [] } = spec;
  const type = vectorTypeOf(family, params);
  if (type === 'halfvec') requireVersion(pgvector, since.half, 'halfvec');
  if (family === 'hnsw-bin') requireVersion(pgvector, since.bit, 'hnsw-bin');
  if (dimensions > mostDimensions) {
    const message = `pgvector: a vector has 1..${mostDimensions} dimensions, got ${dimensions}`;
    throw new BenchError('UNSUPPORTED', message, { hint: 'take a dataset of fewer dimensions' });
  }
  if (family === 'hnsw') requireVersion(pgvector, since.graph, 'hnsw');
  const table: VectorsTable = {
    ...{ name: quoted(tableName(namespace, spec.name)), type, dimensions, metric, family, params },
    id: quoted(freeName('id', fields)),
    vector: quoted(freeName('v', fields)),
    columns: fields.map(({ name, type: held }) => `${quotedField(name)} ${sqlTypes[held]}`),
    isBeforeIterative: isOlder(pgvector, since.iterative),
  };
  return { table, fields, searchThreads: spec.searchThreads, isExisting: false, pgvector };
}

/** @throws BenchError TOO_OLD when the extension knows no iterative scans */
export function requireScan({ pgvector }: SearchedTable, { params }: SearchRequest): void {
  if ((params.iterativeScan ?? 'off') === 'off') return;
  requireVersion(pgvector, since.iterative, 'iterativeScan');
}

interface ColumnFound {
  readonly name: string;
  readonly type: string;
}

/**
 * The table of somebody else, with its columns looked up.
 *
 * @throws BenchError BAD_TARGET when it has no such columns, or others than is said
 */
export async function existingTable(
  session: Session,
  existing: ExistingCollection,
  pgvector: string,
): Promise<SearchedTable> {
  const { collection, dimensions, metric, family, payload: fields = [] } = existing;
  const name = collection.split('.').map(quoted).join('.');
  const columns = await session.run<ColumnFound>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [name],
  );
  const vector = vectorColumn(existing, columns);
  const [type, size] = vector.type.split(/[.()]/).filter((part) => /^(half)?vec|^\d/.test(part));
  if (size !== undefined && Number(size) !== dimensions) {
    const found = `${vector.name} of ${collection} has ${size} dimensions`;
    throw new BenchError('BAD_TARGET', `pgvector: ${found}, the dataset ${dimensions}`);
  }
  const id = required(existing, columns, existing.idField ?? 'id');
  if (!/^(smallint|integer|bigint|numeric)/.test(id.type)) {
    const message = `pgvector: ${id.name} of ${collection} holds ${id.type}, not row numbers`;
    throw new BenchError('BAD_TARGET', message, { hint: 'name the column of them as idField' });
  }
  for (const field of fields) required(existing, columns, field.name);
  const table: VectorsTable = {
    ...{ name, dimensions, metric, family, params: {} },
    type: type as VectorType,
    id: quoted(id.name),
    vector: quoted(vector.name),
    isBeforeIterative: isOlder(pgvector, since.iterative),
  };
  return { table, fields, searchThreads: 1, isExisting: true, pgvector };
}

function isVector({ type }: ColumnFound): boolean {
  return /(^|\.)(vector|halfvec)(\(\d+\))?$/.test(type);
}

function vectorColumn(existing: ExistingCollection, columns: readonly ColumnFound[]): ColumnFound {
  const { vectorField, collection } = existing;
  const ours = columns.filter(isVector);
  const named = vectorField === undefined ? ours : ours.filter(({ name }) => name === vectorField);
  const [only] = named;
  if (only !== undefined && named.length === 1) return only;
  const what =
    vectorField === undefined
      ? `${collection} has ${ours.length} columns of vectors`
      : `${collection} has no column of vectors ${vectorField}`;
  const names = ours.map(({ name }) => name).join(', ');
  throw new BenchError('BAD_TARGET', `pgvector: ${what}`, {
    hint: names === '' ? 'is it the right table?' : `name one as vectorField: ${names}`,
  });
}

function required(
  { collection }: ExistingCollection,
  columns: readonly ColumnFound[],
  name: string,
): ColumnFound {
  const found = columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const names = columns.map((column) => column.name).join(', ');
  throw new BenchError('BAD_TARGET', `pgvector: ${collection} has no column ${name}`, {
    hint: `it has ${names}`,
  });
}

/** What the sessions that search a table are set to for good. */
export function sessionSettings(searched: SearchedTable, forceIndex: boolean): readonly string[] {
  return [
    `set max_parallel_workers_per_gather = ${searched.searchThreads - 1}`,
    ...(forceIndex ? sessionOf(searched.table) : []),
    ...(searched.isExisting ? ['set default_transaction_read_only = on'] : []),
  ];
}
