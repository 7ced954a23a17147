import { BenchError, messageOf } from '../../core/errors.js';
import { lostServer, shownUrl } from '../../core/server/connection-error.js';
import type { ScoredPoint } from './api.js';
import { type ClientTransportOptions, clientOptions } from './client.js';
import { grpcPoint, grpcQuery, grpcValue } from './grpc-messages.js';
import { type GrpcPoint, loadGrpc } from './package.js';
import type { Answers, Transport } from './transport.js';

interface Asked {
  readonly request: object;
  readonly isBatch: boolean;
}

/** The official gRPC client: one HTTP/2 connection for all requests, as it opens it. */
export async function grpcTransport(
  options: ClientTransportOptions & { readonly compression: boolean },
): Promise<Transport> {
  const { loaded, name, version } = await loadGrpc();
  const { compression, url } = options;
  const client = new loaded.QdrantClient({ ...clientOptions(options), compression });
  const points = client.api('points');
  const failed = (thrown: unknown): never => {
    throw grpcFailure(thrown, url);
  };
  return {
    client: { name, version },
    settings: {
      requests: 'protobuf, by the client within the clock; one HTTP/2 connection',
      grpcCompression: compression ? 'gzip' : 'none',
    },
    prepareUpsert: (collectionName, rows) => ({
      collectionName,
      wait: true,
      points: rows.map(grpcPoint),
    }),
    async upsert(prepared) {
      await points.upsert(prepared as object).catch(failed);
    },
    prepareQueries(collectionName, queries): Asked {
      const all = queries.map((query) => grpcQuery(collectionName, query));
      if (queries.length === 1) return { request: all[0] as object, isBatch: false };
      return { request: { collectionName, queryPoints: all }, isBatch: true };
    },
    async query(prepared): Promise<Answers> {
      const { request, isBatch } = prepared as Asked;
      if (isBatch) {
        const { result, time } = await points.queryBatch(request).catch(failed);
        return { lists: result.map((one) => one.result.map(scored)), timeS: time };
      }
      const { result, time } = await points.query(request).catch(failed);
      return { lists: [result.map(scored)], timeS: time };
    },
    // The client has no way to close its connection; it ends by itself.
    close: async () => undefined,
  };
}

function scored({ id, payload }: GrpcPoint): ScoredPoint {
  const { case: kind, value } = id?.pointIdOptions ?? {};
  const values = Object.entries(payload).map(([name, one]) => [name, grpcValue(one)]);
  return {
    id: kind === 'num' ? Number(value) : String(value),
    payload: Object.fromEntries(values),
  };
}

// The codes of gRPC: https://grpc.io/docs/guides/status-codes/
const denied = [7, 16];
const codeOfSystem: Readonly<Record<number, string>> = {
  // Nothing here cancels: the stream was closed from the other side.
  1: 'ECONNRESET',
  4: 'ETIMEDOUT',
  14: 'ECONNRESET',
};

function grpcFailure(thrown: unknown, url: string): unknown {
  const at = { store: 'qdrant', url };
  const lost = lostServer(thrown, at);
  const { code } = (thrown ?? {}) as { code?: unknown };
  if (lost !== thrown || typeof code !== 'number') return lost;
  const system = codeOfSystem[code];
  if (system !== undefined) {
    const cause = Object.assign(new Error(messageOf(thrown), { cause: thrown }), { code: system });
    return lostServer(cause, at);
  }
  const isDenied = denied.includes(code);
  const message = `qdrant at ${shownUrl(url)}: answered over gRPC: ${messageOf(thrown)}`;
  return new BenchError(isDenied ? 'AUTH_FAILED' : 'STORE_FAILED', message, {
    hint: isDenied
      ? 'give the API key as options.apiKey'
      : 'is it the gRPC of Qdrant that listens at options.grpcUrl, and not a proxy?',
    cause: thrown,
  });
}
