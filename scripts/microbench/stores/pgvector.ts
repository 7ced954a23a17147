import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { encodeCopy } from '../../../adapters/pglite/binary.js';
import { pgvectorOptions, serverAddress } from '../../../adapters/pgvector/options.js';
import { loadPackages, type Packages, type PgClient } from '../../../adapters/pgvector/package.js';
import type { PgSearch } from '../../../adapters/pgvector/session.js';
import { type SearchedTable, sessionSettings } from '../../../adapters/pgvector/table.js';
import { type BareStore, bareLimitMs } from '../stores-bare.js';

const pieceBytes = 64 * 1024;

async function openClient({ Client }: Packages, given: unknown): Promise<PgClient> {
  const { password, ...place } = serverAddress(pgvectorOptions.parse(given));
  // As people use it: with its own socket, and its own readers of values.
  const Bare = Client as unknown as new (config: object) => PgClient;
  const client = new Bare({
    ...place,
    password: password ?? (() => ''),
    connectionTimeoutMillis: bareLimitMs,
    keepAlive: true,
  });
  await client.connect();
  return client;
}

function select(client: PgClient, { name, text, values }: PgSearch): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query({ name, text, values, rowMode: 'array' }, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

/** PostgreSQL by pg: a connection for each request in flight, one prepared statement. */
const pgvector: BareStore = {
  searched: { family: 'hnsw' },
  loaded: { family: 'flat' },
  way: 'COPY BINARY by pg-copy-streams, one for all rows',
  search: {
    async client({ options, handle, prepared, connections }) {
      const packages = await loadPackages();
      const queries = prepared as readonly PgSearch[];
      const opening = Array.from({ length: connections }, () => openClient(packages, options));
      const clients = await Promise.all(opening);
      const { forceIndex } = pgvectorOptions.parse(options);
      const settings = [
        ...sessionSettings(handle as SearchedTable, forceIndex),
        queries[0]?.settings ?? '',
      ].filter((text) => text !== '');
      if (settings.length > 0) {
        await Promise.all(clients.map((client) => client.query(settings.join('; '))));
      }
      return {
        send: (caller, query) => select(clients[caller] as PgClient, queries[query] as PgSearch),
        async close() {
          await Promise.all(clients.map((client) => client.end()));
        },
      };
    },
  },
  async load({ options, handle, rows, vectors }) {
    const packages = await loadPackages();
    const client = await openClient(packages, options);
    const { table } = handle as SearchedTable;
    const ids = Int32Array.from({ length: rows }, (_, row) => row);
    const bytes = encodeCopy({ ids, vectors }, table.type);
    const pieces = function* (): Generator<Buffer> {
      for (let from = 0; from < bytes.length; from += pieceBytes) {
        yield bytes.subarray(from, from + pieceBytes);
      }
    };
    return {
      async send() {
        const sql = `copy ${table.name} from stdin with (format binary)`;
        await pipeline(Readable.from(pieces()), client.query(packages.copyFrom(sql)));
      },
      async stored() {
        const counted = `select count(*)::int4 as rows from ${table.name}`;
        return (await client.query<{ rows: number }>(counted)).rows[0]?.rows ?? 0;
      },
      close: () => client.end(),
    };
  },
};

export default pgvector;
