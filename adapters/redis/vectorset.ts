import type {
  CollectionSpec,
  ExistingCollection,
  Hits,
  SearchRequest,
  VectorBatch,
} from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import type { Reply } from './package.js';
import { idsOf, listOf, pairsOf, textOf } from './replies.js';
import { isUnknownCommand } from './reply-error.js';
import {
  type Collections,
  fieldsWanted,
  isAtLeast,
  joinHits,
  keyOf,
  numberIn,
  type RedisSearch,
  type RedisUpsert,
  type Server,
  sendRows,
} from './server.js';
import { addCommands, searchArguments, storageOf, type VectorSet } from './vectorset-commands.js';
import { readAttributes } from './vectorset-payload.js';

const storedAs: Readonly<Record<string, string>> = { NOQUANT: 'f32', Q8: 'int8', BIN: 'bin' };

/** Vector sets of one server: one at a time. */
export class VectorSets implements Collections {
  readonly #server: Server;
  readonly #givesAttributes: boolean;
  #set: VectorSet | undefined;

  constructor(server: Server) {
    this.#server = server;
    this.#givesAttributes = isAtLeast(server.version, '8.2');
  }

  async create({ name, family, params, metric, payload = [] }: CollectionSpec): Promise<void> {
    requireCosine(metric);
    if (storageOf[family] === undefined) {
      throw new BenchError('UNSUPPORTED', `redis: vector sets have no ${family}`, {
        hint: 'set options.index of the target to search, for a server with the search module',
      });
    }
    const key = keyOf(this.#server, name);
    await this.#server.connections.call('UNLINK', [key]);
    await this.#know(key);
    this.#set = { key, family, params, fields: payload, origin: 'own' };
  }

  async attach(existing: ExistingCollection): Promise<void> {
    const { collection: key, family, metric, payload = [] } = existing;
    requireCosine(metric);
    await this.#know(key);
    const info = pairsOf(await this.#server.connections.call('VINFO', [key]));
    if (info.size === 0) throw new BenchError('STORE_FAILED', `redis: no key is named ${key}`);
    const input = numberIn(info, 'projection-input-dim');
    const found = input === undefined || input === 0 ? numberIn(info, 'vector-dim') : input;
    if (found !== existing.dimensions) {
      const wanted = `its vectors have ${found} dimensions, not ${existing.dimensions}`;
      throw new BenchError('BAD_TARGET', `redis: ${key}: ${wanted}`);
    }
    const stored = storedAs[storageOf[family] ?? ''];
    const quantised = textOf(info.get('quant-type'));
    if (stored !== quantised) {
      throw new BenchError('BAD_TARGET', `redis: ${key} is stored as ${quantised}, not ${family}`, {
        hint: 'f32 is hnsw (or flat), int8 is hnsw-sq, bin is hnsw-bin',
      });
    }
    this.#set = { key, family, params: {}, fields: payload, origin: 'attached' };
  }

  prepareUpsert(batch: VectorBatch): RedisUpsert {
    return addCommands(this.#own(), batch);
  }

  async upsert(rows: RedisUpsert): Promise<void> {
    await sendRows(this.#server, 'VADD', rows);
  }

  async finish(): Promise<[]> {
    return [];
  }

  async count(): Promise<number> {
    return Number(await this.#server.connections.call('VCARD', [this.#opened().key]));
  }

  handle(): VectorSet {
    return this.#opened();
  }

  open(handle: unknown): void {
    this.#set = handle as VectorSet;
  }

  prepareSearch(request: SearchRequest): RedisSearch {
    const set = this.#opened();
    const args = searchArguments(set, request);
    const fields = fieldsWanted(request, set.fields);
    if (fields !== undefined && this.#givesAttributes) args.push('WITHATTRIBS');
    return { args, k: request.k, fields };
  }

  search(prepared: RedisSearch): Promise<Hits> {
    const asked = this.#server.connections.call('VSIM', prepared.args);
    return asked.then((reply) => this.#hits(reply, prepared));
  }

  async searchBatch(prepared: readonly RedisSearch[]): Promise<Hits> {
    const replies = await this.#server.connections.callAll((pipeline) => {
      for (const { args } of prepared) pipeline.callBuffer('VSIM', args);
    });
    const hits = replies.map((reply, index) => this.#hits(reply, prepared[index] as RedisSearch));
    return joinHits(await Promise.all(hits));
  }

  async drop(): Promise<void> {
    const set = this.#set;
    this.#set = undefined;
    if (set?.origin === 'own') await this.#server.connections.call('UNLINK', [set.key]);
  }

  async bytes(): Promise<number | undefined> {
    const key = this.#opened().key;
    const bytes = await this.#server.connections.call('MEMORY', ['USAGE', key, 'SAMPLES', '0']);
    return typeof bytes === 'number' && bytes > 0 ? bytes : undefined;
  }

  async settings(): Promise<Record<string, string | number>> {
    const set = this.#set;
    if (set === undefined) return {};
    const info = pairsOf(await this.#server.connections.call('VINFO', [set.key]));
    const components = textOf(info.get('quant-type'));
    return {
      ...(components !== '' && { components }),
      storedDimensions: numberIn(info, 'vector-dim') ?? 0,
      build: 'VADD without CAS, pipelined on one connection: the server builds in one thread',
      ...(set.fields.length > 0 && { payload: this.#payloadSetting() }),
    };
  }

  #payloadSetting(): string {
    const given = this.#givesAttributes ? 'WITHATTRIBS' : 'VGETATTR in a second round trip';
    return `JSON attributes, without an index; quotes in hexadecimal; given by ${given}`;
  }

  #hits(reply: Reply, { k, fields }: RedisSearch): Hits | Promise<Hits> {
    if (fields === undefined)
      return { ids: idsOf(reply, k, { first: 0, step: 1, prefixBytes: 0 }) };
    const { origin } = this.#opened();
    const read = (text: Reply) => readAttributes(textOf(text), fields, origin);
    const list = listOf(reply);
    if (this.#givesAttributes) {
      const ids = idsOf(reply, k, { first: 0, step: 2, prefixBytes: 0 });
      return { ids, payload: list.filter((_, index) => index % 2 === 1).map(read) };
    }
    const ids = idsOf(reply, k, { first: 0, step: 1, prefixBytes: 0 });
    if (list.length === 0) return { ids, payload: [] };
    return this.#attributes(list).then((texts) => ({ ids, payload: texts.map(read) }));
  }

  #attributes(elements: readonly Reply[]): Promise<readonly Reply[]> {
    const { key } = this.#opened();
    return this.#server.connections.callAll((pipeline) => {
      for (const element of elements) pipeline.callBuffer('VGETATTR', [key, element as Buffer]);
    });
  }

  /** @throws BenchError TOO_OLD or UNSUPPORTED where the server has no vector sets */
  async #know(key: string): Promise<void> {
    const { connections, name, version } = this.#server;
    try {
      await connections.call('VINFO', [key]);
    } catch (thrown) {
      if (!isUnknownCommand(thrown)) throw thrown;
      if (name === 'Valkey') {
        throw new BenchError('UNSUPPORTED', `redis: Valkey ${version} has no vector sets`, {
          hint: 'take Redis 8, or options.index: search on a server with the search module',
        });
      }
      throw new BenchError('TOO_OLD', `redis: vector sets need Redis 8.0, found ${version}`, {
        hint: 'take Redis 8, or options.index: search on a server with the search module',
      });
    }
  }

  #opened(): VectorSet {
    if (this.#set === undefined) throw new BenchError('STORE_FAILED', 'redis: nothing was created');
    return this.#set;
  }

  #own(): VectorSet {
    const set = this.#opened();
    if (set.origin === 'own') return set;
    throw new BenchError('READ_ONLY', `redis: ${set.key} was made by somebody else`);
  }
}

function requireCosine(metric: string): void {
  if (metric === 'cosine') return;
  throw new BenchError('UNSUPPORTED', `redis: vector sets compare by cosine only, not ${metric}`, {
    hint: 'take a dataset of cosine, or options.index: search',
  });
}
