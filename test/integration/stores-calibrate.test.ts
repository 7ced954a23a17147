import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pgvectorOptions } from '../../adapters/pgvector/options.js';
import pgvector from '../../adapters/pgvector.js';
import { parseOptions } from '../../adapters/redis/options.js';
import redis from '../../adapters/redis.js';
import type { Adapter } from '../../core/adapter.js';
import { type Calibration, calibrationSchema } from '../../core/calibrate/result.js';
import { openPg, pgPlaceOf } from '../../core/calibrate/stores/pg-client.js';
import { openRedis, redisPlaceOf } from '../../core/calibrate/stores/redis-client.js';
import { packagesFolder } from '../../core/optional-package.js';
import { runBench, startBench } from '../cli/bench-process.js';
import { isAskedFor } from '../contract/left-out.js';
import { emptyFolder } from '../core/folders.js';

const timeoutNs = 5e9;

/** A test of a real server: where BENCH_STORES does not list it, it says so and does nothing. */
function real(store: string, title: string, body: (context: TestContext) => Promise<void>): void {
  test(`${store}: ${title}`, async (context) => {
    if (isAskedFor(store)) await body(context);
    else context.diagnostic(`not tested: ${store}: BENCH_STORES does not list it`);
  });
}

/** A folder with a cache of its own, in which the client of an adapter is. */
async function surroundings(context: TestContext, { install }: Adapter) {
  const folder = await emptyFolder(context);
  const place = packagesFolder(install?.npm ?? []);
  const cache = join(folder, 'storebench');
  mkdirSync(cache);
  symlinkSync(place, join(cache, place.split('/').at(-1) ?? ''));
  return { folder, env: { XDG_CACHE_HOME: folder } };
}

/** A tool that says its version and fails when it is used. */
function failingTool(folder: string): string {
  const path = join(folder, 'failing');
  const script = '[ "$1" = --version ] && echo tool 1.2.3 && exit 0\necho broken >&2\nexit 1';
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const short = ['--rounds', '1', '--duration', '0.3', '--connections', '4', '--quiet', '--json'];

/** Checks the one contest of what was printed. */
function checkContest(stdout: string, wanted: { name: string; against: string }): void {
  const { contests }: Calibration = calibrationSchema.parse(JSON.parse(stdout));
  const [contest] = contests;
  assert.ok(contest !== undefined && contests.length === 1);
  assert.deepEqual([contest.name, contest.against], [wanted.name, wanted.against]);
  const present = contest.contestants.filter(({ missing }) => missing === undefined);
  assert.deepEqual(
    present.slice(0, 2).map(({ name }) => name),
    ['bench', wanted.against],
  );
  for (const { name, figures } of present) {
    // How many depends on what else the server has to do.
    assert.ok((figures.requestsPerS?.median ?? 0) > 0, name);
    assert.ok((figures.clientCpuUs?.median ?? 0) > 0, name);
  }
  assert.ok((present[1]?.ratios.requestsPerS?.ratio ?? 0) > 0);
}

async function redisKeys(context: TestContext) {
  const place = redisPlaceOf({ adapter: redis, options: parseOptions({}) });
  const [client] = await openRedis(place, 1, timeoutNs);
  assert.ok(client !== undefined);
  const decoys = ['bench_calibrate', 'bench_calibrated:000000000001', 'calibrate:1'];
  await client.callBuffer(
    'MSET',
    decoys.flatMap((key) => [key, 'kept']),
  );
  context.after(async () => {
    await client.unlink(decoys);
    client.disconnect();
  });
  const left = async (): Promise<string[]> => {
    const keys = (await client.callBuffer('KEYS', ['*calibrate*'])) as readonly Buffer[];
    return keys.map(String).sort();
  };
  return { left, decoys: [...decoys].sort() };
}

real('redis', 'bench is compared with a bare loop, and no key is left', async (context) => {
  const { left, decoys } = await redisKeys(context);
  const around = await surroundings(context, redis);
  const args = ['calibrate', '--target', 'redis', ...short];
  const { code, stdout, stderr } = await runBench(args, around);
  assert.equal(code, 0, stderr);
  checkContest(stdout, { name: 'redis-get', against: 'ioredis' });
  assert.deepEqual(await left(), decoys);
});

real('redis', 'no key is left after a failure, and after a stop', async (context) => {
  const { left, decoys } = await redisKeys(context);
  const { folder, env } = await surroundings(context, redis);
  const failing = { ...env, BENCH_REDIS_BENCHMARK: failingTool(folder) };
  const failed = await runBench(['calibrate', '--only', 'redis-get', ...short], {
    folder,
    env: failing,
  });
  assert.equal(failed.code, 3);
  assert.match(failed.stderr, /failing failed: broken/);
  assert.deepEqual(await left(), decoys);
  const long = ['calibrate', '--only', 'redis-get', '--duration', '30', '--quiet'];
  const bench = startBench(long, { folder, env });
  while ((await left()).length === decoys.length && bench.child.exitCode === null) await sleep(20);
  assert.ok((await left()).length > decoys.length);
  bench.child.kill('SIGINT');
  assert.equal((await bench.ended).code, 130);
  assert.deepEqual(await left(), decoys);
});

async function pgNames(context: TestContext) {
  const place = pgPlaceOf({ adapter: pgvector, options: pgvectorOptions.parse({}) });
  const [client] = await openPg(place, 1, timeoutNs);
  assert.ok(client !== undefined);
  const decoys = ['bench_calibrate', 'calibrate'];
  for (const name of decoys) await client.query(`create schema if not exists ${name}`);
  await client.query('create table if not exists public.bench_calibrate_key_values (id int4)');
  context.after(async () => {
    for (const name of decoys) await client.query(`drop schema ${name}`);
    await client.query('drop table public.bench_calibrate_key_values');
    await client.end();
  });
  const left = async (): Promise<(string | undefined)[]> => {
    const { rows } = await client.query(
      `select nspname as name from pg_namespace where nspname like '%calibrate%'
         union all select relname from pg_class where relname like '%key_values' order by name`,
    );
    return rows.map(({ name }) => name);
  };
  return { left, before: await left() };
}

real('pgvector', 'bench is compared with a bare loop, and no table is left', async (context) => {
  const { left, before } = await pgNames(context);
  assert.deepEqual(before, ['bench_calibrate', 'bench_calibrate_key_values', 'calibrate']);
  const around = await surroundings(context, pgvector);
  const args = ['calibrate', '--target', 'pgvector', ...short];
  const { code, stdout, stderr } = await runBench(args, around);
  assert.equal(code, 0, stderr);
  checkContest(stdout, { name: 'pg-select', against: 'pg' });
  assert.deepEqual(await left(), before);
});

real('pgvector', 'no table is left after a failure', async (context) => {
  const { left, before } = await pgNames(context);
  const { folder, env } = await surroundings(context, pgvector);
  const { code, stderr } = await runBench(['calibrate', '--only', 'pg-select', ...short], {
    folder,
    env: { ...env, BENCH_PGBENCH: failingTool(folder) },
  });
  assert.equal(code, 3);
  assert.match(stderr, /failing failed: broken/);
  assert.deepEqual(await left(), before);
});

test('a contest that is named and whose server does not run is an error', async (context) => {
  const { folder, env } = await surroundings(context, redis);
  for (const target of ['redis=redis://127.0.0.1:9', 'pgvector=postgres://127.0.0.1:9']) {
    const args = ['calibrate', '--target', target, ...short];
    const { code, stdout, stderr } = await runBench(args, { folder, env });
    assert.equal(code, 3);
    assert.equal(stdout, '');
    // Where its client is not installed that is what is said.
    assert.match(stderr, /^error (UNREACHABLE|NO_PACKAGE): calibrate: /);
  }
});
