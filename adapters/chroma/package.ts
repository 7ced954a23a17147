import { importOptional, type PackageUser, placeOfOptional } from '../../core/optional-package.js';
import type { Where } from './where.js';

const clientSpec = 'chromadb@3.5.0';

/** What this adapter needs for the transport `client`. */
export const needs: PackageUser = { name: 'chroma', npm: [clientSpec] };

/** A value of a record's metadata. */
export type MetadataValue = string | number | boolean;
/** What is stored beside a vector; null where there is nothing. */
export type Metadata = Readonly<Record<string, MetadataValue>> | null;

/** A collection, as the official client gives it. */
export interface ClientCollection {
  upsert(rows: {
    readonly ids: readonly string[];
    readonly embeddings: readonly (readonly number[])[];
    readonly metadatas?: readonly Metadata[];
  }): Promise<void>;
  query(query: ClientQuery): Promise<QueryAnswer>;
}

/** A query, as the official client takes it. */
export interface ClientQuery {
  readonly queryEmbeddings: readonly (readonly number[])[];
  readonly nResults: number;
  readonly include: readonly 'metadatas'[];
  readonly where?: Where;
}

/** The part of an answer that is used here: one list for each query. */
export interface QueryAnswer {
  readonly ids: readonly (readonly string[])[];
  readonly metadatas?: readonly (readonly Metadata[])[] | null;
}

/** What a client is made with. */
export interface ClientArguments {
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean;
  readonly tenant: string;
  readonly database: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Goes into each request of `fetch`, which takes its connections from the dispatcher. */
  readonly fetchOptions: { readonly dispatcher: unknown };
}

/** The part of the package that is used here. */
export interface ClientPackage {
  readonly ChromaClient: new (
    args: ClientArguments,
  ) => {
    getCollection(args: { readonly name: string }): Promise<ClientCollection>;
  };
}

/** @throws BenchError NO_PACKAGE */
export function loadClient(): Promise<ClientPackage> {
  return importOptional<ClientPackage>(clientSpec, needs);
}

/**
 * Which client is loaded.
 *
 * @throws BenchError NO_PACKAGE
 */
export function clientVersion(): string {
  return placeOfOptional(clientSpec, needs).version;
}
