import { importOptional, type PackageUser, placeOfOptional } from '../../core/optional-package.js';

const restSpec = '@qdrant/js-client-rest@1.19.0';
const grpcSpec = '@qdrant/js-client-grpc@1.19.0';

/** What this adapter needs; the raw transport does without. */
export const needs: PackageUser = { name: 'qdrant', npm: [restSpec, grpcSpec] };

/** How the official clients are opened. */
export interface ClientOptions {
  readonly url: string;
  /** `null` leaves the port to the protocol; the clients would take their own. */
  readonly port: number | null;
  readonly prefix?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly checkCompatibility: false;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What a call of the REST client gives. */
export interface ClientAnswer {
  readonly data: unknown;
}

/** The generated calls of the REST client, which give the whole answer with its time. */
export interface RestApi {
  queryPoints(request: object): Promise<ClientAnswer>;
  queryBatchPoints(request: object): Promise<ClientAnswer>;
  upsertPoints(request: object): Promise<ClientAnswer>;
}

/** The part of the REST client that is used here. */
export interface RestPackage {
  readonly QdrantClient: new (
    options: ClientOptions & { readonly maxConnections: number },
  ) => { api(): RestApi };
}

/** A value of a payload as gRPC has it. */
export interface GrpcValue {
  readonly kind: { readonly case?: string; readonly value?: unknown };
}

/** A point of an answer as gRPC has it. */
export interface GrpcPoint {
  readonly id?: { readonly pointIdOptions: { readonly case?: string; readonly value?: unknown } };
  readonly payload: Readonly<Record<string, GrpcValue>>;
}

/** The calls of the gRPC client; messages are plain objects. */
export interface GrpcPoints {
  query(request: object): Promise<{ readonly result: readonly GrpcPoint[]; readonly time: number }>;
  queryBatch(request: object): Promise<{
    readonly result: readonly { readonly result: readonly GrpcPoint[] }[];
    readonly time: number;
  }>;
  upsert(request: object): Promise<unknown>;
}

/** The part of the gRPC client that is used here. */
export interface GrpcPackage {
  readonly QdrantClient: new (
    options: ClientOptions & { readonly compression: boolean },
  ) => { api(name: 'points'): GrpcPoints };
}

/** A package that was loaded. */
export interface Loaded<T> {
  readonly loaded: T;
  readonly name: string;
  readonly version: string;
}

function load<T>(spec: string): Promise<Loaded<T>> {
  const name = spec.slice(0, spec.lastIndexOf('@'));
  return importOptional<T>(spec, needs).then((loaded) => ({
    loaded,
    name,
    version: placeOfOptional(spec, needs).version,
  }));
}

/** @throws BenchError NO_PACKAGE */
export function loadRest(): Promise<Loaded<RestPackage>> {
  return load<RestPackage>(restSpec);
}

/** @throws BenchError NO_PACKAGE */
export function loadGrpc(): Promise<Loaded<GrpcPackage>> {
  return load<GrpcPackage>(grpcSpec);
}
