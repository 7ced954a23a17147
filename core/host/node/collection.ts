import type {
  Adapter,
  CollectionSpec,
  SearchRequest,
  Store,
  StoreInfo,
  VectorOperations,
} from '../../adapter.js';
import { nowNs } from '../../clock.js';
import { BenchError } from '../../errors.js';
import { nsPerS } from '../../units.js';
import type { ElementType } from '../../vectors.js';
import type { HostHello, Operation } from '../protocol.js';
import {
  decodeSearch,
  decodeTruth,
  decodeUpsert,
  encodeHits,
  floatsOf,
  type SearchFrame,
} from './frames.js';
import type { HostTask } from './launch.js';

/** A store that is open in this process. */
interface Open {
  readonly store: Store;
  readonly vectors: VectorOperations;
}

/** What the requests of one cell share. */
type Asked = Pick<SearchRequest, 'params' | 'filter'>;

/** One collection behind the protocol: built through one connection, searched through many. */
export class Collection {
  readonly #adapter: Adapter;
  readonly #task: HostTask;
  readonly #open: Open;
  readonly #seconds: Record<'train' | 'add', number> = { train: 0, add: 0 };
  // Requests of one cell have the same parameters and filter, letter for letter.
  readonly #asked = new Map<string, Asked>();
  #dimensions = 0;
  #elements: ElementType = 'f32';
  #isFinished = false;

  private constructor(adapter: Adapter, task: HostTask, open: Open) {
    this.#adapter = adapter;
    this.#task = task;
    this.#open = open;
  }

  /**
   * Opens the store of an adapter in this process.
   *
   * @throws BenchError NO_PACKAGE when the engine cannot be loaded; UNSUPPORTED without vectors
   */
  static async open(adapter: Adapter, task: HostTask): Promise<Collection> {
    return new Collection(adapter, task, await connect(adapter, task));
  }

  /** The same store anew, which now knows the neighbours that a stand-in answers from. */
  async withTruth(payload: Buffer): Promise<Collection> {
    await this.#open.store.close();
    const truth = decodeTruth(payload);
    return new Collection(
      this.#adapter,
      this.#task,
      await connect(this.#adapter, this.#task, truth),
    );
  }

  /** The body of the reply to a request that is neither a search nor a truth. */
  async control(operation: Operation, payload: Buffer): Promise<unknown> {
    const { store, vectors } = this.#open;
    switch (operation) {
      case 'hello':
        return this.#hello();
      case 'create':
        return this.#create(JSON.parse(payload.toString('utf8')) as CollectionSpec);
      case 'train':
        return this.#train(floatsOf(payload, 0));
      case 'upsert':
        return this.#upsert(payload);
      case 'finish':
        return this.#finish();
      case 'count':
        return { count: await vectors.count() };
      case 'footprint':
        return (await store.footprint?.()) ?? {};
      case 'drop':
        await vectors.drop();
        return {};
      default:
        throw new Error(`${operation} is no control operation`);
    }
  }

  /**
   * The reply to a search. `engineNs` is the time of the adapter's call alone, or what its engine
   * says; `hostQueueNs` the time from reading the request until that call began. What it waited in
   * the socket before, while another call held this thread, is in neither: nobody here knows when
   * it came.
   */
  async search(request: { payload: Buffer; requestId: number }, readNs: number): Promise<Buffer> {
    const frame = decodeSearch(request.payload);
    this.#requireSearchable(frame);
    const { vectors } = this.#open;
    const requests = this.#requestsOf(frame);
    const [first] = requests;
    const isBatch = requests.length > 1;
    if (isBatch && !takesBatches(vectors)) {
      throw new BenchError('UNSUPPORTED', 'it cannot search in batches');
    }
    const prepared = isBatch
      ? vectors.prepareSearchBatch?.(requests)
      : vectors.prepareSearch(first as SearchRequest);
    const beginNs = nowNs();
    const hits = await (isBatch ? vectors.searchBatch?.(prepared) : vectors.search(prepared));
    const endNs = nowNs();
    if (!(hits?.ids instanceof Int32Array)) {
      throw new BenchError('STORE_FAILED', 'a search gave no ids, which must be an Int32Array');
    }
    const engineNs = hits.engineNs ?? endNs - beginNs;
    return encodeHits(request.requestId, hits, { engineNs, hostQueueNs: beginNs - readNs });
  }

  async #hello(): Promise<HostHello> {
    const { version, settings, warnings } = await this.#open.store.describe();
    return {
      engine: this.#adapter.title,
      version,
      pid: process.pid,
      settings: { ...settings, node: process.version },
      warnings,
      batches: takesBatches(this.#open.vectors),
      takesTruth: this.#adapter.standIn === true,
    };
  }

  async #create(spec: CollectionSpec): Promise<object> {
    if (this.#dimensions > 0) {
      throw new BenchError('STORE_FAILED', 'this host has a collection already');
    }
    if ((spec.payload ?? []).length > 0 && this.#adapter.payload === undefined) {
      throw new BenchError('UNSUPPORTED', 'it stores no payload');
    }
    await this.#open.vectors.create(spec);
    this.#dimensions = spec.dimensions;
    this.#elements = spec.elements;
    return { trained: this.#open.vectors.train === undefined, ...(await this.#describe()) };
  }

  /** What the store says of itself now. */
  async #describe(): Promise<Pick<StoreInfo, 'settings' | 'warnings'>> {
    const { settings, warnings } = await this.#open.store.describe();
    return { settings, warnings };
  }

  async #train(sample: Float32Array): Promise<object> {
    const beganNs = nowNs();
    await this.#open.vectors.train?.(sample);
    this.#seconds.train += (nowNs() - beganNs) / nsPerS;
    return {};
  }

  async #upsert(payload: Buffer): Promise<object> {
    this.#isFinished = false;
    const { vectors } = this.#open;
    const batch = decodeUpsert(payload, this.#elements);
    if (batch.vectors.length !== batch.ids.length * this.#dimensions) {
      const got = `${batch.ids.length} ids came with ${batch.vectors.length} values`;
      throw new BenchError('BAD_ARGUMENT', `${got}, of ${this.#dimensions} dimensions`);
    }
    const prepared = vectors.prepareUpsert(batch);
    const beganNs = nowNs();
    await vectors.upsert(prepared);
    this.#seconds.add += (nowNs() - beganNs) / nsPerS;
    return {};
  }

  async #finish(): Promise<object> {
    const reported = await this.#open.vectors.finish();
    this.#isFinished = true;
    const timed = (['train', 'add'] as const).filter(
      (name) => this.#seconds[name] > 0 && !reported.some((phase) => phase.name === name),
    );
    const phases = [...timed.map((name) => ({ name, s: this.#seconds[name] })), ...reported];
    return { phases, ...(await this.#describe()) };
  }

  #requireSearchable({ k, rows, vectors }: SearchFrame): void {
    if (!this.#isFinished) {
      throw new BenchError('STORE_FAILED', 'a search came before the collection was finished');
    }
    if (k >= 1 && rows.length >= 1 && vectors.length === rows.length * this.#dimensions) return;
    const got = `${rows.length} queries for ${k} rows each came with ${vectors.length} values`;
    throw new BenchError('BAD_ARGUMENT', `a search of ${got}, of ${this.#dimensions} dimensions`);
  }

  #requestsOf({ k, rows, asked: text, vectors }: SearchFrame): SearchRequest[] {
    const asked = this.#asked.get(text) ?? this.#parse(text);
    const requests: SearchRequest[] = [];
    for (const [index, row] of rows.entries()) {
      const from = index * this.#dimensions;
      const vector = vectors.subarray(from, from + this.#dimensions);
      requests.push(row < 0 ? { vector, k, ...asked } : { vector, k, ...asked, row });
    }
    return requests;
  }

  #parse(text: string): Asked {
    const asked = JSON.parse(text) as Asked;
    if (asked.filter !== undefined && this.#adapter.payload === undefined) {
      throw new BenchError('UNSUPPORTED', 'it has no filters');
    }
    this.#asked.set(text, asked);
    return asked;
  }
}

function takesBatches({ prepareSearchBatch, searchBatch }: VectorOperations): boolean {
  return prepareSearchBatch !== undefined && searchBatch !== undefined;
}

async function connect(
  adapter: Adapter,
  { options, namespace, timeoutNs }: HostTask,
  truth?: { readonly k: number; readonly ids: Int32Array },
): Promise<Open> {
  const store = await adapter.connect(options, {
    namespace,
    connections: 1,
    timeoutNs,
    signal: new AbortController().signal,
    log: (line) => process.stderr.write(`${line}\n`),
    ...(truth && { truth }),
  });
  const { vectors } = store;
  if (vectors === undefined) throw new BenchError('UNSUPPORTED', 'it holds no vectors');
  return { store, vectors };
}
