import { z } from 'zod';
import type { Adapter, ConnectContext, Hits, Store, VectorOperations } from '../../adapter.js';
import { BenchError } from '../../errors.js';
import { shownUrl } from '../../server/connection-error.js';
import { FreeConnections } from './free-connections.js';
import { type Asked, asStoreFailure, held, keyed, requireValue, textOf } from './key-values.js';
import {
  openRedis,
  type RedisClient,
  type RedisPlace,
  redisClientVersion,
  redisPlaceSchema,
} from './redis-client.js';

/** What is in the server: keys that begin with this, and a number of twelve digits each. */
export const heldKeysSchema = z.object({ prefix: z.string() });

type HeldKeys = z.infer<typeof heldKeysSchema>;

const digits = 12;

/** The key of a row, with as many digits as redis-benchmark writes. */
export function keyOf({ prefix }: HeldKeys, row: number): string {
  return `${prefix}${String(row).padStart(digits, '0')}`;
}

class KeyStore {
  readonly #place: RedisPlace;
  readonly #clients: FreeConnections<RedisClient>;
  #keys: HeldKeys | undefined;
  #isOwn = false;

  constructor(place: RedisPlace, clients: readonly RedisClient[]) {
    this.#place = place;
    this.#clients = new FreeConnections(clients);
  }

  operations({ namespace }: ConnectContext): VectorOperations {
    return {
      create: async ({ name }) => {
        // What follows the colon is of the same leftover.
        this.#keys = { prefix: `${`${namespace}_${name}`.replaceAll(/[^\w-]/g, '_')}:` };
        this.#isOwn = true;
      },
      prepareUpsert: ({ ids }) => ids,
      upsert: (ids) => this.#load(ids as Int32Array),
      finish: async () => [],
      count: async () => (await this.#clients.all[0]?.exists(this.#allKeys())) ?? 0,
      handle: () => this.#opened(),
      open: async (handle) => {
        this.#keys = heldKeysSchema.parse(handle);
      },
      prepareSearch: ({ row = 0 }): Asked<string> => {
        return { sent: keyOf(this.#opened(), row), hits: { ids: Int32Array.of(row) } };
      },
      search: (asked) => this.#get(asked as Asked<string>),
      drop: () => this.drop(),
    };
  }

  #opened(): HeldKeys {
    if (this.#keys !== undefined) return this.#keys;
    throw new BenchError('STORE_FAILED', 'redis: no keys were made');
  }

  async #load(ids: Int32Array): Promise<void> {
    const [client] = this.#clients.all as [RedisClient];
    const pipeline = client.pipeline();
    for (const id of ids) pipeline.set(keyOf(this.#opened(), id), textOf(id));
    const answers = (await pipeline.exec()) ?? [];
    const failed = answers.find(([error]) => error !== null);
    if (failed !== undefined) throw asStoreFailure(failed[0], this.#where);
  }

  /** The one call that is measured: on a connection of its own, as the adapter searches. */
  #get({ sent, hits }: Asked<string>): Promise<Hits> {
    const taken = this.#clients.take();
    return taken.connection.getBuffer(sent).then(
      (value) => {
        this.#clients.leave(taken);
        requireValue(value?.length);
        return hits;
      },
      (thrown: unknown) => {
        this.#clients.leave(taken);
        throw asStoreFailure(thrown, this.#where);
      },
    );
  }

  /** Removes its own keys, where it made some. */
  async drop(): Promise<void> {
    if (!this.#isOwn) return;
    this.#isOwn = false;
    await this.#clients.all[0]?.unlink(this.#allKeys());
  }

  #allKeys(): string[] {
    return Array.from({ length: held.rows }, (_, row) => keyOf(this.#opened(), row));
  }

  async version(): Promise<string> {
    const said = (await this.#clients.all[0]?.info('server')) ?? '';
    const version = (name: string) => new RegExp(`^${name}_version:(\\S+)`, 'm').exec(said)?.[1];
    const valkey = version('valkey');
    return valkey === undefined ? `Redis ${version('redis')}` : `Valkey ${valkey}`;
  }

  /** A store that is left before it was whole takes its keys with it. */
  async close(): Promise<void> {
    try {
      await this.drop();
    } finally {
      for (const client of this.#clients.all) client.disconnect();
    }
  }

  get #where(): string {
    return `redis at ${shownUrl(this.#place.url)}`;
  }
}

/** Keys with values of 64 bytes in Redis: a search is a GET of the key of the query's row. */
const adapter: Adapter = {
  title: 'GET by key, for bench calibrate',
  kind: 'server',
  transports: ['client'],
  metrics: ['l2'],
  options: redisPlaceSchema,
  indexes: [keyed],
  async connect(options, context): Promise<Store> {
    const place = redisPlaceSchema.parse(options);
    const { connections, timeoutNs } = context;
    const store = new KeyStore(place, await openRedis(place, Math.max(1, connections), timeoutNs));
    return {
      vectors: store.operations(context),
      describe: async () => ({
        version: await store.version(),
        client: { name: 'ioredis', version: redisClientVersion(place) },
        settings: {},
        warnings: [],
        pids: [],
      }),
      close: () => store.close(),
    };
  },
};

export default adapter;
