import { z } from 'zod';
import type { Adapter, ConnectContext, Hits, Store, VectorOperations } from '../../adapter.js';
import { BenchError } from '../../errors.js';
import { shownUrl } from '../../server/connection-error.js';
import { FreeConnections } from './free-connections.js';
import { type Asked, asStoreFailure, keyed, requireValue, textOf } from './key-values.js';
import {
  openPg,
  type PgAnswer,
  type PgClient,
  type PgPlace,
  type PgStatement,
  pgClientVersion,
  pgPlaceSchema,
} from './pg-client.js';

/** What is in the server: a table of its own. */
export const heldTableSchema = z.object({ table: z.string() });

type HeldTable = z.infer<typeof heldTableSchema>;

/** The statement that asks for one row, prepared under a name. */
export function selectOf(table: HeldTable, row: number): PgStatement {
  return {
    name: 'bench_calibrate_select',
    text: `select value from ${table.table} where id = $1`,
    values: [String(row)],
    rowMode: 'array',
  };
}

/** @throws BenchError STORE_FAILED when what came is not one row with a value */
export function requireRow({ rows }: PgAnswer): void {
  requireValue(rows.length === 1 ? String(rows[0]?.[0]).length : undefined);
}

class TableStore {
  readonly #place: PgPlace;
  readonly #clients: FreeConnections<PgClient>;
  #table: HeldTable | undefined;
  #isOwn = false;

  constructor(place: PgPlace, clients: readonly PgClient[]) {
    this.#place = place;
    this.#clients = new FreeConnections(clients);
  }

  operations({ namespace }: ConnectContext): VectorOperations {
    return {
      create: () => this.#create(namespace),
      prepareUpsert: ({ ids }) => ids,
      upsert: (ids) => this.#load(ids as Int32Array),
      finish: async () => {
        await this.#run(`vacuum (analyze) ${this.#opened().table}`);
        return [];
      },
      count: async () => {
        const rows = await this.#run(`select count(*) as rows from ${this.#opened().table}`);
        return Number(rows[0]?.rows);
      },
      handle: () => this.#opened(),
      open: async (handle) => {
        this.#table = heldTableSchema.parse(handle);
      },
      prepareSearch: ({ row = 0 }): Asked<PgStatement> => {
        return { sent: selectOf(this.#opened(), row), hits: { ids: Int32Array.of(row) } };
      },
      search: (asked) => this.#select(asked as Asked<PgStatement>),
      drop: () => this.drop(),
    };
  }

  #opened(): HeldTable {
    if (this.#table !== undefined) return this.#table;
    throw new BenchError('STORE_FAILED', 'pgvector: no table was made');
  }

  async #create(namespace: string): Promise<void> {
    const table = `${namespace.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')}_key_values`;
    await this.#run(`create table ${table} (id int4 primary key, value text not null)`);
    this.#table = { table };
    this.#isOwn = true;
  }

  async #load(ids: Int32Array): Promise<void> {
    const rows = Array.from(ids, (id) => `(${id}, '${textOf(id)}')`);
    await this.#run(`insert into ${this.#opened().table} values ${rows.join(', ')}`);
  }

  /** The one call that is measured: on a connection of its own, as the adapter searches. */
  #select({ sent, hits }: Asked<PgStatement>): Promise<Hits> {
    return new Promise((resolve, reject) => {
      const taken = this.#clients.take();
      taken.connection.query(sent, (error, answer) => {
        this.#clients.leave(taken);
        try {
          if (error !== null && error !== undefined) throw asStoreFailure(error, this.#where);
          requireRow(answer);
          resolve(hits);
        } catch (thrown) {
          reject(thrown);
        }
      });
    });
  }

  async #run(text: string) {
    try {
      const { rows } = await (this.#clients.all[0] as PgClient).query(text);
      return rows;
    } catch (thrown) {
      throw asStoreFailure(thrown, this.#where);
    }
  }

  /** Removes its own table, where it made one. */
  async drop(): Promise<void> {
    if (!this.#isOwn) return;
    this.#isOwn = false;
    await this.#run(`drop table if exists ${this.#opened().table}`);
  }

  async version(): Promise<string> {
    const [row] = await this.#run(`select current_setting('server_version') as version`);
    return `PostgreSQL ${row?.version}`;
  }

  /** A store that is left before it was whole takes its table with it. */
  async close(): Promise<void> {
    try {
      await this.drop();
    } finally {
      await Promise.all(this.#clients.all.map((client) => client.end()));
    }
  }

  get #where(): string {
    return `pgvector at ${shownUrl(this.#place.url)}`;
  }
}

/** A table of keys and values in PostgreSQL: a search is a prepared select by key. */
const adapter: Adapter = {
  title: 'a prepared select by key, for bench calibrate',
  kind: 'server',
  transports: ['client'],
  metrics: ['l2'],
  options: pgPlaceSchema,
  indexes: [keyed],
  async connect(options, context): Promise<Store> {
    const place = pgPlaceSchema.parse(options);
    const { connections, timeoutNs } = context;
    const store = new TableStore(place, await openPg(place, Math.max(1, connections), timeoutNs));
    return {
      vectors: store.operations(context),
      describe: async () => ({
        version: await store.version(),
        client: { name: 'pg', version: pgClientVersion(place) },
        settings: {},
        warnings: [],
        pids: [],
      }),
      close: () => store.close(),
    };
  },
};

export default adapter;
