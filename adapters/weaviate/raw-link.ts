import { createRequire } from 'node:module';
import type { Hits, SearchRequest } from '../../core/adapter.js';
import { connectionError, lostServer } from '../../core/server/connection-error.js';
import type { HttpAnswer, HttpRequest } from '../../core/server/http-connections.js';
import { graphqlCondition, knownCondition } from './filter.js';
import {
  hitsOf,
  type Reading,
  type Row,
  type RowAccess,
  readingOf,
  rowsOf,
  wantedProperties,
} from './rows.js';
import type { GraphqlAnswer, WeaviateServer } from './server.js';
import {
  type CollectionView,
  type Link,
  type Transport,
  upsertTimeoutMs,
  vectorName,
} from './transport.js';

// REST is cut off after 60 s (write-timeout), whatever was done by then.
const rowsAtOnce = 1000;

interface RawSearch {
  readonly request: HttpRequest;
  readonly reading: Reading;
}

/** A row of an answer of GraphQL: its properties are beside what is additional. */
interface GraphqlRow {
  readonly _additional: { readonly id: string };
  readonly [property: string]: unknown;
}

const access: RowAccess<GraphqlRow> = {
  uuid: ({ _additional }) => _additional.id,
  value: (row, property) => row[property],
};

/** JSON bytes, encoded ahead of the clock: REST for rows, GraphQL for queries. */
export function rawLink(server: WeaviateServer): Link {
  const { version } = createRequire(import.meta.url)('undici/package.json') as { version: string };
  return {
    client: { name: 'undici', version },
    settings: {
      connections: server.connections,
      requests: 'GraphQL, encoded ahead; HTTP/1.1, one request on a connection',
      vectorDigits: 9,
      rowsInARequest: rowsAtOnce,
    },
    reach: async (view) => rawTransport(server, view),
    close: async () => undefined,
  };
}

function rawTransport(server: WeaviateServer, view: CollectionView): Transport {
  return {
    prepareUpsert(batch): HttpRequest[] {
      const rows = rowsOf(batch, view);
      const parts: HttpRequest[] = [];
      for (let from = 0; from < rows.length; from += rowsAtOnce) {
        parts.push(encodeRows(server, view, rows.slice(from, from + rowsAtOnce)));
      }
      return parts;
    },
    async upsert(prepared) {
      for (const request of prepared as readonly HttpRequest[]) await upsert(server, request);
    },
    prepareSearch(request): RawSearch {
      const reading = readingOf(request, view);
      const query = queryOf(server, request, { view, reading });
      const body = JSON.stringify({ query });
      return { request: server.request('POST', '/v1/graphql', body), reading };
    },
    search: (prepared) => search(server, view, prepared as RawSearch),
  };
}

function encodeRows(
  server: WeaviateServer,
  { name }: CollectionView,
  rows: readonly Row[],
): HttpRequest {
  const objects = rows.map(({ uuid, vector, properties }) => ({
    class: name,
    id: uuid,
    vectors: { [vectorName]: shortNumbers(vector) },
    properties,
  }));
  const { consistencyLevel: level } = server.options;
  const path = `/v1/batch/objects${level === undefined ? '' : `?consistency_level=${level}`}`;
  const request = server.request('POST', path, JSON.stringify({ objects }));
  return { ...request, headersTimeout: upsertTimeoutMs };
}

function queryOf(
  server: WeaviateServer,
  { vector, k, filter }: SearchRequest,
  { view, reading }: { readonly view: CollectionView; readonly reading: Reading },
): string {
  const { name, vectorField, replicas } = view;
  const { consistencyLevel } = server.options;
  const target = vectorField === undefined ? '' : ` targetVectors:["${vectorField}"]`;
  const words = [`limit:${k}`, `nearVector:{vector:[${shortNumbers(vector).join()}]${target}}`];
  if (filter !== undefined) {
    words.push(`where:${graphqlCondition(knownCondition(server, filter, view.columns))}`);
  }
  // Of a single copy GraphQL takes none.
  if (consistencyLevel !== undefined && replicas > 1) {
    words.push(`consistencyLevel:${consistencyLevel}`);
  }
  const wanted = ['_additional{id}', ...wantedProperties(reading)].join(' ');
  return `{Get{${name}(${words.join(' ')}){${wanted}}}}`;
}

/** As many digits as tell each float32 from its neighbours. */
function shortNumbers(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(9)));
}

interface BatchAnswer {
  readonly result?: {
    readonly status?: string;
    readonly errors?: { readonly error?: readonly { readonly message?: string }[] } | null;
  };
}

/** An answer of success may be one of failure for some of the rows. */
async function upsert(server: WeaviateServer, request: HttpRequest): Promise<void> {
  const answer = await server.send(request).catch((error: unknown) => {
    throw connectionError(error, server.at);
  });
  server.check(answer, 'batch');
  // All rows come back in it, with their vectors: it is read only where one failed.
  if (!answer.body.includes('"FAILED"')) return;
  const rows = server.read(answer) as readonly BatchAnswer[];
  const failed = rows.flatMap(({ result }) => (result?.status === 'FAILED' ? [result] : []));
  const [first] = failed;
  if (first === undefined) return;
  const reason = first.errors?.error?.[0]?.message ?? 'no reason given';
  throw server.failure(`${failed.length} of ${rows.length} rows were refused: ${reason}`);
}

async function search(
  server: WeaviateServer,
  { name }: CollectionView,
  { request, reading }: RawSearch,
): Promise<Hits> {
  let answer: HttpAnswer;
  try {
    answer = await server.send(request);
  } catch (error) {
    throw lostServer(error, server.at);
  }
  server.check(answer, 'search');
  const { Get } = server.dataOf(server.read(answer) as GraphqlAnswer);
  const rows = (Get as Readonly<Record<string, readonly GraphqlRow[]>>)[name] ?? [];
  return hitsOf(rows, reading, access);
}
