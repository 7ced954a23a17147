import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BenchError } from '../../core/errors.js';
import { importOptional, type PackageUser, placeOfOptional } from '../../core/optional-package.js';
import type { GrpcFilter } from './filter.js';

// Later ones ask for Node 22.
const clientSpec = 'weaviate-client@3.12.1';

/** What this adapter needs for the transport `client`. */
export const needs: PackageUser = { name: 'weaviate', npm: [clientSpec] };

/** A vector as a message of gRPC. */
export interface GrpcVector {
  readonly name?: string;
  /** float32, little-endian. */
  readonly vectorBytes: Uint8Array;
  /** 1 is one vector of float32. */
  readonly type: number;
}

/** A search as a message of gRPC, but for the collection's name. */
export interface GrpcSearch {
  readonly limit: number;
  readonly nearVector: {
    readonly vectors: readonly GrpcVector[];
    readonly targets?: { readonly targetVectors: readonly string[] };
  };
  readonly filters?: GrpcFilter;
  readonly properties?: {
    readonly nonRefProperties: readonly string[];
    readonly returnAllNonrefProperties: boolean;
  };
  readonly metadata?: { readonly uuid: boolean };
}

/** A value of a property; one of these is set. */
export interface GrpcValue {
  readonly textValue?: string | undefined;
  readonly numberValue?: number | undefined;
  readonly intValue?: number | undefined;
  readonly boolValue?: boolean | undefined;
}

/** A row of an answer. */
export interface GrpcResult {
  readonly metadata?: { readonly id: string } | undefined;
  readonly properties?:
    | {
        readonly nonRefProps?: { readonly fields: Readonly<Record<string, GrpcValue>> } | undefined;
      }
    | undefined;
}

/** An answer to a search. */
export interface GrpcReply {
  /** Seconds. */
  readonly took: number;
  readonly results: readonly GrpcResult[];
}

/** A row as a message of gRPC. */
export interface GrpcObject {
  readonly collection: string;
  readonly uuid: string;
  readonly vectors: readonly GrpcVector[];
  readonly properties: { readonly nonRefProperties: Readonly<Record<string, unknown>> };
}

/** Searches of one collection. */
export interface GrpcSearcher {
  withNearVector(search: GrpcSearch): Promise<GrpcReply>;
  withFetch(fetch: { readonly limit: number }): Promise<GrpcReply>;
}

/** Writes to one collection. */
export interface GrpcBatcher {
  withObjects(batch: { readonly objects: readonly GrpcObject[] }): Promise<{
    readonly errors: readonly { readonly index: number; readonly error: string }[];
  }>;
}

/** The client's connection: its `collections` are made of these calls. */
export interface GrpcConnection {
  search(collection: string, consistencyLevel?: string): Promise<GrpcSearcher>;
  batch(collection: string, consistencyLevel?: string): Promise<GrpcBatcher>;
  close(): void;
}

/** What a connection is made with. */
export interface ConnectionArguments {
  /** The address of REST, which is not used here. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Host and port. */
  readonly grpcAddress: string;
  readonly grpcSecure: boolean;
  readonly apiKey?: { readonly apiKey: string };
  /** Seconds. */
  readonly timeout: { readonly query: number; readonly insert: number };
  readonly skipInitChecks: true;
}

/** The part of the package that is used here. */
export interface ClientPackage {
  readonly ConnectionGRPC: {
    use(args: ConnectionArguments): { readonly connection: GrpcConnection };
  };
}

/**
 * Loads the client, which is told not to try a request again: by itself it would do so up to five
 * times, and it has no option against that.
 *
 * @throws BenchError NO_PACKAGE
 */
export async function loadClient(): Promise<ClientPackage> {
  const loaded = await importOptional<ClientPackage>(clientSpec, needs);
  const { folder, version } = placeOfOptional(clientSpec, needs);
  const path = join(folder, 'dist/node/cjs/grpc/retry.js');
  const { retryOptions } = modulesOf(path, version) as { retryOptions?: { retry?: boolean } };
  if (retryOptions === undefined) throw unlike(version);
  retryOptions.retry = false;
  return loaded;
}

function modulesOf(path: string, version: string): unknown {
  try {
    return createRequire(path)(path);
  } catch (cause) {
    throw unlike(version, cause);
  }
}

function unlike(version: string, cause?: unknown): BenchError {
  const message = `weaviate: the client ${version} has its repeats elsewhere than ${clientSpec}`;
  return new BenchError('NO_PACKAGE', message, {
    hint: `take ${clientSpec} out of the project's modules, and: bench doctor --install weaviate`,
    cause,
  });
}

/**
 * Which client is loaded.
 *
 * @throws BenchError NO_PACKAGE
 */
export function clientVersion(): string {
  return placeOfOptional(clientSpec, needs).version;
}
