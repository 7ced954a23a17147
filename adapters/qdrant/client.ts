import { lostServer } from '../../core/server/connection-error.js';
import { checkedEnvelope, type ScoredPoint } from './api.js';
import { type ClientOptions, loadRest, type RestApi } from './package.js';
import { refusal } from './refusal.js';
import type { Transport } from './transport.js';

type Points = { readonly points: readonly ScoredPoint[] };

interface Asked {
  readonly request: object;
  readonly isBatch: boolean;
}

/** What a transport by an official client is opened with. */
export interface ClientTransportOptions {
  readonly url: string;
  readonly connections: number;
  readonly timeoutNs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** How either official client is opened: silent on stderr, and without a port of its own guess. */
export function clientOptions({ url, timeoutNs, headers }: ClientTransportOptions): ClientOptions {
  const { origin, port, pathname } = new URL(url);
  const prefix = pathname.replace(/\/$/, '');
  return {
    url: origin,
    port: port === '' ? null : Number(port),
    ...(prefix !== '' && { prefix }),
    headers,
    checkCompatibility: false,
    timeout: Math.ceil(timeoutNs / 1e6),
  };
}

/** The official REST client; its generated calls, because the others leave the time out. */
export async function clientTransport(options: ClientTransportOptions): Promise<Transport> {
  const { loaded, name, version } = await loadRest();
  const client = new loaded.QdrantClient({
    ...clientOptions(options),
    maxConnections: options.connections,
  });
  const api = client.api();
  const { url } = options;
  return {
    client: { name, version },
    settings: { requests: 'JSON, by the client within the clock' },
    prepareUpsert: (collection, points) => ({ collection_name: collection, wait: true, points }),
    async upsert(prepared) {
      const { data } = await api.upsertPoints(prepared as object).catch(failed(url));
      checkedEnvelope(data, url);
    },
    prepareQueries(collection, queries): Asked {
      const place = { collection_name: collection };
      if (queries.length === 1) return { request: { ...place, ...queries[0] }, isBatch: false };
      return { request: { ...place, searches: queries }, isBatch: true };
    },
    query: (prepared) => query(api, prepared as Asked, url),
    // The client has no way to close its connections; they end by themselves.
    close: async () => undefined,
  };
}

async function query(api: RestApi, { request, isBatch }: Asked, url: string) {
  const asked = isBatch ? api.queryBatchPoints(request) : api.queryPoints(request);
  const { data } = await asked.catch(failed(url));
  const { result, time } = checkedEnvelope<Points | Points[]>(data, url);
  const all = isBatch ? (result as Points[]) : [result as Points];
  return { lists: all.map(({ points }) => points), timeS: time };
}

/** The reason lies in the body; the message of the client has only the name of the status. */
function failed(url: string): (thrown: unknown) => never {
  return (thrown) => {
    const { status, data, name, message } = (thrown ?? {}) as Thrown;
    if (typeof status === 'number') throw refusal({ status, body: data }, url);
    if (name === 'QdrantClientResourceExhaustedError') {
      throw refusal({ status: tooMany, body: message }, url);
    }
    const isLate = name === 'QdrantClientTimeoutError';
    const cause = isLate ? Object.assign(new Error(message), { code: 'ETIMEDOUT' }) : thrown;
    throw lostServer(cause, { store: 'qdrant', url });
  };
}

const tooMany = 429;

/** What is known of an error of the client. */
interface Thrown {
  readonly status?: unknown;
  readonly data?: unknown;
  readonly name?: string;
  readonly message?: string;
}
