import { createRequire } from 'node:module';
import { lostServer } from '../../core/server/connection-error.js';
import { envelopeOf, pathOf, type ScoredPoint } from './api.js';
import type { Transport } from './transport.js';
import { Wire, type WireOptions, type WireRequest } from './wire.js';

type Points = { readonly points: readonly ScoredPoint[] };

interface Sent {
  readonly request: WireRequest;
  readonly isBatch: boolean;
}

/** Bodies that were encoded ahead of the clock, over connections that stay open. */
export async function rawTransport(options: WireOptions): Promise<Transport> {
  const wire = await Wire.make(options);
  const { url } = options;
  await wire.open(wire.encode('GET', '/'));
  const { version } = createRequire(import.meta.url)('undici/package.json') as { version: string };
  const send = async (request: WireRequest) => {
    const answer = await wire.send(request).catch((error: unknown) => {
      throw lostServer(error, { store: 'qdrant', url });
    });
    return answer;
  };
  return {
    client: { name: 'undici', version },
    settings: { requests: 'JSON, encoded ahead; HTTP/1.1, one request on a connection' },
    prepareUpsert: (collection, points) =>
      wire.encode('PUT', `${pathOf(collection)}/points?wait=true`, { points }),
    async upsert(prepared) {
      envelopeOf(await send(prepared as WireRequest), url);
    },
    prepareQueries(collection, queries): Sent {
      const [first] = queries;
      const path = `${pathOf(collection)}/points/query`;
      if (queries.length === 1 && first !== undefined) {
        return { request: wire.encode('POST', path, first), isBatch: false };
      }
      const body = { searches: queries };
      return { request: wire.encode('POST', `${path}/batch`, body), isBatch: true };
    },
    async query(prepared) {
      const { request, isBatch } = prepared as Sent;
      const { result, time } = envelopeOf<Points | Points[]>(await send(request), url);
      const all = isBatch ? (result as Points[]) : [result as Points];
      return { lists: all.map(({ points }) => points), timeS: time };
    },
    close: () => wire.close(),
  };
}
