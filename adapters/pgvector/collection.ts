import type {
  CollectionSpec,
  ExistingCollection,
  Hits,
  Phase,
  VectorBatch,
} from '../../core/adapter.js';
import { nowNs } from '../../core/clock.js';
import { BenchError } from '../../core/errors.js';
import { nsPerS } from '../../core/units.js';
import { encodeCopy } from '../pglite/binary.js';
import { createIndex, createTable, relationBytes } from '../pglite/sql.js';
import { encodeBeside, quotedField } from './columns.js';
import { planWarnings } from './explained.js';
import type { PgvectorOptions } from './options.js';
import type { PgSearch, Server, Session } from './session.js';
import { Sessions } from './sessions.js';
import { existingTable, type SearchedTable, sessionSettings, tableOf } from './table.js';

/** What a collection is reached through. */
export interface Place {
  readonly server: Server;
  readonly options: PgvectorOptions;
  /** For everything but searches. */
  readonly control: Session;
  readonly connections: number;
}

/** One table, with the sessions that search it. */
export class PgTable {
  readonly searched: SearchedTable;
  /** What the sessions were set to. */
  readonly settings: readonly string[];
  readonly #place: Place;
  readonly #sessions: Sessions;
  readonly #buildThreads: number;
  readonly #warnings: string[] = [];

  private constructor(place: Place, searched: SearchedTable, opened: Opened) {
    this.#place = place;
    this.searched = searched;
    this.settings = opened.settings;
    this.#sessions = opened.sessions;
    this.#buildThreads = opened.buildThreads;
  }

  /** Makes an empty table, in place of the one that a run of this name left. */
  static async create(place: Place, spec: CollectionSpec, namespace: string): Promise<PgTable> {
    const { control } = place;
    const pgvector = await extensionVersion(control, true);
    const searched = tableOf(spec, namespace, pgvector);
    await control.run(`drop table if exists ${searched.table.name}`);
    await control.run(createTable(searched.table));
    return PgTable.open(place, searched, spec.buildThreads);
  }

  /** Reads the table of somebody else. */
  static async attach(place: Place, existing: ExistingCollection): Promise<PgTable> {
    const { control } = place;
    await control.run('set default_transaction_read_only = on');
    const pgvector = await extensionVersion(control, false);
    const table = await PgTable.open(place, await existingTable(control, existing, pgvector));
    await table.#explain();
    return table;
  }

  /** Reaches a table that is there. */
  static async open(place: Place, searched: SearchedTable, buildThreads = 1): Promise<PgTable> {
    const { server, options, connections } = place;
    const settings = sessionSettings(searched, options.forceIndex);
    const sessions = await Sessions.open(server, connections, settings);
    return new PgTable(place, searched, { settings, sessions, buildThreads });
  }

  /** What was noticed while it was built or attached to. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Rows for `copy`. */
  encode({ ids, vectors, payload = {} }: VectorBatch): Buffer {
    const { table, fields } = this.searched;
    const beside = encodeBeside(payload, fields, ids.length);
    return encodeCopy({ ids, vectors, beside }, table.type);
  }

  /** @throws BenchError READ_ONLY for the table of somebody else */
  async copy(rows: Buffer): Promise<void> {
    this.#requireOwn();
    const sql = `copy ${this.searched.table.name} from stdin with (format binary)`;
    await this.#place.control.copy(sql, rows);
  }

  /** Builds the indexes, and has the planner know the rows. */
  async finish(): Promise<readonly Phase[]> {
    this.#requireOwn();
    const { control, options } = this.#place;
    const { table, fields } = this.searched;
    const { maintenanceWorkMemMb: memoryMb } = options;
    if (memoryMb !== undefined) await control.run(`set maintenance_work_mem = '${memoryMb}MB'`);
    await control.run(`set max_parallel_maintenance_workers = ${this.#buildThreads - 1}`);
    // What was noted before is not of the build: that a table to drop was not there.
    control.takeNotices();
    const beganNs = nowNs();
    const index = createIndex(table);
    if (index !== undefined) await control.runUnlimited(index);
    for (const { name, indexed } of fields) {
      const sql = `create index on ${table.name} (${quotedField(name)})`;
      if (indexed) await control.runUnlimited(sql);
    }
    await control.runUnlimited(`vacuum (analyze) ${table.name}`);
    const s = (nowNs() - beganNs) / nsPerS;
    this.#warnings.push(...control.takeNotices());
    await this.#explain();
    return index === undefined ? [] : [{ name: 'index', s }];
  }

  async count(): Promise<number> {
    const sql = `select count(*) as rows from ${this.searched.table.name}`;
    const [row] = await this.#place.control.runUnlimited<{ rows: number }>(sql);
    return row?.rows ?? 0;
  }

  /** Bytes of the table and its indexes. */
  async bytes(): Promise<number> {
    const sql = relationBytes(this.searched.table);
    const [row] = await this.#place.control.run<{ bytes: number }>(sql);
    return row?.bytes ?? 0;
  }

  /** Lets idle sessions parse a statement that is new. */
  announce(search: PgSearch): PgSearch {
    this.#sessions.announce(search);
    return search;
  }

  search(search: PgSearch): Promise<Hits> {
    return this.#sessions.search(search);
  }

  /** Closes the sessions; the table stays. */
  close(): Promise<void> {
    return this.#sessions.close();
  }

  /** Removes the table, where it is not somebody else's. */
  async drop(): Promise<void> {
    await this.close();
    const { table, isExisting } = this.searched;
    if (!isExisting) await this.#place.control.run(`drop table if exists ${table.name}`);
  }

  async #explain(): Promise<void> {
    const { control } = this.#place;
    await control.run(this.settings.join('; '));
    this.#warnings.push(...(await planWarnings(control, this.searched)));
  }

  #requireOwn(): void {
    if (!this.searched.isExisting) return;
    const message = 'pgvector: the table was there before, and is only read';
    throw new BenchError('READ_ONLY', message);
  }
}

interface Opened {
  readonly settings: readonly string[];
  readonly sessions: Sessions;
  readonly buildThreads: number;
}

/** @throws BenchError UNSUPPORTED when there is no pgvector in the database */
async function extensionVersion(control: Session, mayCreate: boolean): Promise<string> {
  if (mayCreate) {
    const [row] = await control.run(`select from pg_extension where extname = 'vector'`);
    if (row === undefined) await control.run('create extension if not exists vector');
  }
  const [found] = await control.run<{ version: string }>(
    `select extversion as version from pg_extension where extname = 'vector'`,
  );
  if (found !== undefined) return found.version;
  throw new BenchError('UNSUPPORTED', 'pgvector: the database has no extension vector', {
    hint: 'as a superuser: create extension vector',
  });
}
