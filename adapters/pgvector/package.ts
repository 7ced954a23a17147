import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { importOptional, type PackageUser, placeOfOptional } from '../../core/optional-package.js';
import type { NodeTls } from '../../core/server/options.js';

const clientSpec = 'pg@8.23.1';
const streamsSpec = 'pg-copy-streams@7.0.0';

/** What this adapter needs. */
export const needs: PackageUser = { name: 'pgvector', npm: [clientSpec, streamsSpec] };

/** Reads one value of an answer, which is never null. */
export type ValueReader = (text: string) => string | number | boolean;

/** A statement with its values, as the client takes it. */
export interface PgQuery {
  readonly text: string;
  /** Under a name it is parsed once a connection. */
  readonly name?: string;
  /** Buffers go in binary form. */
  readonly values?: readonly (string | Buffer)[];
  readonly rowMode?: 'array';
}

/** What came for a statement. */
export interface PgResult<Row> {
  readonly rows: readonly Row[];
}

/** The messages that the client writes for those who write their own. */
export interface PgWire {
  readonly submittedNamedStatements: Record<string, string>;
  parse(statement: { readonly name: string; readonly text: string }): void;
  sync(): void;
}

/** What the client runs as it stands, by calling `submit` when its turn has come. */
export interface PgSubmittable {
  readonly submit: (wire: PgWire) => void;
}

/** One connection. */
export interface PgClient {
  connect(): Promise<unknown>;
  query<Row>(query: PgQuery | string): Promise<PgResult<Row>>;
  query<Row>(query: PgQuery, done: (error: Error | null, result: PgResult<Row>) => void): void;
  query<T extends PgSubmittable>(own: T): T;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'notice', listener: (notice: { readonly message?: string }) => void): unknown;
  end(): Promise<void>;
}

/** How a connection is made. */
export interface PgConfig {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | (() => string);
  readonly ssl: NodeTls | false;
  readonly connectionTimeoutMillis: number;
  readonly application_name: string;
  readonly keepAlive: boolean;
  readonly stream: () => Socket;
  readonly types: { readonly getTypeParser: (type: number) => ValueReader };
}

/** The part of the packages that is used here. */
export interface Packages {
  readonly Client: new (config: PgConfig) => PgClient;
  /** A stream into `copy ... from stdin`. */
  readonly copyFrom: (sql: string) => Writable & PgSubmittable;
  readonly version: string;
}

/** @throws BenchError NO_PACKAGE */
export async function loadPackages(): Promise<Packages> {
  const { Client } = await importOptional<Pick<Packages, 'Client'>>(clientSpec, needs);
  const { from } = await importOptional<{ from: Packages['copyFrom'] }>(streamsSpec, needs);
  return { Client, copyFrom: from, version: placeOfOptional(clientSpec, needs).version };
}
