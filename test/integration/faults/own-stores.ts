import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectionNames, collectionsOf, ownChroma } from './own-chroma.js';
import { administrator, ownPostgres } from './own-postgres.js';
import { askRedis, ownRedis } from './own-redis.js';
import type { OwnServer, OwnStore } from './own-servers.js';
import { until } from './scene.js';

/** A server of a test, whatever its kind. */
export interface RunningStore {
  readonly server: OwnServer;
  readonly url: string;
  /** The address where it would be at another port: behind a proxy. */
  urlAt(port: number): string;
  /** Waits until something that belongs to bench is there, and a while longer. */
  untilLoading(): Promise<void>;
  /** What there is: keys, tables, collections. */
  names(): Promise<readonly string[]>;
  /** Makes something that is not of bench. */
  makeDecoy(name: string): Promise<void>;
}

type Parts = Pick<RunningStore, 'names' | 'makeDecoy'> & {
  readonly server: OwnServer;
  readonly url: string;
};

/** Starts a server of a kind. */
export async function ownStore(context: TestContext, store: OwnStore): Promise<RunningStore> {
  const parts = await starts[store](context);
  const { server, url, names } = parts;
  return {
    ...parts,
    urlAt: (port) => url.replace(String(server.port), String(port)),
    async untilLoading() {
      await until('rows come', async () => (await names()).some((one) => /^bench_/.test(one)));
      await sleep(100);
    },
  };
}

const starts: Readonly<Record<OwnStore, (context: TestContext) => Promise<Parts>>> = {
  redis: startRedis,
  pgvector: startPostgres,
  chroma: startChroma,
};

async function startRedis(context: TestContext): Promise<Parts> {
  const { server, url } = await ownRedis(context);
  const { port } = server;
  return {
    server,
    url,
    async names() {
      const lines = (await askRedis(port, 'KEYS *')).split('\r\n');
      return lines.filter((line) => !/^[*$]/.test(line));
    },
    async makeDecoy(name) {
      await askRedis(port, `SET ${name} stays`);
    },
  };
}

async function startPostgres(context: TestContext): Promise<Parts> {
  const { server, url } = await ownPostgres(context);
  let session = await administrator(context, url);
  const admin = async () => {
    if (session.isLost) session = await administrator(context, url);
    return session;
  };
  return {
    server,
    url,
    async names() {
      const sql = `select relname as name from pg_class where relkind = 'r' and relnamespace =
        'public'::regnamespace`;
      return (await (await admin()).run<{ name: string }>(sql)).map(({ name }) => name);
    },
    async makeDecoy(name) {
      await (await admin()).run(`create table "${name}" (a int)`);
    },
  };
}

async function startChroma(context: TestContext): Promise<Parts> {
  const { server, url } = await ownChroma(context);
  return {
    server,
    url,
    names: () => collectionNames(url),
    async makeDecoy(name) {
      const headers = { 'content-type': 'application/json' };
      await fetch(collectionsOf(url), { method: 'POST', headers, body: JSON.stringify({ name }) });
    },
  };
}
