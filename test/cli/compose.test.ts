import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Command } from 'commander';
import { composeFilePath } from '../../cli/compose-file.js';
import { type DownSurroundings, downCommand } from '../../cli/down.js';
import { BenchError } from '../../core/errors.js';
import { setEnvironment } from '../core/environment.js';
import { emptyFolder } from '../core/folders.js';
import { callBench } from './bench-call.js';
import type { Ended } from './bench-process.js';

/** What the stand-ins for programs do after they wrote down their arguments, in sh. */
type Programs = Readonly<Record<string, string>>;

const compose = ['compose', '-f', composeFilePath(), '-p', 'bench'].join(' ');
const absent = 'exit 1';

/** A folder that is the whole PATH, with stand-ins that write down how they are called. */
async function programs(context: TestContext, given: Programs) {
  const folder = await emptyFolder(context);
  const calls = join(folder, 'calls');
  for (const [name, does] of Object.entries(given)) {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> "$CALLS"\n${does}\n`);
    chmodSync(path, 0o755);
  }
  return {
    folder,
    env: { PATH: folder, CALLS: calls },
    calls: () =>
      existsSync(calls) ? readFileSync(calls, 'utf8').trimEnd().split('\n') : ([] as string[]),
  };
}

interface Outcome extends Ended {
  readonly calls: readonly string[];
}

async function bench(
  context: TestContext,
  args: readonly string[],
  given: Programs,
): Promise<Outcome> {
  const { folder, env, calls } = await programs(context, given);
  const ended = await callBench(args, { folder, env });
  return { ...ended, calls: calls() };
}

/** sh that does something for one command of docker only. */
function when(words: string, does: string): string {
  return `case "$*" in *" ${words}"*) ${does};; esac`;
}

test('bench up starts the service, waits, and tells where it answers', async (context) => {
  const docker = 'echo " Container bench-qdrant-1  Healthy" >&2';
  const { code, stdout, stderr, calls } = await bench(context, ['up', 'qdrant'], { docker });
  assert.equal(code, 0, stderr);
  assert.deepEqual(calls, ['docker compose version', `docker ${compose} up -d --wait qdrant`]);
  assert.match(stderr, /^up: qdrant of \/.*docker-compose\.bench\.yml\n\$ docker compose -f \//);
  assert.match(stderr, /Container bench-qdrant-1 {2}Healthy/);
  assert.match(stdout, /^qdrant +v\d+\.\d+\.\d+ +http:\/\/127\.0\.0\.1:16333$/m);
});

test('bench up without names starts all, in the order of the file', async (context) => {
  const { code, calls } = await bench(context, ['up'], { docker: 'exit 0' });
  assert.equal(code, 0);
  const all = 'redis redis-search qdrant pgvector chroma weaviate milvus';
  assert.equal(calls[1], `docker ${compose} up -d --wait ${all}`);
});

test('a service that there is not is refused before anything is called', async (context) => {
  for (const command of ['up', 'down', 'status']) {
    const { code, stderr, calls } = await bench(context, [command, 'qdrnt'], { docker: 'exit 0' });
    assert.equal(code, 2);
    assert.match(stderr, /error UNKNOWN_NAME: there is no service qdrnt; did you mean qdrant\?/);
    assert.match(stderr, /hint: docker-compose\.bench\.yml has redis, redis-search, qdrant/);
    assert.deepEqual(calls, []);
  }
});

test('without an engine every command says what to install, and the other way', async (context) => {
  for (const command of ['up', 'down', 'status']) {
    const { code, stderr } = await bench(context, [command], {});
    assert.equal(code, 3);
    assert.match(stderr, /error NO_PACKAGE: no container engine works here:\n/);
    assert.match(stderr, /^docker compose version: not installed$/m);
    assert.match(stderr, /^podman compose version: not installed$/m);
    assert.match(stderr, /^hint: install Docker .*node scripts\/stores\.mjs up$/m);
  }
});

test('docker without compose: docker-compose is taken, else podman', async (context) => {
  const docker = 'echo "docker: unknown command: docker compose" >&2; exit 1';
  const first = await bench(context, ['up', 'redis'], { docker, 'docker-compose': 'exit 0' });
  assert.equal(first.code, 0, first.stderr);
  assert.equal(first.calls.at(-1), `docker-${compose} up -d --wait redis`);
  const second = await bench(context, ['up', 'redis'], { docker, podman: 'exit 0' });
  assert.equal(second.code, 0, second.stderr);
  assert.equal(second.calls.at(-1), `podman ${compose} up -d --wait redis`);
});

// Messages of Docker 28, of older ones, and of Podman 5.
const taken = [
  'Bind for 127.0.0.1:16333 failed: port is already allocated',
  'failed to bind host port 127.0.0.1:16333/tcp: address already in use',
  'rootlessport listen tcp 127.0.0.1:16333: bind: address already in use',
];
for (const message of taken) {
  test(`a taken port is named: ${message}`, async (context) => {
    const docker = when('up', `echo "Error response from daemon: ${message}" >&2; exit 1`);
    const { code, stderr, stdout } = await bench(context, ['up', 'qdrant'], { docker });
    assert.equal(code, 3);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /error STORE_FAILED: starting qdrant: port 16333 of 127\.0\.0\.1 is taken/,
    );
    assert.match(stderr, /hint: .*16333.*stores\.mjs down/);
  });
}

const silent = [
  'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?',
  'failed to connect to the docker API at unix:///var/run/docker.sock; check the path',
  'permission denied while trying to connect to the Docker daemon socket',
  'Cannot connect to Podman. Please verify your connection',
];
for (const message of silent) {
  test(`an engine that does not answer: ${message}`, async (context) => {
    const docker = when('up', `echo "${message}" >&2; exit 1`);
    const { code, stderr } = await bench(context, ['up', 'qdrant'], { docker });
    assert.equal(code, 3);
    assert.match(
      stderr,
      /error UNREACHABLE: starting qdrant: the container engine does not answer/,
    );
    assert.match(stderr, /hint: start it .*node scripts\/stores\.mjs up/);
  });
}

test('a store that does not get healthy is told with where its log is', async (context) => {
  const docker = when('up', 'echo "container bench-milvus-1 is unhealthy" >&2; exit 1');
  const { code, stderr } = await bench(context, ['up', 'milvus'], { docker });
  assert.equal(code, 3);
  assert.match(stderr, /error STORE_FAILED: starting milvus: it runs and does not get healthy/);
  assert.match(stderr, /hint: see what it says: docker compose -f \S+ -p bench logs$/m);
});

test('any other failure comes with the last lines of what was said', async (context) => {
  const lines = 'i=0; while [ $i -lt 40 ]; do echo "line $i" >&2; i=$((i+1)); done; exit 18';
  const docker = when('up', lines);
  const { code, stderr } = await bench(context, ['up', 'chroma'], { docker });
  assert.equal(code, 3);
  assert.match(stderr, /error STORE_FAILED: starting chroma: docker failed:\nline 28\n/);
  assert.match(stderr, /line 39\nhint: see it whole: docker compose -f \S+ -p bench up -d --wait/);
});

test('bench down ends containers and leaves volumes', async (context) => {
  const one = await bench(context, ['down', 'qdrant'], { docker: 'exit 0' });
  assert.equal(one.code, 0, one.stderr);
  assert.deepEqual(one.calls.slice(1), [`docker ${compose} down qdrant`]);
  const all = await bench(context, ['down'], { docker: 'exit 0' });
  assert.deepEqual(all.calls.slice(1), [`docker ${compose} down`]);
});

test('bench down --volumes removes those of the named stores only', async (context) => {
  const args = ['down', 'qdrant', 'redis-search', '--volumes', '--yes'];
  const { code, stderr, calls } = await bench(context, args, { docker: 'exit 0' });
  assert.equal(code, 0, stderr);
  assert.deepEqual(calls.slice(1), [
    `docker ${compose} down qdrant redis-search`,
    'docker volume rm --force bench_redis_search bench_qdrant',
  ]);
});

test('volumes stay where ending the containers failed', async (context) => {
  const docker = when('down', 'echo no >&2; exit 1');
  const args = ['down', '--volumes', '--yes'];
  const { code, calls } = await bench(context, args, { docker });
  assert.equal(code, 3);
  assert.deepEqual(calls.slice(1), [`docker ${compose} down`]);
});

/** `bench down` with a person, or without. */
async function down(
  context: TestContext,
  args: readonly string[],
  confirm: DownSurroundings['confirm'],
) {
  const { env, calls } = await programs(context, { docker: 'exit 0' });
  setEnvironment(context, env);
  const said: string[] = [];
  const program = new Command('bench').exitOverride();
  downCommand(program, { say: (text) => said.push(text), confirm });
  await program.parseAsync(['down', ...args], { from: 'user' });
  return { said: said.join(''), calls: calls() };
}

test('a person is asked with the names of the volumes, and may say no', async (context) => {
  const questions: string[] = [];
  const answer = (yes: boolean) => async (question: string) => {
    questions.push(question);
    return yes;
  };
  const no = await down(context, ['qdrant', '--volumes'], answer(false));
  assert.equal(no.said, 'nothing was ended or removed\n');
  assert.deepEqual(no.calls, ['docker compose version']);
  const yes = await down(context, ['qdrant', '--volumes'], answer(true));
  assert.equal(yes.calls.at(-1), 'docker volume rm --force bench_qdrant');
  assert.deepEqual(questions, Array(2).fill('remove bench_qdrant with all data?'));
});

test('where nobody can be asked --yes is needed', async (context) => {
  await assert.rejects(down(context, ['qdrant', '--volumes'], undefined), (error: unknown) => {
    assert.ok(error instanceof BenchError);
    assert.equal(error.code, 'BAD_ARGUMENT');
    assert.match(error.message, /would remove bench_qdrant/);
    assert.match(error.hint ?? '', /--yes/);
    return true;
  });
});

// As Compose 2.21 and newer print it: one object a line. Older ones print an array.
const containers = [
  {
    Service: 'qdrant',
    State: 'running',
    Health: 'healthy',
    Image: 'docker.io/qdrant/qdrant:v1.2.3',
  },
  { Service: 'redis', State: 'running', Health: 'starting', Image: 'redis:8.10.2' },
  { Service: 'milvus', State: 'exited', Health: '', Image: 'milvusdb/milvus:v2.6.16' },
];
const printed = {
  'a line a container': containers.map((each) => JSON.stringify(each)).join('\n'),
  'an array': JSON.stringify(containers),
};

for (const [form, text] of Object.entries(printed)) {
  test(`bench status reads ${form}`, async (context) => {
    const docker = when('ps', `echo '${text}'`);
    const { code, stdout, stderr, calls } = await bench(context, ['status'], { docker });
    assert.equal(code, 0, stderr);
    assert.equal(calls.at(-1), `docker ${compose} ps --all --format json`);
    const [, , ...rows] = stdout.trimEnd().split('\n');
    const cells = new Map(rows.map((row) => [row.split(' ')[0], row.split(/ +/).slice(1)]));
    const at = (name: string) => cells.get(name)?.slice(0, 4);
    assert.deepEqual(at('qdrant'), ['yes', 'yes', 'running', 'v1.2.3']);
    assert.deepEqual(at('redis'), ['yes', 'no', 'running', '8.10.2']);
    assert.deepEqual(at('milvus'), ['no', 'no', 'exited', 'v2.6.16']);
    assert.deepEqual(at('chroma'), ['no', 'no', 'none', '1.5.9']);
    assert.equal(cells.size, 7);
  });
}

test('bench status --json gives the named stores', async (context) => {
  const docker = when('ps', `echo '${JSON.stringify(containers[0])}'`);
  const { code, stdout } = await bench(context, ['status', 'qdrant', '--json'], { docker });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), [
    {
      name: 'qdrant',
      running: true,
      healthy: true,
      state: 'running',
      url: 'http://127.0.0.1:16333',
      ports: [16333, 16334],
      image: 'docker.io/qdrant/qdrant:v1.2.3',
      version: 'v1.2.3',
    },
  ]);
});

test('bench status reads what Podman prints', async (context) => {
  const container = {
    Labels: { 'com.docker.compose.service': 'redis' },
    State: 'running',
    Status: 'Up 2 minutes (healthy)',
    Image: 'docker.io/library/redis:8.10.2',
  };
  const podman = when('ps', `echo '${JSON.stringify([container])}'`);
  const args = ['status', 'redis', '--json'];
  const { code, stdout, calls } = await bench(context, args, { docker: absent, podman });
  assert.equal(code, 0);
  assert.equal(calls.at(-1), `podman ${compose} ps --format json`);
  const [redis] = JSON.parse(stdout) as { running: boolean; healthy: boolean }[];
  assert.deepEqual([redis?.running, redis?.healthy], [true, true]);
});

test('bench status without containers shows that none runs', async (context) => {
  const { code, stdout } = await bench(context, ['status', '--json'], { docker: 'exit 0' });
  assert.equal(code, 0);
  const all = JSON.parse(stdout) as { running: boolean; state: string }[];
  assert.equal(all.length, 7);
  assert.ok(all.every(({ running, state }) => !running && state === 'none'));
});

test('an answer that is no JSON is told', async (context) => {
  const docker = when('ps', 'echo "NAME  COMMAND  STATE"');
  const { code, stderr } = await bench(context, ['status'], { docker });
  assert.equal(code, 3);
  assert.match(stderr, /error STORE_FAILED: docker did not list containers as JSON/);
  assert.match(stderr, /hint: .*ps --all --format json; Docker Compose must be 2\.21 or newer/);
});
