import { importOptional, type PackageUser, placeOfOptional } from '../../core/optional-package.js';

// The extension is made for exactly this PGlite.
const pgliteSpec = '@electric-sql/pglite@0.5.14';
const vectorSpec = '@electric-sql/pglite-pgvector@0.0.15';

/** What this adapter needs. */
export const needs: PackageUser = { name: 'pglite', npm: [pgliteSpec, vectorSpec] };

/** A PostgreSQL that works in this thread. */
export interface Database {
  exec(sql: string): Promise<unknown>;
  query<Row>(
    sql: string,
    params?: readonly unknown[],
    options?: { readonly blob?: Blob },
  ): Promise<{ readonly rows: readonly Row[] }>;
  /** Messages of the wire protocol in and out; comes back when all are answered. */
  execProtocolRawSync(messages: Uint8Array): Uint8Array;
  close(): Promise<void>;
}

/** The part of the packages that is used here. */
export interface Packages {
  readonly PGlite: {
    create(options: { dataDir: string; extensions: { vector: unknown } }): Promise<Database>;
  };
  readonly vector: unknown;
  readonly version: string;
}

/** @throws BenchError NO_PACKAGE */
export async function loadPackages(): Promise<Packages> {
  const { PGlite } = await importOptional<Packages>(pgliteSpec, needs);
  const { vector } = await importOptional<Packages>(vectorSpec, needs);
  return { PGlite, vector, version: placeOfOptional(pgliteSpec, needs).version };
}
