import { createRequire } from 'node:module';
import type {
  Adapter,
  CollectionSpec,
  ConnectContext,
  SearchRequest,
  StoreInfo,
  VectorOperations,
} from '../core/adapter.js';
import { settingsOf } from './null/options.js';
import { RowCount } from './null/rows.js';
import { Connections, type Prepared, prepareGet } from './null-http/connections.js';
import { type HttpOptions, httpOptions } from './null-http/options.js';
import { ServerProcess } from './null-http/server-process.js';

/** Where another thread finds the server. */
export interface NullHttpHandle {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly rows: number;
}

/** The null store behind a socket: what client and network cost on top, never ranked. */
const adapter: Adapter = {
  title: 'Null store behind HTTP: the true answers after a known time, from a server process',
  kind: 'embedded',
  ownProcess: true,
  transports: ['client'],
  standIn: true,
  metrics: ['l2', 'ip', 'cosine'],
  options: httpOptions,
  indexes: [{ family: 'flat', title: 'looks the answer up', params: {}, search: {}, exact: true }],
  abilities: ['batch'],
  async connect(options, context) {
    const state: State = {
      options: httpOptions.parse(options),
      context,
      count: new RowCount(),
      server: undefined,
      connections: undefined,
    };
    return {
      vectors: vectorOperations(state),
      describe: async () => describe(state),
      ...(state.options.logCapacity > 0 && { serviceLog: () => fetchServiceLog(state) }),
      close: () => end(state),
    };
  },
};

export default adapter;

/** The state of one open store: a server of its own, or connections to another thread's. */
interface State {
  readonly options: HttpOptions;
  readonly context: ConnectContext;
  readonly count: RowCount;
  server: ServerProcess | undefined;
  connections: Connections | undefined;
}

function vectorOperations(state: State): VectorOperations {
  const search: VectorOperations['search'] = (prepared) => {
    if (state.connections === undefined) throw notCreated();
    return state.connections.get(prepared as Prepared);
  };
  return {
    create: (spec) => create(state, spec),
    ...state.count.operations(),
    handle: () => handleOf(state),
    async open(handle) {
      const { origin, rows } = handle as NullHttpHandle;
      state.count.stored = rows;
      await connectTo(state, origin);
    },
    prepareSearch: (request) => prepare([request]),
    search,
    prepareSearchBatch: prepare,
    searchBatch: search,
    drop: () => end(state),
  };
}

async function create(state: State, spec: CollectionSpec): Promise<void> {
  await end(state);
  state.count.announced = spec.rows;
  const { log: _, ...options } = state.options;
  state.server = await ServerProcess.start(options, state.context.signal);
  const { truth } = state.context;
  if (truth !== undefined) {
    const body = new Uint8Array(Buffer.from(Int32Array.from(truth.ids).buffer));
    const { origin } = state.server;
    const { status } = await fetch(`${origin}/truth?k=${truth.k}`, { method: 'POST', body });
    if (status !== 200) throw new Error(`null-http: the server answered ${status} to the truth`);
  }
  await connectTo(state, state.server.origin);
}

async function connectTo(state: State, origin: string): Promise<void> {
  await state.connections?.close();
  const { connections: count, timeoutNs } = state.context;
  const { log } = state.options;
  state.connections = await Connections.open(origin, { count, timeoutNs, log });
}

function handleOf({ server, count }: State): NullHttpHandle {
  if (server === undefined) throw notCreated();
  return { origin: server.origin, rows: count.announced };
}

function prepare(requests: readonly SearchRequest[]): Prepared {
  const rows = requests.map(({ row }) => row ?? -1);
  return prepareGet(`/search?row=${rows.join(',')}&k=${requests[0]?.k ?? 1}`);
}

function describe({ options, server }: State): StoreInfo {
  const { logCapacity, log: _, ...service } = options;
  const { version } = createRequire(import.meta.url)('undici/package.json') as { version: string };
  const pid = server?.pid;
  return {
    version: process.version,
    client: { name: 'undici', version },
    settings: { ...settingsOf(service), logCapacity },
    warnings: [],
    pids: pid === undefined ? [] : [pid],
  };
}

async function fetchServiceLog(state: State): Promise<ArrayBuffer> {
  const response = await fetch(`${handleOf(state).origin}/log`);
  if (!response.ok) throw new Error(`null-http: no log, the server answered ${response.status}`);
  return response.arrayBuffer();
}

async function end(state: State): Promise<void> {
  const { server, connections } = state;
  state.server = undefined;
  state.connections = undefined;
  state.count.stored = 0;
  await connections?.close();
  await server?.close();
}

function notCreated(): Error {
  return new Error('null-http: nothing was created or opened');
}
