import { importOptional, type PackageUser, placeOfOptional } from '../../core/optional-package.js';

const clientSpec = '@zilliz/milvus2-sdk-node@3.0.6';
const clientName = clientSpec.slice(0, clientSpec.lastIndexOf('@'));

/** What this adapter needs. */
export const needs: PackageUser = { name: 'milvus', npm: [clientSpec] };

/**
 * How a call went. Servers tell it twice: an error may have the old `error_code` of success and a
 * `code` that is not 0.
 */
export interface Status {
  readonly error_code?: string | number;
  readonly code?: number;
  readonly reason?: string;
}

/** An answer with its status; without one where the server does not know the call. */
export interface Answer {
  readonly status?: Status;
}

/** A field of a collection, as it is asked for. */
export interface FieldRequest {
  readonly name: string;
  readonly data_type: 'Int64' | 'FloatVector' | 'VarChar' | 'Double' | 'Int8';
  readonly is_primary_key?: true;
  readonly dim?: number;
  readonly max_length?: number;
}

/** A field of a collection, as it is described. */
export interface FieldFacts {
  readonly name: string;
  readonly data_type: string;
  readonly is_primary_key: boolean;
  /** Text, of vectors only. */
  readonly dim?: string;
}

/** What a server says of a collection. */
export interface CollectionFacts extends Answer {
  readonly schema: { readonly fields: readonly FieldFacts[] };
  readonly shards_num?: number;
  readonly consistency_level?: string;
}

/** What a server says of an index; numbers of rows are text. */
export interface IndexFacts {
  readonly field_name: string;
  readonly params: readonly { readonly key: string; readonly value: string }[];
  readonly state: string;
  readonly indexed_rows: string;
  readonly total_rows: string;
  readonly pending_index_rows: string;
  readonly index_state_fail_reason?: string;
}

/** What a server says of a segment that is loaded; numbers of rows are text. */
export interface SegmentFacts {
  readonly segmentID: string;
  readonly num_rows: string;
  /** Empty where it is searched without an index. */
  readonly index_name?: string;
  readonly state?: string;
}

/** A row found or read, by the names of its fields; whole numbers of 64 bits are text. */
export type FoundRow = Readonly<Record<string, unknown>>;

/** A search, as the client takes it. */
export interface SearchArguments {
  readonly collection_name: string;
  readonly anns_field: string;
  /** One vector, or a list of several. */
  readonly data: Float32Array | readonly Float32Array[];
  readonly limit: number;
  readonly output_fields: readonly string[];
  readonly consistency_level: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly filter?: string;
}

/** Asks for one collection. */
export interface Named {
  readonly collection_name: string;
}

interface Flushed extends Answer {
  readonly coll_segIDs: Readonly<Record<string, { readonly data: readonly string[] }>>;
  readonly coll_flush_ts?: Readonly<Record<string, string>>;
}

/** The part of the client that is used here. */
export interface MilvusClient {
  /** Settles when the server has answered the first call. */
  readonly connectPromise: Promise<unknown>;
  getVersion(): Promise<Answer & { readonly version?: string }>;
  getMetric(request: {
    readonly request: { readonly metric_type: string };
  }): Promise<Answer & { readonly response?: unknown }>;
  listCollections(): Promise<Answer & { readonly data: readonly { readonly name: string }[] }>;
  hasCollection(request: Named): Promise<Answer & { readonly value?: unknown }>;
  describeCollection(request: Named): Promise<CollectionFacts>;
  createCollection(
    request: Named & {
      readonly fields: readonly FieldRequest[];
      readonly consistency_level: string;
      readonly shards_num?: number;
      readonly properties?: Readonly<Record<string, unknown>>;
    },
  ): Promise<Status>;
  dropCollection(request: Named): Promise<Status>;
  createIndex(
    request: Named & {
      readonly field_name: string;
      readonly index_type?: string;
      readonly metric_type?: string;
      readonly params?: Readonly<Record<string, unknown>>;
    },
  ): Promise<Status>;
  describeIndex(
    request: Named,
  ): Promise<Answer & { readonly index_descriptions: readonly IndexFacts[] }>;
  insert(
    request: Named & { readonly data: readonly object[]; readonly timeout: number },
  ): Promise<Answer & { readonly insert_cnt?: string }>;
  delete(request: Named & { readonly filter: string }): Promise<Answer>;
  flush(request: { readonly collection_names: readonly string[] }): Promise<Flushed>;
  getFlushState(
    request: Named & { readonly segmentIDs: readonly string[]; readonly flush_ts?: string },
  ): Promise<Answer & { readonly flushed?: boolean }>;
  compact(request: Named): Promise<Answer & { readonly compactionID?: string }>;
  getCompactionState(request: {
    readonly compactionID: string;
  }): Promise<Answer & { readonly state?: string; readonly executingPlanNo?: string }>;
  loadCollection(request: Named & { readonly replica_number: number }): Promise<Status>;
  getLoadingProgress(request: Named): Promise<Answer & { readonly progress?: string }>;
  getLoadState(request: Named): Promise<Answer & { readonly state?: string }>;
  getQuerySegmentInfo(request: {
    readonly collectionName: string;
  }): Promise<Answer & { readonly infos?: readonly SegmentFacts[] }>;
  query(
    request: Named & {
      readonly output_fields: readonly string[];
      readonly consistency_level: string;
    },
  ): Promise<Answer & { readonly data: readonly FoundRow[] }>;
  /** A list of rows for one vector, a list of such lists for several. */
  search(
    request: SearchArguments,
  ): Promise<Answer & { readonly results: readonly FoundRow[] | readonly (readonly FoundRow[])[] }>;
  closeConnection(): Promise<unknown>;
}

/** How connections are encrypted, as the client takes it. */
export interface ClientTls {
  readonly rootCert?: Buffer;
  readonly privateKey?: Buffer;
  readonly certChain?: Buffer;
  readonly serverName?: string;
  readonly skipCertCheck?: true;
}

/** How the client is opened. */
export interface ClientConfig {
  readonly address: string;
  readonly ssl: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
  readonly database: string;
  readonly tls?: ClientTls;
  /** Milliseconds that one call may take. */
  readonly timeout: number;
  readonly maxRetries: 0;
  readonly pool: { readonly min: number; readonly max: number };
  readonly channelOptions: Readonly<Record<string, number>>;
  readonly logLevel: 'error';
  readonly telemetry: { readonly enabled: false };
  /** An address with a certain word in it would be asked for where the clusters are. */
  readonly isGlobal: false;
}

/** The part of the package that is used here. */
export interface MilvusPackage {
  readonly MilvusClient: new (config: ClientConfig) => MilvusClient;
}

/** The package, with its name and version. */
export interface LoadedPackage {
  readonly loaded: MilvusPackage;
  readonly name: string;
  readonly version: string;
}

/** @throws BenchError NO_PACKAGE */
export async function loadPackage(): Promise<LoadedPackage> {
  const loaded = await importOptional<MilvusPackage>(clientSpec, needs);
  return { loaded, name: clientName, version: placeOfOptional(clientSpec, needs).version };
}
