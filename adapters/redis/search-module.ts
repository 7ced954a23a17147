import type {
  CollectionSpec,
  ExistingCollection,
  Hits,
  Phase,
  SearchRequest,
  VectorBatch,
} from '../../core/adapter.js';
import { nowNs, realClock } from '../../core/clock.js';
import { BenchError, messageOf } from '../../core/errors.js';
import { nsPerS } from '../../core/units.js';
import type { Reply } from './package.js';
import { idsOf, listOf, pairsOf, textOf } from './replies.js';
import { isUnknownCommand } from './reply-error.js';
import {
  createArguments,
  hashCommands,
  knnArguments,
  readFields,
  type SearchIndex,
} from './search-query.js';
import {
  type Collections,
  fieldsWanted,
  joinHits,
  keyOf,
  numberIn,
  type RedisSearch,
  type RedisUpsert,
  type Server,
  sendRows,
} from './server.js';

const pollNs = 50e6;
const bytesPerMb = 1024 * 1024;

/** Whether an error says that there is no index of a name; the words differ between versions. */
export function isUnknownIndex(thrown: unknown): boolean {
  return /unknown index|no such index|index not found/i.test(messageOf(thrown));
}

/** Indexes of the search module of one server: one at a time. */
export class SearchIndexes implements Collections {
  readonly #server: Server;
  #index: SearchIndex | undefined;
  #rows = 0;

  constructor(server: Server) {
    this.#server = server;
  }

  async create(spec: CollectionSpec): Promise<void> {
    const name = keyOf(this.#server, spec.name);
    const { family, params, payload = [] } = spec;
    const shape = { name, prefix: `${name}:`, vectorField: 'vector', family, params };
    const index: SearchIndex = { ...shape, fields: payload, origin: 'own' };
    const args = createArguments(index, spec);
    await this.#dropIndex(name);
    await this.#server.connections.call('FT.CREATE', args);
    this.#index = index;
    this.#rows = 0;
  }

  async attach(existing: ExistingCollection): Promise<void> {
    const { collection: name, family, payload = [], vectorField = 'vector' } = existing;
    const info = await this.#info(name);
    const prefixes = listOf(pairsOf(info.get('index_definition')).get('prefixes')).map(textOf);
    const [prefix] = prefixes;
    if (prefix === undefined || prefixes.length > 1) {
      throw new BenchError('UNSUPPORTED', `redis: ${name} has ${prefixes.length} key prefixes`, {
        hint: 'an index is read if its keys are one prefix and the number of a row',
      });
    }
    const shape = { name, prefix, vectorField, family, params: {} };
    this.#index = { ...shape, fields: payload, origin: 'attached' };
  }

  prepareUpsert(batch: VectorBatch): RedisUpsert {
    const index = this.#opened();
    if (index.origin === 'own') return hashCommands(index, batch);
    throw new BenchError('READ_ONLY', `redis: ${index.name} was made by somebody else`);
  }

  async upsert(rows: RedisUpsert): Promise<void> {
    await sendRows(this.#server, 'HSET', rows);
    this.#rows += rows.length;
  }

  async finish(): Promise<readonly Phase[]> {
    const { name } = this.#opened();
    const beganNs = nowNs();
    for (;;) {
      const info = await this.#info(name);
      const failures = numberIn(info, 'hash_indexing_failures') ?? 0;
      if (failures > 0) {
        throw new BenchError('STORE_FAILED', `redis: ${name}: ${failures} rows were not indexed`);
      }
      const isWhole = numberIn(info, 'indexing') === 0 && numberIn(info, 'percent_indexed') === 1;
      if (isWhole && (numberIn(info, 'num_docs') ?? 0) >= this.#rows) break;
      this.#server.context.signal.throwIfAborted();
      await realClock.sleepUntil(nowNs() + pollNs);
    }
    return [{ name: 'index', s: (nowNs() - beganNs) / nsPerS }];
  }

  async count(): Promise<number> {
    return numberIn(await this.#info(this.#opened().name), 'num_docs') ?? 0;
  }

  handle(): SearchIndex {
    return this.#opened();
  }

  open(handle: unknown): void {
    this.#index = handle as SearchIndex;
  }

  prepareSearch(request: SearchRequest): RedisSearch {
    const index = this.#opened();
    const fields = fieldsWanted(request, index.fields);
    return { args: knnArguments(index, request, fields), k: request.k, fields };
  }

  search(prepared: RedisSearch): Promise<Hits> {
    const asked = this.#server.connections.call('FT.SEARCH', prepared.args);
    return asked.then((reply) => this.#hits(reply, prepared));
  }

  async searchBatch(prepared: readonly RedisSearch[]): Promise<Hits> {
    const replies = await this.#server.connections.callAll((pipeline) => {
      for (const { args } of prepared) pipeline.callBuffer('FT.SEARCH', args);
    });
    return joinHits(
      replies.map((reply, index) => this.#hits(reply, prepared[index] as RedisSearch)),
    );
  }

  async drop(): Promise<void> {
    const index = this.#index;
    this.#index = undefined;
    if (index?.origin === 'own') await this.#dropIndex(index.name);
  }

  async bytes(): Promise<number | undefined> {
    const mb = numberIn(await this.#info(this.#opened().name), 'vector_index_sz_mb');
    return mb === undefined || mb <= 0 ? undefined : Math.round(mb * bytesPerMb);
  }

  async settings(): Promise<Record<string, string>> {
    return {
      build: 'HSET, pipelined on one connection; waits until FT.INFO says percent_indexed 1',
      payload: 'tags and numbers; what is no letter or digit in hexadecimal',
    };
  }

  #hits(reply: Reply, { k, fields }: RedisSearch): Hits {
    const { prefix, origin } = this.#opened();
    const step = fields === undefined ? 1 : 2;
    const ids = idsOf(reply, k, { first: 1, step, prefixBytes: Buffer.byteLength(prefix) });
    if (fields === undefined) return { ids };
    const rows = listOf(reply).filter((_, index) => index > 0 && index % 2 === 0);
    return { ids, payload: rows.map((row) => readFields(row, fields, origin)) };
  }

  async #info(name: string): Promise<ReadonlyMap<string, Reply>> {
    return pairsOf(await this.#call('FT.INFO', [name]));
  }

  /** Drops an index with its rows. */
  async #dropIndex(name: string): Promise<void> {
    try {
      await this.#call('FT.DROPINDEX', [name, 'DD']);
    } catch (thrown) {
      if (!isUnknownIndex(thrown)) throw thrown;
    }
  }

  /** @throws BenchError UNSUPPORTED where the server has no search module */
  async #call(command: string, args: readonly string[]): Promise<Reply> {
    const { connections, name, version } = this.#server;
    try {
      return await connections.call(command, args);
    } catch (thrown) {
      if (!isUnknownCommand(thrown)) throw thrown;
      const found = `redis: ${name} ${version} has no search module (${command})`;
      throw new BenchError('UNSUPPORTED', found, {
        hint: 'take the image redis:8, which has it, or options.index: vectorset',
      });
    }
  }

  #opened(): SearchIndex {
    if (this.#index === undefined) {
      throw new BenchError('STORE_FAILED', 'redis: nothing was created');
    }
    return this.#index;
  }
}
