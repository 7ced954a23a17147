import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type ChoiceOptions,
  chooseContests,
  leftOutLine,
  maskContest,
} from '../../cli/calibration-choice.js';
import { contests } from '../../core/calibrate/contests.js';
import { BenchError } from '../../core/errors.js';
import { maskOf } from '../../core/secrets.js';
import { heldContest } from '../core/calibrate/scenes.js';
import { emptyFolder } from '../core/folders.js';

const names = async (options: ChoiceOptions): Promise<string[]> =>
  (await chooseContests(options)).contests.map(({ name }) => name);

/** What a variable of the environment takes the place of, in a file of targets. */
function filledBy(name: string): string {
  return `$\{${name}}`;
}

test('all contests are held, one by its name, or those on the servers that are named', async () => {
  assert.deepEqual(await names({}), ['null-http', 'redis-get', 'pg-select']);
  assert.deepEqual(await names({ only: 'pg-select' }), ['pg-select']);
  assert.deepEqual(await names({ target: ['pgvector', 'redis'] }), ['redis-get', 'pg-select']);
  const { isNamed } = await chooseContests({});
  assert.equal(isNamed, false);
  assert.equal((await chooseContests({ only: 'redis-get' })).isNamed, true);
  assert.equal((await chooseContests({ target: ['redis'] })).isNamed, true);
});

test('a contest is held on the server that its target names', async () => {
  const url = 'redis://127.0.0.1:7000';
  const { loadTarget } = await chooseContests({ target: [`redis=${url}`] });
  assert.equal(((await loadTarget('redis')).options as { url: string }).url, url);
  assert.equal((await loadTarget('pgvector')).adapterName, 'pgvector');
});

test('targets that no contest is held on, and two for one contest, are mistakes', async () => {
  const refused = (options: ChoiceOptions, message: RegExp) =>
    assert.rejects(chooseContests(options), (error) => {
      assert.ok(error instanceof BenchError);
      assert.equal(error.exitCode, 2);
      assert.match(error.message, message);
      return true;
    });
  await refused({ only: 'redis-gte' }, /there is no contest redis-gte; .*redis-get/);
  await refused({ target: ['chroma'] }, /--target chroma: there is no contest on chroma/);
  await refused({ only: 'null-http', target: ['redis'] }, /no contest on redis/);
  await refused({ target: ['redis', 'redis=redis://127.0.0.1:1'] }, /one server a contest/);
  await refused({ target: ['redsi'] }, /redsi/);
});

test('a server elsewhere is not flooded', async () => {
  // 192.0.2.0/24 is for documentation: RFC 5737.
  const options = { target: ['redis=redis://me@192.0.2.7:6379'] };
  await assert.rejects(chooseContests(options), {
    code: 'BAD_ARGUMENT',
    message: /redis:\/\/192\.0\.2\.7:6379 is elsewhere/,
  });
});

test('a contest whose server does not run is left out with how to start it', () => {
  const redis = contests.find(({ name }) => name === 'redis-get');
  const nullHttp = contests.find(({ name }) => name === 'null-http');
  assert.ok(redis !== undefined && nullHttp !== undefined);
  const down = new BenchError(
    'UNREACHABLE',
    'calibrate: redis at redis://127.0.0.1:1: nobody answers',
  );
  const line = leftOutLine(redis, down, { isNamed: false });
  assert.equal(
    line,
    'left out redis-get: redis at redis://127.0.0.1:1: nobody answers ' +
      '(bench up redis, or node scripts/stores.mjs up redis)',
  );
  const hint = 'bench doctor --install redis';
  const noClient = new BenchError('NO_PACKAGE', "package 'ioredis' is not installed", { hint });
  assert.match(leftOutLine(redis, noClient, { isNamed: false }) ?? '', /--install redis\)$/);
  assert.equal(leftOutLine(redis, down, { isNamed: true }), undefined);
  assert.equal(leftOutLine(nullHttp, down, { isNamed: false }), undefined);
  const wrong = new BenchError('AUTH_FAILED', 'WRONGPASS');
  assert.equal(leftOutLine(redis, wrong, { isNamed: false }), undefined);
});

test('what came from the environment is hidden in what is kept', async (context) => {
  const path = join(await emptyFolder(context), 'targets.yaml');
  const [url, word] = ['BENCH_TEST_URL', 'BENCH_TEST_WORD'].map(filledBy);
  const options = `{ url: "${url}", password: "${word}" }`;
  writeFileSync(path, `targets:\n  mine:\n    adapter: redis\n    options: ${options}\n`);
  process.env.BENCH_TEST_URL = 'redis://127.0.0.1:7001';
  process.env.BENCH_TEST_WORD = 'secret-word';
  context.after(() => {
    delete process.env.BENCH_TEST_URL;
    delete process.env.BENCH_TEST_WORD;
  });
  const {
    contests: chosen,
    mask,
    loadTarget,
  } = await chooseContests({
    target: ['mine'],
    targets: path,
  });
  assert.deepEqual(
    chosen.map(({ name }) => name),
    ['redis-get'],
  );
  assert.equal((await loadTarget('redis')).name, 'mine');
  const kept = maskContest({ ...heldContest(), server: 'Redis, redis://127.0.0.1:7001' }, mask);
  assert.equal(kept.server, `Redis, ${filledBy('BENCH_TEST_URL')}`);
});

test('a mask hides what warnings and versions tell', () => {
  const warnings = [{ code: 'HOST_STEAL', message: 'on secret-host' }];
  const mask = maskOf(new Map([['secret-host', '***']]));
  const kept = maskContest({ ...heldContest(), warnings }, mask);
  assert.equal(kept.warnings[0]?.message, 'on ***');
  assert.equal(kept.name, 'null-http');
});
