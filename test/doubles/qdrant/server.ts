import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type CreateBody, DoubleCollection, type Query, Refused } from './collection.js';
import { hasBadRange } from './filter.js';

/** What the double is like. */
export interface DoubleOptions {
  readonly version?: string;
  /** Without it nobody is asked who he is. */
  readonly apiKey?: string;
  /** How many looks at a new collection find it yellow. */
  readonly yellowLooks?: number;
}

/** A double of a Qdrant server that listens. */
export interface Double {
  readonly url: string;
  readonly collections: Map<string, DoubleCollection>;
  /** Nobody listens any more. */
  close(): void;
}

interface Call {
  readonly collections: Map<string, DoubleCollection>;
  readonly options: DoubleOptions;
  readonly name: string;
  readonly query: URLSearchParams;
  readonly text: string;
}

/** Speaks as much of Qdrant's REST as the adapter does; ends with the test. */
export async function qdrantDouble(
  context: TestContext,
  options: DoubleOptions = {},
): Promise<Double> {
  const collections = new Map<string, DoubleCollection>();
  const server = createServer((request, response) => {
    void answer({ request, response, collections, options });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  context.after(close);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, collections, close };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly collections: Map<string, DoubleCollection>;
  readonly options: DoubleOptions;
}

async function answer({ request, response, collections, options }: Exchange): Promise<void> {
  let text = '';
  for await (const part of request) text += part;
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://double');
  const { version = '1.18.3', apiKey } = options;
  const json = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (pathname === '/') {
    json(200, { title: 'qdrant - vector search engine', version, commit: 'double' });
  } else if (pathname === '/healthz') {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('healthz check passed');
  } else if (apiKey !== undefined && request.headers['api-key'] !== apiKey) {
    response.writeHead(401, { 'content-type': 'text/plain' });
    response.end('Must provide an API key or an Authorization bearer token');
  } else {
    try {
      const [, , name = '', ...rest] = pathname.split('/').map(decodeURIComponent);
      const call = { collections, options, name, query, text };
      json(200, { result: routed(`${request.method} ${rest.join('/')}`, call), ...good });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      json(error.status, { status: { error: error.message }, time: 0 });
    }
  }
}

const good = { status: 'ok', time: 0.000_25 };

const routes: Readonly<Record<string, (call: Call) => unknown>> = {
  'GET ': ({ name, collections, ...call }) =>
    name === ''
      ? { collections: [...collections.keys()].map((one) => ({ name: one })) }
      : collectionOf({ name, collections, ...call }).info(),
  'PUT ': create,
  'DELETE ': ({ collections, name }) => collections.delete(name),
  'GET exists': ({ collections, name }) => ({ exists: collections.has(name) }),
  'PUT index': (call) => {
    const { field_name, field_schema } = bodyOf<Record<string, string>>(call);
    return done(call, collectionOf(call).createIndex(field_name ?? '', field_schema ?? ''));
  },
  'PUT points': (call) => done(call, collectionOf(call).upsert(bodyOf(call))),
  'POST points/delete': (call) => done(call, collectionOf(call).remove(bodyOf(call))),
  'POST points/count': (call) => ({ count: collectionOf(call).count() }),
  'POST points/query': (call) => ({ points: queried(call, bodyOf<Query>(call)) }),
  'POST points/query/batch': (call) =>
    bodyOf<{ searches: Query[] }>(call).searches.map((one) => ({ points: queried(call, one) })),
};

function routed(route: string, call: Call): unknown {
  const handle = routes[route];
  if (handle === undefined) throw new Refused(404, `the double has no ${route}`);
  return handle(call);
}

function create(call: Call): boolean {
  const { collections, name, options } = call;
  const body = bodyOf<CreateBody>(call);
  if (!(body.vectors.size >= 1)) throw misfit('VectorsConfig', call);
  if (collections.has(name)) {
    throw new Refused(409, `Wrong input: Collection \`${name}\` already exists!`);
  }
  const collection = new DoubleCollection(body);
  collection.yellowLooks = options.yellowLooks ?? 0;
  collections.set(name, collection);
  return true;
}

function queried(call: Call, query: Query): object[] {
  if (query.limit === 0) {
    const what = 'internal.limit: value 0 invalid, must be 1 or larger';
    throw new Refused(422, `Validation error in JSON body: [${what}]`);
  }
  if (hasBadRange(query.filter ?? {})) throw misfit('RangeInterfaceUntagged', call);
  return collectionOf(call).query(query);
}

function done({ query }: Call, operation_id: number): object {
  const isAwaited = query.get('wait') === 'true';
  return { operation_id, status: isAwaited ? 'completed' : 'acknowledged' };
}

function collectionOf({ collections, name }: Call): DoubleCollection {
  const found = collections.get(name);
  if (found !== undefined) return found;
  throw new Refused(404, `Not found: Collection \`${name}\` doesn't exist!`);
}

function bodyOf<T>({ text }: Call): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    const what = `EOF while parsing a list at line 1 column ${text.length}`;
    throw new Refused(400, `Format error in JSON body: ${what}`);
  }
}

function misfit(type: string, { text }: Call): Refused {
  const what = `data did not match any variant of untagged enum ${type}`;
  return new Refused(400, `Format error in JSON body: ${what} at line 1 column ${text.length}`);
}
