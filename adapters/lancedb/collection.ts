import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CollectionSpec, Metric, Phase } from '../../core/adapter.js';
import { nowNs, timestamp } from '../../core/clock.js';
import { BenchError } from '../../core/errors.js';
import { nsPerS } from '../../core/units.js';
import { schemaOf, type VectorColumn } from './arrow.js';
import type { Connection, Distance, Lance, Packages, Table } from './package.js';

const tableName = 'rows';
const indexName = 'vector_idx';
const distances: Readonly<Record<Metric, Distance>> = { l2: 'l2', ip: 'dot', cosine: 'cosine' };

/** Where a table lies, and how it is searched; structured-cloneable. */
export interface LanceHandle {
  readonly folder: string;
  readonly distance: Distance;
}

/** The column of vectors that a spec asks for. */
export function columnOf({ dimensions, elements }: CollectionSpec): VectorColumn {
  return { dimensions, elements: elements === 'f16' ? 'f16' : 'f32' };
}

/** A table in a folder: made for a build, or opened by another thread. */
export class LanceCollection {
  readonly table: Table;
  readonly handle: LanceHandle;
  readonly #connection: Connection;
  readonly #remove: (() => void) | undefined;

  private constructor(parts: Parts) {
    this.table = parts.table;
    this.handle = parts.handle;
    this.#connection = parts.connection;
    this.#remove = parts.remove;
  }

  /** An empty table in a folder of its own, which goes with the collection or the process. */
  static async create(packages: Packages, spec: CollectionSpec): Promise<LanceCollection> {
    const folder = mkdtempSync(join(tmpdir(), 'bench-lancedb-'));
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    process.on('exit', remove);
    const connection = await packages.lance.connect(folder);
    const schema = schemaOf(packages.arrow, columnOf(spec));
    const table = await connection.createEmptyTable(tableName, schema);
    const handle = { folder, distance: distances[spec.metric] };
    return new LanceCollection({ table, handle, connection, remove });
  }

  /** The table of another thread. */
  static async open(packages: Packages, handle: LanceHandle): Promise<LanceCollection> {
    const connection = await packages.lance.connect(handle.folder);
    const table = await connection.openTable(tableName);
    return new LanceCollection({ table, handle, connection, remove: undefined });
  }

  /** Merges what was added piece by piece, builds the index, and reads it into memory. */
  async finish({ lance }: Packages, spec: CollectionSpec): Promise<Phase[]> {
    const beganNs = nowNs();
    await this.table.optimize({ cleanupOlderThan: new Date(timestamp()), deleteUnverified: true });
    const config = configOf(lance, spec, this.handle.distance);
    if (config !== undefined) {
      await this.table.createIndex('vector', { config });
      await this.table.prewarmIndex(indexName);
    }
    return [{ name: 'index', s: (nowNs() - beganNs) / nsPerS }];
  }

  /** @throws BenchError STORE_FAILED when the index lacks rows, which would be compared each */
  async requireWhole(): Promise<void> {
    const stats = await this.table.indexStats(indexName);
    if (stats === undefined || stats.numUnindexedRows === 0) return;
    const message = `lancedb: ${stats.numUnindexedRows} rows are not in the index`;
    throw new BenchError('STORE_FAILED', message);
  }

  /** Bytes of all files of the table and its index. */
  async diskBytes(): Promise<number> {
    const entries = await readdir(this.handle.folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const sizes = files.map(
      async ({ parentPath, name }) => (await stat(join(parentPath, name))).size,
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  /** Closes it; what it made is removed. */
  close(): void {
    this.table.close();
    this.#connection.close();
    if (this.#remove === undefined) return;
    process.off('exit', this.#remove);
    this.#remove();
  }
}

/** The index of a family; none where every row is compared. */
function configOf(
  lance: Lance,
  { family, params }: CollectionSpec,
  distanceType: Distance,
): unknown {
  const { nlist, m, nbits, M, efConstruction } = params as Readonly<Record<string, number>>;
  const lists = { distanceType, ...given({ numPartitions: nlist }) };
  switch (family) {
    case 'ivf-flat':
      return lance.Index.ivfFlat(lists);
    case 'ivf-pq':
      return lance.Index.ivfPq({ ...lists, ...given({ numSubVectors: m, numBits: nbits }) });
    case 'ivf-rq':
      return lance.Index.ivfRq({ ...lists, ...given({ numBits: nbits }) });
    case 'ivf-hnsw-sq':
      return lance.Index.hnswSq({ ...lists, ...given({ m: M, efConstruction }) });
    default:
      return undefined;
  }
}

/** What is given, of parameters that may be left to LanceDB. */
function given<K extends string>(
  values: Readonly<Record<K, number | undefined>>,
): Partial<Record<K, number>> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Record<K, number>>;
}

interface Parts {
  readonly table: Table;
  readonly handle: LanceHandle;
  readonly connection: Connection;
  readonly remove: (() => void) | undefined;
}
