import assert from 'node:assert/strict';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyFolder } from '../../core/folders.js';
import { ownCertificate } from './certificates.js';
import { adapters, contextOf, dies, live, specOf } from './life.js';
import { administrator, ownPostgres, serve, standbyOf } from './own-postgres.js';
import { debianPath, faultTest } from './own-servers.js';
import { callRun, cellsOf, runFaults } from './scene.js';

const store = 'pgvector';

/** An address with another user, and maybe another database. */
function as(url: string, user: string, database = 'postgres'): string {
  return url.replace('postgres@', `${user}@`).replace(/postgres$/, database);
}

async function runOn(context: TestContext, options: object, concurrency = 1) {
  const folder = await emptyFolder(context);
  const targets = { mine: { adapter: store, options } };
  return runFaults({ folder, targets, rows: 200, durationS: 0.2, concurrency });
}

faultTest(store, 'passwords that are absent or wrong are AUTH_FAILED, and not told', async (t) => {
  const { url } = await ownPostgres(t, {
    access: [
      'host all rejected 127.0.0.1/32 reject',
      'host all keeper 127.0.0.1/32 scram-sha-256',
      'host all plain 127.0.0.1/32 password',
    ],
  });
  const admin = await administrator(t, url);
  await admin.run('create role rejected login');
  await admin.run(`create role keeper login superuser password 'right-secret'`);
  await admin.run(`create role plain login superuser password 'right-secret'`);
  const code = 'AUTH_FAILED';
  const hint = /options\.password/;
  for (const user of ['keeper', 'plain']) {
    await dies(store, { url: as(url, user) }, { code, hint });
    await dies(store, { url: as(url, `${user}:wrong-secret`) }, { code, message: /28P01/, hint });
    await dies(store, { url: as(url, user), password: 'wrong-secret' }, { code, hint });
    await live(store, { url: as(url, user), password: 'right-secret' });
  }
  await dies(store, { url: as(url, 'nobody') }, { code });
  await dies(store, { url: as(url, 'rejected') }, { code, message: /pg_hba/, hint: /pg_hba/ });
  await dies(store, { url: as(url, 'postgres', 'gone') }, { code: 'BAD_TARGET', message: /gone/ });
  const folder = await emptyFolder(t);
  const mine = { adapter: store, options: { url: as(url, 'keeper:wrong-secret') } };
  const ended = await callRun({ folder, targets: { mine } });
  assert.equal(ended.code, 3);
  assert.match(ended.stderr, /^error AUTH_FAILED: target mine .*28P01/);
  assert.match(ended.stderr, /^hint: give options/m);
  assert.doesNotMatch(ended.stderr, /secret/);
});

faultTest(store, 'an encrypted connection needs the right authority', async (context) => {
  const folder = await emptyFolder(context);
  const own = ownCertificate(folder, 'own');
  const other = ownCertificate(folder, 'other');
  const pg = await ownPostgres(context, {
    access: ['hostnossl all careful 127.0.0.1/32 reject'],
    files: { 'server.crt': own.cert, 'server.key': own.key, 'postgresql.auto.conf': 'ssl = on\n' },
  });
  const admin = await administrator(context, pg.url);
  await admin.run('create role careful login superuser');
  const url = as(pg.url, 'careful');
  const code = 'TLS_FAILED';
  await dies(store, { url }, { code: 'AUTH_FAILED', message: /no encryption/, hint: /TLS/ });
  await dies(store, { url: `${url}?sslmode=require` }, { code, message: /self-signed/ });
  await dies(store, { url, tls: { ca: other.path } }, { code, hint: /tls\.ca/ });
  const named = { ca: own.path, servername: 'other.example' };
  await dies(store, { url, tls: named }, { code, message: /other\.example/ });
  await live(store, { url, tls: { ca: own.path } });
  await live(store, { url, tls: { insecure: true } });
  const ended = await runOn(context, { url, tls: { ca: own.path } });
  assert.deepEqual([ended.code, cellsOf(ended.run, 'mine')[0]?.status], [0, 'complete']);
  await admin.run('alter system set ssl = off');
  await admin.run('select pg_reload_conf()');
  await sleep(300);
  const without = { code, message: /does not support SSL/, hint: /speak TLS/ };
  await dies(store, { url: `${pg.url}?sslmode=require` }, without);
});

faultTest(store, 'a standby and a session that only reads are READ_ONLY', async (context) => {
  const primary = await ownPostgres(context);
  const admin = await administrator(context, primary.url);
  await admin.run('create extension vector');
  await admin.run('create role reader login superuser');
  await admin.run('alter role reader set default_transaction_read_only = on');
  const expected = { code: 'READ_ONLY', message: /25006/, hint: /address of the primary/ };
  await dies(store, { url: as(primary.url, 'reader') }, expected);
  const standby = await standbyOf(context, primary);
  await dies(store, { url: standby.url }, expected);
  const { code, run } = await runOn(context, { url: standby.url });
  assert.deepEqual([code, run.builds[0]?.failure?.code], [3, 'READ_ONLY']);
});

faultTest(store, 'rights, connections and versions that are too few are told', async (context) => {
  const { url } = await ownPostgres(context);
  const admin = await administrator(context, url);
  await admin.run('create database bare');
  await admin.run('create extension vector');
  await admin.run('create role poor login');
  await admin.run('create role few login connection limit 4');
  await admin.run('grant all on schema public to few');
  const noRight = { code: 'AUTH_FAILED', message: /42501/ };
  await dies(store, { url: as(url, 'poor', 'bare') }, { ...noRight, hint: /superuser/ });
  await dies(store, { url: as(url, 'poor') }, { ...noRight, hint: /the right to do it/ });
  const crowd = { code: 'STORE_FAILED', message: /too many connections/, hint: /max_connections/ };
  await dies(store, { url: as(url, 'few') }, { ...crowd, context: { connections: 9 } });
  const { code, run } = await runOn(context, { url: as(url, 'few') }, 9);
  const [cell] = cellsOf(run, 'mine');
  assert.deepEqual([code, cell?.status, cell?.failure?.code], [3, 'failed', 'STORE_FAILED']);
  assert.equal(cell?.streams.length, 0, 'nothing was measured');
  const bare = await administrator(context, as(url, 'postgres', 'bare'));
  await bare.run('create extension vector');
  const pretend = (version: string) =>
    bare.run(`update pg_extension set extversion = '${version}' where extname = 'vector'`);
  await pretend('0.4.4');
  const old = { url: as(url, 'postgres', 'bare') };
  await dies(store, old, { code: 'TOO_OLD', message: /needs pgvector 0\.5\.0, found 0\.4\.4/ });
  await pretend('0.6.2');
  const half = { params: { M: 16, efConstruction: 64, storage: 'halfvec' } };
  await dies(store, old, { code: 'TOO_OLD', message: /0\.7\.0, found 0\.6\.2/, spec: half });
});

faultTest(
  store,
  'what is too large is UNSUPPORTED, and what is small only warned of',
  async (t) => {
    const { url } = await ownPostgres(t);
    const code = 'UNSUPPORTED';
    const hint = /2,000 dimensions, of halfvec 4,000/;
    await dies(
      store,
      { url },
      { code, message: /2000/, hint, spec: { dimensions: 2001, rows: 2 } },
    );
    const half = { M: 16, efConstruction: 64, storage: 'halfvec' };
    await live(store, { url }, { spec: { dimensions: 2001, params: half, rows: 2 } });
    const flat = { family: 'flat', params: {}, rows: 2 };
    await live(store, { url }, { spec: { ...flat, dimensions: 16_000 } });
    const wide = { ...flat, dimensions: 16_001 };
    await dies(
      store,
      { url },
      { code, message: /16000 dimensions, got 16001/, hint: /./, spec: wide },
    );
    const folder = await emptyFolder(t);
    const targets = { mine: { adapter: store, options: { url } } };
    const ended = await callRun({ folder, targets, rows: 10, dimensions: 2001 });
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /vector has at most 2000 dimensions, got 2001/);
    const small = { url, maintenanceWorkMemMb: 1 };
    const { warnings } = await live(store, small, { spec: { dimensions: 64, rows: 3000 } });
    assert.match(warnings.join(), /no longer fits into maintenance_work_mem/);
  },
);

faultTest(store, 'a server without the extension is UNSUPPORTED', async (context) => {
  const { server, data } = await ownPostgres(context);
  await server.end();
  const folder = await emptyFolder(context);
  const extensions = '/usr/share/postgresql/17/extension';
  cpSync(debianPath(extensions), folder, { recursive: true });
  rmSync(join(folder, 'vector.control'));
  chmodSync(folder, 0o755);
  // A mount that only the server sees, and that ends with it.
  const bind = `mount --bind '${folder}' '${debianPath(extensions)}' && exec "$@"`;
  const prefix = ['unshare', '--mount', 'sh', '-c', bind, 'sh'];
  const { url } = await serve(context, data, { prefix });
  const hint = /must first be installed/;
  await dies(store, { url }, { code: 'UNSUPPORTED', message: /not available/, hint });
  const targets = { mine: { adapter: store, options: { url } } };
  const ended = await callRun({ folder, targets });
  assert.equal(ended.code, 3);
  assert.match(ended.stderr, /^error UNSUPPORTED: target mine .*no pgvector/);
  assert.match(ended.stderr, /^hint: install pgvector/m);
});

faultTest(
  store,
  'a server that is stopped in the middle of an index is given up',
  async (context) => {
    const { server, url } = await ownPostgres(context);
    const opened = await adapters.pgvector.connect({ url }, contextOf({ timeoutNs: 2e9 }));
    const { vectors } = opened;
    assert.ok(vectors !== undefined);
    const spec = specOf({ rows: 5000, dimensions: 64, params: { M: 32, efConstruction: 500 } });
    await vectors.create(spec);
    const ids = Int32Array.from({ length: spec.rows }, (_, row) => row);
    const all = Float32Array.from({ length: spec.rows * spec.dimensions }, (_, at) => Math.sin(at));
    await vectors.upsert(vectors.prepareUpsert({ ids, vectors: all }));
    const finished = vectors.finish();
    finished.catch(() => undefined);
    await sleep(300);
    server.signal('SIGSTOP');
    // Asked after five seconds, whether it lets others in; that has as long again.
    await assert.rejects(finished, { code: 'TIMEOUT', hint: /busy with something else/ });
    await assert.rejects(vectors.drop());
    await opened.close();
  },
);
