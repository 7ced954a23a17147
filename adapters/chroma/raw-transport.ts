import type { Hits, SearchRequest } from '../../core/adapter.js';
import type { HttpAnswer, HttpRequest } from '../../core/server/http-connections.js';
import type { QueryAnswer } from './package.js';
import { hitsOf, needsMetadata, type Reading, type Rows, readingOf } from './rows.js';
import { type ChromaServer, saidBy } from './server.js';
import { type CollectionRef, type Transport, upsertTimeoutMs } from './transport.js';
import { whereOf } from './where.js';

interface RawSearch {
  readonly request: HttpRequest;
  readonly reading: Reading;
}

/** JSON bytes, encoded ahead of the clock, over connections of its own. */
export function rawTransport(server: ChromaServer, collection: CollectionRef): Transport {
  const path = `${server.collections}/${collection.id}`;
  const encodeRows = ({ ids, vectors, metadatas }: Rows): HttpRequest => {
    const dimensions = vectors.length / ids.length;
    const embeddings = ids.map((_, row) =>
      base64Of(vectors.subarray(row * dimensions, (row + 1) * dimensions)),
    );
    const body = JSON.stringify({ ids, embeddings, ...(metadatas !== undefined && { metadatas }) });
    return {
      ...server.request('POST', `${path}/upsert`, body),
      headersTimeout: upsertTimeoutMs,
    };
  };
  return {
    prepareUpsert: (parts) => parts.map(encodeRows),
    async upsert(prepared) {
      for (const request of prepared as readonly HttpRequest[]) {
        const sent = server.send(request).catch((error: unknown) => lost(server, error));
        const answer = await server.liveness.whileAlive(sent);
        server.require(answer, 'upsert');
        server.read(answer);
      }
    },
    prepareSearch(requests): RawSearch {
      const reading = readingOf(requests, collection.idField);
      const body = encodeQuery(requests, reading, collection);
      return { request: server.request('POST', `${path}/query`, body), reading };
    },
    search: (prepared) => search(server, prepared as RawSearch),
    close: async () => undefined,
  };
}

function base64Of({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64');
}

function encodeQuery(
  requests: readonly SearchRequest[],
  reading: Reading,
  { isMarked }: CollectionRef,
): string {
  const filter = requests[0]?.filter;
  return JSON.stringify({
    query_embeddings: requests.map(({ vector }) => Array.from(vector)),
    n_results: reading.k,
    include: needsMetadata(reading) ? ['metadatas'] : [],
    ...(filter !== undefined && { where: whereOf(filter, isMarked) }),
  });
}

async function search(server: ChromaServer, { request, reading }: RawSearch): Promise<Hits> {
  let answer: HttpAnswer;
  try {
    answer = await server.send(request);
  } catch (error) {
    return lost(server, error);
  }
  if (answer.status !== 200) throw refusal(answer);
  return hitsOf(server.read(answer) as QueryAnswer, reading);
}

async function lost(server: ChromaServer, error: unknown): Promise<never> {
  throw await server.liveness.lossOf(error);
}

/** What the server said, with the name that it gave to the error as the code. */
function refusal({ status, body }: HttpAnswer): Error {
  const said = saidBy(body);
  const named = /"error":"(\w+)"/.exec(said)?.[1];
  const error = new Error(`chroma: the server answered ${status} ${said}`);
  return Object.assign(error, { code: named ?? `HTTP_${status}` });
}
