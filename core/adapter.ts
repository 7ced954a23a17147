import type { ErrorCode } from './errors.js';
import type { Filter, FilterKind } from './filter.js';
import type { Payload, PayloadType, PayloadValue } from './payload.js';
import type { StandardSchema } from './standard-schema.js';
import type { ElementType, VectorValues } from './vectors.js';

/**
 * How near two vectors are: `l2` the squared Euclidean distance (smaller is nearer), `ip` the inner
 * product and `cosine` the inner product of the normalised vectors (larger is nearer).
 */
export type Metric = 'l2' | 'ip' | 'cosine';

/** The value of a build or search parameter. */
export type ParameterValue = number | string | boolean;

/** Build or search parameters by the field's names: `nlist`, `m`, `nbits`, `efSearch`. */
export type Parameters = Readonly<Record<string, ParameterValue>>;

/** What one parameter may be. A bound is a number or the name of what it must not exceed. */
export interface ParameterRule {
  readonly type: 'integer' | 'number' | 'boolean' | 'choice' | 'text';
  /** One line for a person. */
  readonly meaning: string;
  readonly min?: number;
  /** The largest value: a number, `rows`, `dimensions`, or the name of a build parameter. */
  readonly max?: number | string;
  readonly choices?: readonly ParameterValue[];
  /** The value must divide this without a rest. */
  readonly divides?: 'dimensions';
  readonly required?: boolean;
  /** The build parameter without which this one means nothing. */
  readonly needs?: string;
  /** What the store does when it is not given; recorded in the result. */
  readonly default?: ParameterValue;
}

/** What the checks of a build's parameters may look at. */
export interface IndexContext {
  readonly rows: number;
  readonly dimensions: number;
  readonly metric: Metric;
  readonly params: Parameters;
  /** How the values of the rows come; as float32 where it is not said. */
  readonly elements?: ElementType;
}

/** An index family that an adapter can build. */
export interface IndexSupport {
  /** `flat`, `ivf-flat`, `pq`, `ivf-pq`, `ivf-sq`, `hnsw`, ... */
  readonly family: string;
  readonly title: string;
  readonly params: Readonly<Record<string, ParameterRule>>;
  readonly search: Readonly<Record<string, ParameterRule>>;
  /** Its answers are exact: the verify step demands recall 1. */
  readonly exact?: boolean;
  /** Whether it stores values of a type as they come; float32 always, others are widened first. */
  takes?(type: ElementType, params: Parameters): boolean;
  /** Its codes lose so much that recall 1, where nothing ranks anew, means that none are used. */
  readonly compressed?: boolean;
  /** Which servers have it, where not all do: others decline it as UNSUPPORTED. */
  readonly offeredBy?: string;
  /** Rules over several parameters: a sentence for each that is broken. */
  check?(context: IndexContext): readonly string[];
  /** About how many bytes the finished index takes, the process around it left out. */
  estimateBytes?(context: IndexContext): number;
}

/** A column of what is stored beside the vectors. */
export interface PayloadField {
  /** A letter, then letters, digits or underscores. */
  readonly name: string;
  readonly type: PayloadType;
  /** Filters look at it: it gets an index of its own where the store makes them. */
  readonly indexed: boolean;
}

/** What a store can do with a payload. */
export interface PayloadSupport {
  readonly types: readonly PayloadType[];
  /** The expressions that it filters by; none where it only stores. */
  readonly filters: readonly FilterKind[];
  /** It can give the payload of the rows that it finds. */
  readonly returns: boolean;
}

/** What `create` makes. */
export interface CollectionSpec {
  /** Its name within the namespace of the run. */
  readonly name: string;
  /** How many rows will come. */
  readonly rows: number;
  readonly dimensions: number;
  readonly metric: Metric;
  /** How the values of the rows come; queries come as float32. */
  readonly elements: ElementType;
  readonly family: string;
  readonly params: Parameters;
  /** Threads for building, at least 1; an adapter that cannot set them ignores it. */
  readonly buildThreads: number;
  /** Threads of one search call, at least 1. */
  readonly searchThreads: number;
  readonly seed: number;
  /** What is stored beside the vectors; absent where nothing is. */
  readonly payload?: readonly PayloadField[];
}

/** A collection that somebody else made and that is only read. */
export interface ExistingCollection {
  /** Its name in the store: a collection, a table, a key. */
  readonly collection: string;
  /** Where the vectors are, in a store in which they have a name. */
  readonly vectorField?: string;
  /** Where the row numbers of the dataset are, in a store in which they have a name. */
  readonly idField?: string;
  readonly dimensions: number;
  readonly metric: Metric;
  readonly family: string;
  readonly payload?: readonly PayloadField[];
}

/** Rows to store. */
export interface VectorBatch {
  /** One id a row, 0 or larger. */
  readonly ids: Int32Array;
  /** rows x dimensions, row after row, of the type that the collection was made for. */
  readonly vectors: VectorValues;
  /** The columns that the collection was made for, with a value for each of these rows. */
  readonly payload?: Payload;
}

/** One query. */
export interface SearchRequest {
  readonly vector: Float32Array;
  /** How many ids are wanted, at least 1. */
  readonly k: number;
  readonly params: Parameters;
  /** The query's row in the query file, counted from 0; stand-ins answer from it. */
  readonly row?: number;
  /** What the rows of the answer must meet; all queries of a batch share it. */
  readonly filter?: Filter;
  /** Columns that are to come with the ids; none when absent. */
  readonly payload?: readonly string[];
}

/** The answer to one search, or to a batch of them. */
export interface Hits {
  /** Nearest first, k for each query of a batch, -1 where fewer came. */
  readonly ids: Int32Array;
  /** What the store itself says that the work took, its queue left out; whole nanoseconds. */
  readonly engineNs?: number;
  /** From the engine host's reading of the request until its work began; whole nanoseconds. */
  readonly hostQueueNs?: number;
  /** One for each id that came, where it was asked for; as the client decoded it. */
  readonly payload?: readonly Readonly<Record<string, PayloadValue>>[];
}

/** A body encoded ahead of the clock; only the adapter that made it looks inside. */
export type Prepared = unknown;

/** A part of a build, timed apart. */
export interface Phase {
  readonly name: 'insert' | 'train' | 'add' | 'index';
  readonly s: number;
}

/**
 * Storing and searching vectors. A method that is absent is an ability that the store lacks; of a
 * store in an engine host that is certain after `create` or `open`.
 */
export interface VectorOperations {
  create(spec: CollectionSpec): Promise<void>;
  /** Reads a collection that is there, in place of `create`; nothing is ever written to it. */
  attach?(existing: ExistingCollection): Promise<void>;
  /** Learns the index's codebooks from rows x dimensions values. Present where it is needed. */
  train?(sample: Float32Array): Promise<void>;
  prepareUpsert(batch: VectorBatch): Prepared;
  upsert(prepared: Prepared): Promise<void>;
  /** Returns once every row is searchable through the finished index. */
  finish(): Promise<readonly Phase[]>;
  count(): Promise<number>;
  /** What another thread needs to reach the finished collection; structured-cloneable. */
  handle(): unknown;
  /** Reaches a collection that another thread built, for searching only. */
  open(handle: unknown): Promise<void>;
  prepareSearch(request: SearchRequest): Prepared;
  search(prepared: Prepared): Promise<Hits>;
  prepareSearchBatch?(requests: readonly SearchRequest[]): Prepared;
  searchBatch?(prepared: Prepared): Promise<Hits>;
  remove?(ids: Int32Array): Promise<void>;
  drop(): Promise<void>;
}

/** Versions and every setting of a store that moves a number. */
export interface StoreInfo {
  readonly version: string;
  readonly client?: { readonly name: string; readonly version: string };
  readonly settings: Readonly<Record<string, ParameterValue>>;
  readonly warnings: readonly string[];
  /** The store's processes on this machine, for memory and CPU. Never the client's own. */
  readonly pids: readonly number[];
}

/** What the store itself says of its size; what it does not say is absent. */
export interface Footprint {
  readonly engineBytes?: number;
  readonly diskBytes?: number;
}

/** An open store. An ability is an object that is present or absent. */
export interface Store {
  readonly vectors?: VectorOperations;
  describe(): Promise<StoreInfo>;
  footprint?(): Promise<Footprint>;
  /**
   * What a stand-in itself noted of its searches, for `bench selftest`; `readServiceLog` of
   * core/selftest reads it. Present where it was asked to.
   */
  serviceLog?(): Promise<ArrayBufferLike>;
  /**
   * Names of what runs of bench left in a server: everything whose name begins with `bench_`.
   * Present where a store outlives its run.
   */
  leftovers?(): Promise<readonly string[]>;
  /** Removes what `leftovers` named. */
  removeLeftover?(name: string): Promise<void>;
  close(): Promise<void>;
}

/** What the harness gives to `connect`. */
export interface ConnectContext {
  /** Everything that the adapter creates carries this name. */
  readonly namespace: string;
  /** Requests that will be in flight at once. */
  readonly connections: number;
  /** How long one request may take. */
  readonly timeoutNs: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Truth and law for stand-ins that answer from it; other adapters leave it alone. */
  readonly truth?: { readonly k: number; readonly ids: Int32Array };
}

/** Whether an engine works here, for `bench doctor`. */
export interface Probe {
  readonly works: boolean;
  /** Why not; NO_PACKAGE when it is not said. */
  readonly code?: ErrorCode;
  readonly version?: string;
  readonly detail: string;
  readonly hint?: string;
}

/** Packages of an engine that no set-up brings, each of one exact version. */
export interface OptionalPackages {
  /** From the npm registry, as `name@version`. */
  readonly npm?: readonly string[];
  /** From PyPI, as `name==version`, for the Python that the set-up made. */
  readonly python?: readonly string[];
}

/** How an adapter is tested. */
export interface Tested {
  /**
   * `double`: what answers in tests as recorded answers of a store do; `form`: requests are only
   * compared with what its documentation says.
   */
  readonly against: 'store' | 'double' | 'form';
  /** Of the store, or of the one that was recorded. */
  readonly version?: string;
}

/** What a store can do beside creating, searching and dropping. */
export type Ability = 'batch' | 'remove' | 'attach' | 'footprint' | 'leftovers';

/** What holds under other options of a target, in place of what the adapter says. */
export interface Variant {
  /** The options that make it, by name: all of them have to be as here. */
  readonly options: Readonly<Record<string, ParameterValue>>;
  readonly title: string;
  readonly composeService?: string;
  readonly metrics?: readonly Metric[];
  readonly payload?: PayloadSupport;
  readonly indexes?: readonly IndexSupport[];
  readonly tested: Tested;
}

/** The code for one kind of store: how to reach it and what it can do. */
export interface Adapter {
  readonly title: string;
  readonly kind: 'embedded' | 'server' | 'cloud';
  /** The first is the default. */
  readonly transports: readonly ('client' | 'raw' | 'grpc')[];
  /** Its service in docker-compose.bench.yml, which a target without a `url` means. */
  readonly composeService?: string;
  /**
   * An embedded engine that starts a process of its own. Without this the harness runs the adapter
   * in an engine host of Node.
   */
  readonly ownProcess?: true;
  /** Its collection can be opened by other threads of the process: `--in-process` is allowed. */
  readonly inProcess?: true;
  /** A stand-in or emulator: marked wherever it is printed, never ranked. */
  readonly standIn?: boolean;
  /** What it has of its own; without cosine the harness normalises and asks for `ip`. */
  readonly metrics: readonly Metric[];
  /** What it stores beside vectors; absent where it stores nothing else. */
  readonly payload?: PayloadSupport;
  readonly options: StandardSchema;
  /** What `bench doctor --install NAME` installs; absent where the set-up brings everything. */
  readonly install?: OptionalPackages;
  readonly indexes?: readonly IndexSupport[];
  /** In the order of {@link Ability}; none when absent. */
  readonly abilities?: readonly Ability[];
  /** Of a server; what needs none is tested itself, in the version that it is installed in. */
  readonly tested?: Tested;
  /** What some options change of all this. */
  readonly variants?: readonly Variant[];
  /** Opens a store. Contacts nothing that it need not. */
  connect(options: unknown, context: ConnectContext): Promise<Store>;
  /**
   * Tries the engine or the server out without building anything.
   *
   * @param options of a target, checked; of the default target where there are none
   */
  probe?(options?: unknown): Promise<Probe>;
}
