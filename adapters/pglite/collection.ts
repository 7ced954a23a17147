import type { CollectionSpec, Hits, Phase, SearchRequest, StoreInfo } from '../../core/adapter.js';
import { nowNs } from '../../core/clock.js';
import { BenchError } from '../../core/errors.js';
import { nsPerS } from '../../core/units.js';
import { encodeVector } from './binary.js';
import type { Database, Packages } from './package.js';
import {
  createIndex,
  createTable,
  relationBytes,
  searchRows,
  sessionOf,
  settingsOf,
  type VectorsTable,
  vectorTypeOf,
} from './sql.js';
import { decodeIds, encodeExecute, encodeParse, encodeStatements, requireSuccess } from './wire.js';

const statement = 'search';
const shown = ['shared_buffers', 'work_mem', 'maintenance_work_mem', 'fsync', 'enable_seqscan'];

/** Queries that share k and parameters, encoded. */
export interface PgSearch {
  readonly messages: Buffer;
  readonly runs: number;
  readonly k: number;
  /** What the session must be set to. */
  readonly settings: readonly string[];
  /** The statement and the settings: what the prepared statement must have been made for. */
  readonly key: string;
  readonly sql: string;
}

/** How a database is started. */
export interface DatabaseOptions {
  readonly maintenanceWorkMemMb: number;
}

/** One table in a database of its own, which lies in memory. */
export class PgCollection {
  readonly table: VectorsTable;
  readonly #database: Database;
  #key = '';

  private constructor(database: Database, table: VectorsTable) {
    this.#database = database;
    this.table = table;
  }

  /** Starts a database and makes an empty table. */
  static async create(
    { PGlite, vector }: Packages,
    spec: CollectionSpec,
    options: DatabaseOptions,
  ): Promise<PgCollection> {
    const database = await PGlite.create({ dataDir: 'memory://', extensions: { vector } });
    const { family, params, dimensions, metric } = spec;
    const type = vectorTypeOf(family, params);
    const table: VectorsTable = { name: 'rows', type, dimensions, metric, family, params };
    await database.exec('create extension vector');
    await database.exec(`set maintenance_work_mem = '${options.maintenanceWorkMemMb}MB'`);
    for (const sql of sessionOf(table)) await database.exec(sql);
    await database.exec(createTable(table));
    return new PgCollection(database, table);
  }

  /** Stores rows that were encoded for `copy`. */
  async copy(rows: Blob): Promise<void> {
    const sql = `copy ${this.table.name} from '/dev/blob' with (format binary)`;
    await this.#database.query(sql, [], { blob: rows });
  }

  async finish(): Promise<Phase[]> {
    const sql = createIndex(this.table);
    if (sql === undefined) return [];
    const beganNs = nowNs();
    await this.#database.exec(sql);
    return [{ name: 'index', s: (nowNs() - beganNs) / nsPerS }];
  }

  async count(): Promise<number> {
    const sql = `select count(*)::int4 as rows from ${this.table.name}`;
    return (await this.#one<{ rows: number }>(sql)).rows;
  }

  /** Bytes of the table and its index. */
  async bytes(): Promise<number> {
    return Number((await this.#one<{ bytes: number | bigint }>(relationBytes(this.table))).bytes);
  }

  /** Versions and settings of the server. */
  async settings(): Promise<StoreInfo['settings']> {
    const versions = await this.#one<Readonly<Record<string, string>>>(
      `select current_setting('server_version') as postgres, extversion as pgvector
         from pg_extension where extname = 'vector'`,
    );
    const columns = shown.map((name) => `current_setting('${name}') as ${name}`);
    const settings = await this.#one<Readonly<Record<string, string>>>(`select ${columns}`);
    return { ...versions, ...settings };
  }

  /** Encodes queries. */
  prepare(requests: readonly SearchRequest[]): PgSearch {
    const [first] = requests;
    if (first === undefined) throw new BenchError('BAD_ARGUMENT', 'pglite: a batch of no queries');
    const sql = searchRows(this.table, first);
    const settings = settingsOf(this.table, first.params);
    const values = requests.map(({ vector }) => encodeVector(vector, this.table.type));
    return {
      messages: encodeExecute(statement, values),
      runs: requests.length,
      k: first.k,
      settings,
      key: [sql, ...settings].join(';'),
      sql,
    };
  }

  /** Comes back when the queries are answered. */
  search(search: PgSearch): Hits {
    if (search.key !== this.#key) this.#set(search);
    const { messages, runs, k } = search;
    return { ids: decodeIds(this.#database.execProtocolRawSync(messages), { runs, k }) };
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** A statement is planned for what the session was set to, so it is made anew. */
  #set({ settings, key, sql }: PgSearch): void {
    this.#key = '';
    if (settings.length > 0) {
      requireSuccess(this.#database.execProtocolRawSync(encodeStatements(settings)));
    }
    requireSuccess(this.#database.execProtocolRawSync(encodeParse(statement, sql)));
    this.#key = key;
  }

  async #one<Row>(sql: string): Promise<Row> {
    const { rows } = await this.#database.query<Row>(sql);
    return rows[0] as Row;
  }
}
