import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { commandOf, findTool } from '../../../core/calibrate/tools/command.js';
import { pgbench, pgbenchMeasurement } from '../../../core/calibrate/tools/pgbench.js';
import {
  redisBenchmark,
  redisBenchmarkMeasurement,
} from '../../../core/calibrate/tools/redis-benchmark.js';
import { emptyFolder } from '../folders.js';
import {
  pgbenchAborted,
  pgbenchGood,
  pgbenchThirteen,
  redisBenchmarkGood,
  redisBenchmarkRefused,
} from './recorded.js';

// Expected values are read off the recorded texts by eye.

const { signal } = new AbortController();
const conditions = { connections: 4, warmUpS: 0.1, durationS: 0.1 };
const variable = 'BENCH_TEST_TOOL';
const tool = { name: 'no-such-tool', variable, install: 'apt-get install it' };

/** Sets a variable of the environment for one test. */
function setVariable(context: TestContext, name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  context.after(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

/** A program that does what a script of the shell says. */
async function program(context: TestContext, script: string): Promise<string> {
  const path = join(await emptyFolder(context), 'tool');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('what redis-benchmark prints gives its figures, by the names of its columns', () => {
  const ended = { stdout: redisBenchmarkGood, cpuUs: 30_000 };
  assert.deepEqual(redisBenchmarkMeasurement(ended, 2000), {
    requests: 2000,
    requestsPerS: 58_823.53,
    msP50: 0.039,
    msP99: 0.231,
    clientCpuUs: 15,
    errors: 0,
  });
  const warned = `WARNING: Could not fetch server CONFIG\n${redisBenchmarkGood}`;
  const { requestsPerS, ...rest } = redisBenchmarkMeasurement({ stdout: warned }, 2000);
  assert.equal(requestsPerS, 58_823.53);
  assert.equal('clientCpuUs' in rest, false);
});

test('a text that is not of redis-benchmark is refused', () => {
  for (const stdout of ['', redisBenchmarkRefused, redisBenchmarkGood.replace('rps', 'qps')]) {
    assert.throws(() => redisBenchmarkMeasurement({ stdout }, 1), { code: 'STORE_FAILED' });
  }
});

test('what pgbench prints gives its figures; the older one told two rates', () => {
  assert.deepEqual(pgbenchMeasurement({ stdout: pgbenchGood, cpuUs: 333_410 }), {
    requests: 33_341,
    requestsPerS: 33_628.15078,
    clientCpuUs: 10,
    errors: 0,
  });
  const { requests, requestsPerS } = pgbenchMeasurement({ stdout: pgbenchThirteen });
  assert.deepEqual([requests, requestsPerS], [10_000, 898.54961]);
});

test('transactions that failed are errors, and a text that is not of pgbench is refused', () => {
  const failing = pgbenchGood.replace('transactions: 0 (0.000%)', 'transactions: 7 (0.021%)');
  const { errors, firstError } = pgbenchMeasurement({ stdout: failing });
  assert.deepEqual([errors, firstError], [7, '7 transactions failed']);
  for (const stdout of ['', pgbenchAborted, 'tps = 5']) {
    assert.throws(() => pgbenchMeasurement({ stdout }), { code: 'STORE_FAILED' });
  }
});

test('a variable names the command of a tool, with its first arguments', (context) => {
  assert.deepEqual(commandOf(tool), { file: 'no-such-tool', args: [] });
  setVariable(context, variable, ' chroot  /srv/debian no-such-tool ');
  assert.deepEqual(commandOf(tool), { file: 'chroot', args: ['/srv/debian', 'no-such-tool'] });
});

test('the version of a tool is found; one that does not start is missing', async (context) => {
  const get = `apt-get install it; ${variable} may name its command`;
  assert.deepEqual(await findTool(tool, signal), { missing: get });
  const good = await program(context, 'echo "pgbench (PostgreSQL) 17.11 (Debian 17.11-0)"');
  setVariable(context, variable, good);
  assert.deepEqual(await findTool(tool, signal), { version: '17.11' });
  const bad = await program(context, 'echo "no server is installed" >&2; exit 1');
  setVariable(context, variable, bad);
  const found = await findTool(tool, signal);
  assert.deepEqual(found, { missing: `${bad} failed: no server is installed; ${get}` });
});

test('redis-benchmark is asked for as many requests as its warm-up says', async (context) => {
  const folder = await emptyFolder(context);
  const path = await program(context, `echo "$@" >> ${folder}/calls\ncat ${folder}/said`);
  writeFileSync(join(folder, 'said'), redisBenchmarkGood);
  setVariable(context, 'BENCH_REDIS_BENCHMARK', path);
  const place = { npm: [], url: 'redis://127.0.0.1:16379/2', database: 0 };
  const keys = { prefix: 'bench_x:' };
  const contestant = redisBenchmark({ place, keys, conditions, signal });
  const { requests } = await contestant.measure();
  // A tenth of a second of 58,823.53 in one.
  assert.equal(requests, 5882);
  const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  const common = (n: number) =>
    `-h 127.0.0.1 -p 16379 --dbnum 2 -c 4 -n ${n} -r 1000 -q --csv --precision 3 ` +
    'GET bench_x:__rand_int__';
  assert.deepEqual(calls, [common(5000), common(5882), common(5882)]);
});

test('a tool is left out where it would show a password, and where there is TLS', async () => {
  const place = { npm: [], url: 'redis://:secret@127.0.0.1', database: 0 };
  const keys = { prefix: 'bench_x:' };
  const found = await redisBenchmark({ place, keys, conditions, signal }).find();
  assert.match(JSON.stringify(found), /missing.*password/);
  const encrypted = { ...place, url: 'rediss://127.0.0.1' };
  const other = await redisBenchmark({ place: encrypted, keys, conditions, signal }).find();
  assert.match(JSON.stringify(other), /missing.*TLS/);
  const table = { table: 'bench_x' };
  const pgPlace = { npm: [], url: 'postgres://127.0.0.1/?sslmode=require' };
  const third = await pgbench({ place: pgPlace, table, conditions, signal }).find();
  assert.match(JSON.stringify(third), /missing.*TLS/);
});

test('pgbench is typed its script and given its password by the environment', async (context) => {
  const folder = await emptyFolder(context);
  const script = `echo is "$@" "$PGPASSWORD" "$PGSSLMODE" > ${folder}/call\ncat > ${folder}/typed`;
  const path = await program(context, `${script}\ncat ${folder}/said`);
  writeFileSync(join(folder, 'said'), pgbenchGood);
  setVariable(context, 'BENCH_PGBENCH', path);
  const place = { npm: [], url: 'postgres://me:secret@127.0.0.1:15432/films' };
  const contestant = pgbench({ place, table: { table: 'bench_x' }, conditions, signal });
  assert.equal((await contestant.measure()).requests, 33_341);
  const call = readFileSync(join(folder, 'call'), 'utf8').trim();
  const options = '-n -M prepared -f - -j 1 -c 4 -T 1 -h 127.0.0.1 -p 15432 -U me films';
  assert.equal(call, `is ${options} secret disable`);
  const typed = readFileSync(join(folder, 'typed'), 'utf8');
  const wanted = 'select value from bench_x where id = :id;\n';
  assert.equal(typed, `\\set id random(0, 999)\n${wanted}`);
});
