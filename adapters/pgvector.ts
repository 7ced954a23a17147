import type {
  Adapter,
  CollectionSpec,
  ConnectContext,
  Store,
  StoreInfo,
  VectorOperations,
} from '../core/adapter.js';
import { BenchError } from '../core/errors.js';
import { filterKinds } from '../core/filter.js';
import { payloadTypes } from '../core/payload.js';
import { serverProbe } from '../core/server/probe.js';
import { pgvectorFamilies } from './pglite/families.js';
import { PgTable, type Place } from './pgvector/collection.js';
import { quoted } from './pgvector/columns.js';
import { type PgvectorOptions, pgvectorOptions, serverAddress } from './pgvector/options.js';
import { loadPackages, needs } from './pgvector/package.js';
import { encodeSearch } from './pgvector/search.js';
import { type PgSearch, type Server, Session } from './pgvector/session.js';
import type { SearchedTable } from './pgvector/table.js';

const service = 'pgvector';
const shown = [
  ...['shared_buffers', 'work_mem', 'maintenance_work_mem', 'effective_cache_size'],
  ...['max_connections', 'synchronous_commit', 'fsync', 'jit', 'plan_cache_mode'],
];

/** The state of one open store. */
interface State extends Place {
  readonly namespace: string;
  table: PgTable | undefined;
}

function tableOf({ table }: State): PgTable {
  if (table !== undefined) return table;
  throw new BenchError('STORE_FAILED', 'pgvector: nothing was created');
}

function vectorOperations(state: State): VectorOperations {
  return {
    create: (spec) => create(state, spec),
    async attach(existing) {
      await close(state);
      state.table = await PgTable.attach(state, existing);
    },
    prepareUpsert: (batch) => tableOf(state).encode(batch),
    upsert: (prepared) => tableOf(state).copy(prepared as Buffer),
    finish: () => tableOf(state).finish(),
    count: () => tableOf(state).count(),
    handle: () => tableOf(state).searched,
    async open(handle) {
      await close(state);
      state.table = await PgTable.open(state, handle as SearchedTable);
    },
    prepareSearch(request) {
      const table = tableOf(state);
      return table.announce(encodeSearch(table.searched, request));
    },
    search: (prepared) => tableOf(state).search(prepared as PgSearch),
    async drop() {
      const { table } = state;
      state.table = undefined;
      await table?.drop();
    },
  };
}

async function create(state: State, spec: CollectionSpec): Promise<void> {
  await close(state);
  state.table = await PgTable.create(state, spec, state.namespace);
}

async function close(state: State): Promise<void> {
  const { table } = state;
  state.table = undefined;
  await table?.close();
}

async function describe(state: State): Promise<StoreInfo> {
  const { control, server, connections, table } = state;
  const names = ['server_version', ...shown];
  const columns = names.map((name) => `current_setting('${name}') as ${name}`);
  const [row] = await control.run<Record<string, string>>(`select ${columns.join(', ')}`);
  const { server_version: version = 'unknown', ...settings } = row ?? {};
  return {
    version,
    client: { name: 'pg', version: server.packages.version },
    settings: {
      ...settings,
      ...(table !== undefined && {
        pgvector: table.searched.pgvector,
        session: table.settings.join('; '),
      }),
      connections,
      requestsAConnection: 1,
      statements: 'prepared; binary vectors, answers as text',
      primaryKey: 'none',
    },
    warnings: [...new Set(table?.warnings ?? [])],
    pids: [],
  };
}

async function leftovers({ control }: State): Promise<readonly string[]> {
  const rows = await control.run<{ name: string }>(
    `select relname as name from pg_class
       where relkind = 'r' and relname like 'bench\\_%' and pg_table_is_visible(oid)
       order by relname`,
  );
  return rows.map(({ name }) => name);
}

async function removeLeftover({ control }: State, name: string): Promise<void> {
  if (!name.startsWith('bench_')) {
    throw new BenchError('BAD_ARGUMENT', `pgvector: ${name} is nothing that bench left`);
  }
  await control.run(`drop table if exists ${quoted(name)}`);
}

async function serverOf(options: PgvectorOptions, timeoutNs: number): Promise<Server> {
  return {
    packages: await loadPackages(),
    address: serverAddress(options),
    at: { store: 'pgvector', url: options.url, service },
    timeoutMs: Math.max(1, Math.ceil(timeoutNs / 1e6)),
  };
}

async function connect(options: unknown, context: ConnectContext): Promise<Store> {
  const { namespace, connections, timeoutNs } = context;
  const checked = pgvectorOptions.parse(options);
  const server = await serverOf(checked, timeoutNs);
  const control = await Session.open(server, []);
  const state: State = {
    ...{ server, options: checked, control, connections, namespace },
    table: undefined,
  };
  return {
    vectors: vectorOperations(state),
    describe: () => describe(state),
    footprint: async () => ({ diskBytes: await tableOf(state).bytes() }),
    leftovers: () => leftovers(state),
    removeLeftover: (name) => removeLeftover(state, name),
    async close() {
      await close(state);
      await control.end();
    },
  };
}

async function ask(options: unknown, { timeoutNs }: ConnectContext) {
  const server = await serverOf(pgvectorOptions.parse(options), timeoutNs);
  const session = await Session.open(server, []);
  const [row] = await session.run<{ version: string; available: string | null }>(
    `select current_setting('server_version') as version,
       (select coalesce(installed_version, default_version) from pg_available_extensions
          where name = 'vector') as available`,
  );
  await session.end();
  const { version = 'unknown', available = null } = row ?? {};
  if (available !== null) return { version, detail: `with pgvector ${available}` };
  throw new BenchError('UNSUPPORTED', `PostgreSQL ${version} has no pgvector`, {
    hint: 'install pgvector on the server, as the image pgvector/pgvector has it',
  });
}

/** PostgreSQL with pgvector, through node-postgres. */
const adapter: Adapter = {
  title: 'PostgreSQL with pgvector',
  kind: 'server',
  transports: ['client'],
  composeService: service,
  metrics: ['l2', 'ip', 'cosine'],
  payload: { types: payloadTypes, filters: filterKinds, returns: true },
  options: pgvectorOptions,
  install: { npm: needs.npm },
  indexes: pgvectorFamilies,
  abilities: ['attach', 'footprint', 'leftovers'],
  tested: { against: 'store', version: '0.8.0 (PostgreSQL 17.11)' },
  connect,
  probe: serverProbe(ask),
};

export default adapter;
