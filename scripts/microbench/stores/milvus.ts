import type { CollectionView } from '../../../adapters/milvus/collection.js';
import { clientConfig, milvusOptions } from '../../../adapters/milvus/options.js';
import {
  type Answer,
  loadPackage,
  type MilvusClient,
  type SearchArguments,
} from '../../../adapters/milvus/package.js';
import type { PreparedQueries } from '../../../adapters/milvus/search.js';
import { statusOf } from '../../../adapters/milvus/server.js';
import { type BareStore, bareLimitMs, partsOf, rowOf } from '../stores-bare.js';

/** Its developers advise 20 to 40 MB a call, of at most 64. */
const batchBytes = 20 * 1024 * 1024;

async function openClient(options: unknown, connections: number): Promise<MilvusClient> {
  const { loaded } = await loadPackage();
  const timeoutNs = bareLimitMs * 1e6;
  const config = clientConfig(milvusOptions.parse(options), { connections, timeoutNs });
  const client = new loaded.MilvusClient(config);
  await client.connectPromise;
  return client;
}

/** @throws Error with what the server said */
function requireGood(answer: Answer): void {
  const { code = 0, reason = 'refused' } = statusOf(answer);
  if (code !== 0) throw new Error(reason);
}

/** Milvus by its client. */
const milvus: BareStore = {
  searched: { family: 'hnsw' },
  loaded: { family: 'flat' },
  way: 'insert of its client, in batches of 20 MiB',
  search: {
    async client({ options, prepared, connections }) {
      const client = await openClient(options, connections);
      const requests = (prepared as readonly PreparedQueries[]).map(({ request }) => request);
      return {
        send: (_, query) => client.search(requests[query] as SearchArguments).then(requireGood),
        async close() {
          await client.closeConnection();
        },
      };
    },
  },
  async load(input) {
    const client = await openClient(input.options, 1);
    const { name, idField, vectorField } = input.handle as CollectionView;
    const size = Math.max(1, Math.floor(batchBytes / (input.dimensions * 4)));
    const parts = partsOf(input.rows, size).map(({ from, count }) =>
      Array.from({ length: count }, (_, index) => {
        const row = from + index;
        return { [idField]: row, [vectorField]: rowOf(input, row) };
      }),
    );
    let stored = 0;
    return {
      async send() {
        const named = { collection_name: name, timeout: bareLimitMs };
        for (const data of parts) {
          const answer = await client.insert({ ...named, data });
          requireGood(answer);
          stored += Number(answer.insert_cnt);
        }
      },
      stored: async () => stored,
      async close() {
        await client.closeConnection();
      },
    };
  },
};

export default milvus;
