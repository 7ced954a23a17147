import type { Agent } from 'undici';
import type { Hits } from '../../core/adapter.js';
import { BenchError, codeOf, messageOf } from '../../core/errors.js';
import { lostServer } from '../../core/server/connection-error.js';
import { clientOptions } from '../../core/server/http-connections.js';
import { headersOf } from './options.js';
import { type ClientCollection, type ClientQuery, loadClient } from './package.js';
import { hitsOf, needsMetadata, type Reading, readingOf } from './rows.js';
import type { ChromaServer } from './server.js';
import { type CollectionRef, type Transport, upsertTimeoutMs } from './transport.js';
import { whereOf } from './where.js';

interface ClientSearch {
  readonly query: ClientQuery;
  readonly reading: Reading;
}

type ClientRows = Parameters<ClientCollection['upsert']>[0];

/**
 * The official client, over connections of its own: as many as requests will be in flight.
 *
 * @throws BenchError NO_PACKAGE
 */
export async function clientTransport(
  server: ChromaServer,
  collection: CollectionRef,
): Promise<Transport> {
  const agents: Agent[] = [];
  const open = async (headersTimeout?: number): Promise<ClientCollection> => {
    const agent = await agentOf(server, headersTimeout);
    agents.push(agent);
    return collectionOf(server, collection, agent).catch((error) => rejected(server, error));
  };
  const close = async (): Promise<void> => {
    await Promise.all(agents.map((agent) => agent.destroy()));
  };
  const asked = await open();
  let written: ClientCollection | undefined;
  const upsert = async (parts: readonly ClientRows[]): Promise<void> => {
    written ??= await open(upsertTimeoutMs);
    for (const part of parts) await written.upsert(part);
  };
  return {
    async openForRows() {
      written ??= await open(upsertTimeoutMs);
    },
    prepareUpsert: (parts) =>
      parts.map(({ ids, vectors, metadatas }): ClientRows => {
        const dimensions = vectors.length / ids.length;
        const embeddings = ids.map((_, row) =>
          Array.from(vectors.subarray(row * dimensions, (row + 1) * dimensions)),
        );
        return { ids, embeddings, ...(metadatas !== undefined && { metadatas }) };
      }),
    upsert: (prepared) => {
      const sent = upsert(prepared as readonly ClientRows[]);
      const told = sent.catch((error: unknown) => rejected(server, error)).catch(refused);
      return server.liveness.whileAlive(told);
    },
    prepareSearch(requests): ClientSearch {
      const reading = readingOf(requests, collection.idField);
      const filter = requests[0]?.filter;
      const query: ClientQuery = {
        queryEmbeddings: requests.map(({ vector }) => Array.from(vector)),
        nResults: reading.k,
        include: needsMetadata(reading) ? ['metadatas'] : [],
        ...(filter !== undefined && { where: whereOf(filter, collection.isMarked) }),
      };
      return { query, reading };
    },
    search: (prepared) => search(server, asked, prepared as ClientSearch),
    close,
  };
}

async function agentOf(server: ChromaServer, headersTimeout?: number): Promise<Agent> {
  const { Agent } = await import('undici');
  const { connecting } = server;
  const own = headersTimeout === undefined ? {} : { headersTimeout, bodyTimeout: headersTimeout };
  return new Agent({ ...clientOptions(connecting), connections: connecting.count, ...own });
}

async function collectionOf(
  server: ChromaServer,
  { name }: CollectionRef,
  dispatcher: Agent,
): Promise<ClientCollection> {
  const { ChromaClient } = await loadClient();
  const { url, tenant, database } = server.options;
  const { protocol, hostname, port } = new URL(url);
  const ssl = protocol === 'https:';
  const client = new ChromaClient({
    host: hostname,
    port: port === '' ? (ssl ? 443 : 80) : Number(port),
    ssl,
    tenant,
    database,
    headers: headersOf(server.options),
    fetchOptions: { dispatcher },
  });
  return client.getCollection({ name });
}

async function search(
  server: ChromaServer,
  collection: ClientCollection,
  { query, reading }: ClientSearch,
): Promise<Hits> {
  try {
    return hitsOf(await collection.query(query), reading);
  } catch (error) {
    return rejected(server, error);
  }
}

/** The client does not say why it got no answer, and tells errors by their names only. */
async function rejected(server: ChromaServer, error: unknown): Promise<never> {
  if (error instanceof BenchError) throw error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'ChromaConnectionError') throw await server.liveness.lossOf(error);
  const lost = lostServer(error, server.at);
  if (lost instanceof BenchError) throw await server.liveness.lossOf(error);
  if (!name.startsWith('Chroma')) throw error;
  throw Object.assign(new Error(`chroma: ${messageOf(error)}`, { cause: error }), { code: name });
}

/** What keeps rows from being stored, as what a person can act on. */
function refused(error: unknown): never {
  if (error instanceof BenchError || !codeOf(error).startsWith('Chroma')) throw error;
  throw new BenchError('STORE_FAILED', messageOf(error), {
    hint: "see the server's log, and whether a proxy answers before it",
    cause: error,
  });
}
