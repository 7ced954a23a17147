import type {
  CollectionSpec,
  ExistingCollection,
  Hits,
  PayloadField,
  Phase,
  SearchRequest,
  VectorBatch,
} from '../../core/adapter.js';
import { nowNs } from '../../core/clock.js';
import { BenchError } from '../../core/errors.js';
import { nsPerS } from '../../core/units.js';
import { requireLike } from './existing.js';
import { countRows, finishCollection } from './finish.js';
import { createIndexes, dropCollection, unsupported } from './making.js';
import type { FoundRow, SearchArguments } from './package.js';
import { fieldsOf, idOf, ownIdField, ownVectorField, payloadOf, rowsOf } from './rows.js';
import { type PreparedQueries, prepareQueries } from './search.js';
import type { MilvusServer } from './server.js';
import { isExact, requireBuildable, whyMissing } from './words.js';

const mostNameLength = 255;
/** A request of many rows is answered when they are in the log. */
const insertTimeoutMs = 600_000;

/** What searches of a collection need to know of it. */
export interface CollectionView {
  readonly name: string;
  readonly family: string;
  readonly dimensions: number;
  readonly vectorField: string;
  readonly idField: string;
  readonly payload: readonly PayloadField[];
  /** bench made it. */
  readonly isOwn: boolean;
}

/** A name that the server takes: 255 letters, digits and underscores at most. */
export function collectionName(namespace: string, name: string): string {
  return `${namespace}_${name}`.replace(/[^A-Za-z0-9_]/g, '_').slice(0, mostNameLength);
}

/** One collection of a server. */
export class MilvusCollection {
  readonly view: CollectionView;
  readonly #server: MilvusServer;
  /** Whether this object made it, and so removes it. */
  readonly #isMade: boolean;
  #rows = 0;
  #warnings: readonly string[] = [];

  /** @param isMade whether it was made for this object */
  constructor(server: MilvusServer, view: CollectionView, isMade = false) {
    this.#server = server;
    this.view = view;
    this.#isMade = isMade;
  }

  /**
   * Makes an empty collection with its indexes; what a stopped run left under the name goes.
   *
   * @throws BenchError UNSUPPORTED when the server has no such index; BAD_ARGUMENT
   */
  static async create(server: MilvusServer, spec: CollectionSpec): Promise<MilvusCollection> {
    requireBuildable(spec);
    const { context, options, version } = server.parts;
    const missing = whyMissing(spec.family, version);
    if (missing !== undefined) throw unsupported(server, missing, version);
    const name = collectionName(context.namespace, spec.name);
    const { family, dimensions, payload = [] } = spec;
    await dropCollection(server, name);
    const { shards, mmap, consistency } = options;
    await server.ask('create', (client) =>
      client.createCollection({
        collection_name: name,
        fields: fieldsOf(spec),
        consistency_level: consistency,
        ...(shards !== undefined && { shards_num: shards }),
        ...(mmap !== undefined && { properties: { 'mmap.enabled': mmap } }),
      }),
    );
    const fields = { vectorField: ownVectorField, idField: ownIdField };
    const view = { name, family, dimensions, payload, isOwn: true, ...fields };
    const made = new MilvusCollection(server, view, true);
    try {
      await createIndexes(server, name, spec);
    } catch (error) {
      await made.drop();
      throw error;
    }
    await made.meet();
    return made;
  }

  /**
   * Reads a collection that somebody made.
   *
   * @throws BenchError BAD_TARGET where it is not as it was said to be
   */
  static async attach(
    server: MilvusServer,
    existing: ExistingCollection,
  ): Promise<MilvusCollection> {
    const { collection: name, family, dimensions, payload = [] } = existing;
    const fields = await requireLike(server, existing);
    return new MilvusCollection(server, {
      ...{ name, family, dimensions, payload, isOwn: false },
      ...fields,
    });
  }

  /** Has the client describe it ahead of the clock, which it would do within the first call. */
  async meet(): Promise<void> {
    const { name } = this.view;
    await this.#server.ask('describe', (client) =>
      client.describeCollection({ collection_name: name }),
    );
  }

  prepareUpsert(batch: VectorBatch): readonly object[] {
    return rowsOf(batch, this.view.payload);
  }

  async insert(rows: readonly object[]): Promise<void> {
    const { insert_cnt: count } = await this.#server.ask('insert', (client) =>
      client.insert({
        collection_name: this.view.name,
        data: rows,
        timeout: insertTimeoutMs,
      }),
    );
    this.#rows += rows.length;
    if (Number(count) === rows.length) return;
    const message = `${this.#server.where}: it took ${count} of ${rows.length} rows`;
    throw new BenchError('STORE_FAILED', message);
  }

  /** Waits for the finished index. */
  async finish(): Promise<Phase[]> {
    const { options, context } = this.#server.parts;
    const beganNs = nowNs();
    this.#warnings = await finishCollection({
      server: this.#server,
      collection: this.view.name,
      rows: this.#rows,
      isExact: isExact(this.view.family),
      consistency: options.consistency,
      replicas: options.replicas,
      compact: options.compact,
      giveUpS: options.giveUpS,
      signal: context.signal,
      log: context.log,
    });
    return [{ name: 'index', s: (nowNs() - beganNs) / nsPerS }];
  }

  count(): Promise<number> {
    return countRows(this.#server, this.view.name, 'Strong');
  }

  prepare(requests: readonly SearchRequest[]): PreparedQueries {
    return prepareQueries(requests, this.view, this.#server.parts.options.consistency);
  }

  async search({ request, wanted }: PreparedQueries): Promise<Hits> {
    const lists = await this.#find(request, wanted.queries);
    const { queries, k, idField, columns } = wanted;
    const ids = new Int32Array(queries * k).fill(-1);
    for (let query = 0; query < queries; query++) {
      const rows = lists[query] ?? [];
      const count = Math.min(rows.length, k);
      for (let place = 0; place < count; place++) {
        ids[query * k + place] = idOf(rows[place] as FoundRow, idField);
      }
    }
    if (columns === undefined) return { ids };
    return { ids, payload: lists.flatMap((rows) => rows.map((row) => payloadOf(row, columns))) };
  }

  async #find(
    request: SearchArguments,
    queries: number,
  ): Promise<readonly (readonly FoundRow[])[]> {
    const { results } = await this.#server.ask('search', (client) => client.search(request));
    return (queries === 1 ? [results] : results) as readonly (readonly FoundRow[])[];
  }

  /** Removes rows; searches of any consistency find them no more. */
  async remove(ids: Int32Array): Promise<void> {
    const filter = `${this.view.idField} in [${ids.join(', ')}]`;
    const named = { collection_name: this.view.name };
    await this.#server.ask('delete', (client) => client.delete({ ...named, filter }));
    // A query that waits for them: what comes later finds the same rows, whatever it waits for.
    await this.count();
  }

  /** Removes the collection where this object made it. */
  async drop(): Promise<void> {
    if (this.#isMade) await dropCollection(this.#server, this.view.name);
  }

  /** What was to be said of the finished index. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }
}
