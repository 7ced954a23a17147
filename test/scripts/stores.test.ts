import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../core/paths.js';

const script = join(packageRoot(), 'scripts', 'stores.mjs');
const names = ['redis', 'pgvector', 'chroma', 'weaviate', 'milvus'];

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stores-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function start(folder: string, args: readonly string[]): ChildProcess {
  // Nothing here may reach for the network, so there is no Python to install with.
  const base = { BENCH_STORES_FOLDER: folder, BENCH_PYTHON_BASE: 'no-such-python' };
  const env = { ...process.env, ...base };
  return spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

function run(folder: string, ...args: string[]): Promise<Outcome> {
  return outcomeOf(start(folder, args));
}

/** A process that ends by itself after a minute, should a test leave it. */
function bystander(): ChildProcess & { pid: number } {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  assert.ok(child.pid !== undefined);
  after(() => child.kill('SIGKILL'));
  return child as ChildProcess & { pid: number };
}

function startTicksOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // proc(5): field 22; the name of `sleep` holds no space.
  return Number(text.split(' ')[21]);
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function writeRecord(folder: string, name: string, record: object): string {
  mkdirSync(join(folder, 'pids'), { recursive: true });
  const file = join(folder, 'pids', `${name}.json`);
  writeFileSync(file, JSON.stringify({ isPrivate: false, ...record }));
  return file;
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

test('the help names every command and every store, and the folder', async () => {
  const folder = emptyFolder();
  for (const flag of ['--help', '-h']) {
    const { code, stdout } = await run(folder, flag);
    assert.equal(code, 0);
    for (const word of ['up', 'down', 'status', 'install', 'exec', '--private', ...names]) {
      assert.ok(stdout.includes(word), word);
    }
    assert.ok(stdout.includes(folder));
  }
});

describe('mistakes in the arguments end with 2 and say what is known', () => {
  const cases: [string, string[], RegExp][] = [
    ['no command', [], /a command is needed\nhint: known: up, down, status, install, exec/],
    ['an unknown command', ['start', 'redis'], /unknown command "start"/],
    ['a name of every object', ['toString'], /unknown command "toString"/],
    ['an unknown store', ['up', 'redis', 'mongo'], /unknown store: mongo\nhint: known: redis, pgv/],
    ['an unknown store to end', ['down', 'constructor'], /unknown store: constructor/],
    ['no store to start', ['up'], /up needs a NAME\nhint: known: redis, pgvector, chroma/],
    ['no store to install', ['install', '--private'], /install needs a NAME/],
    ['an unknown option', ['up', '--fast', 'redis'], /--fast/],
    ['an option of another command', ['down', '--private', 'redis'], /--private is of up/],
    ['nothing to run', ['exec'], /exec needs a COMMAND/],
  ];
  for (const [title, args, pattern] of cases) {
    test(title, async () => {
      const folder = emptyFolder();
      const { code, stdout, stderr } = await run(folder, ...args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, pattern);
      assert.match(stderr, /^stores: /);
    });
  }
});

test('where nothing was installed, the status says so and makes no folder', async () => {
  const folder = join(emptyFolder(), 'absent');
  const { code, stdout } = await run(folder, 'status');
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => line.replace(/ \(version .*/, '')),
    names.map((name) => `${name}: not installed`),
  );
  assert.equal(existsSync(folder), false);
});

test('the status of one store is about that one', async () => {
  const { stdout } = await run(emptyFolder(), 'status', 'milvus', 'milvus');
  assert.equal(stdout, 'milvus: not installed (version 2.3.5)\n');
});

test('nothing to end is no failure', async () => {
  const { code, stdout } = await run(emptyFolder(), 'down');
  assert.equal(code, 0);
  assert.equal(stdout, names.map((name) => `${name}: did not run\n`).join(''));
});

test('a process of the noted id that started at another time is left alone', async () => {
  const folder = emptyFolder();
  const other = bystander();
  const startTicks = startTicksOf(other.pid) - 1;
  const file = writeRecord(folder, 'redis', { pid: other.pid, startTicks, boot: bootId() });
  const { stdout: status } = await run(folder, 'status', 'redis');
  assert.match(status, /^redis: not installed/);
  const { code, stdout } = await run(folder, 'down', 'redis');
  assert.equal(code, 0);
  assert.equal(stdout, 'redis: did not run\n');
  assert.ok(isAlive(other));
  assert.equal(existsSync(file), false);
});

test('a process noted before the machine was restarted is left alone', async () => {
  const folder = emptyFolder();
  const other = bystander();
  const startTicks = startTicksOf(other.pid);
  writeRecord(folder, 'chroma', { pid: other.pid, startTicks, boot: 'another' });
  assert.equal((await run(folder, 'down', 'chroma')).stdout, 'chroma: did not run\n');
  assert.ok(isAlive(other));
});

test('the process that was noted is ended, and only that', async () => {
  const folder = emptyFolder();
  const [noted, other] = [bystander(), bystander()];
  const startTicks = startTicksOf(noted.pid);
  const file = writeRecord(folder, 'chroma', { pid: noted.pid, startTicks, boot: bootId() });
  const { code, stdout } = await run(folder, 'down');
  assert.equal(code, 0);
  assert.match(stdout, /^chroma: ended$/m);
  assert.match(stdout, /^redis: did not run$/m);
  assert.equal(isAlive(noted), false);
  assert.ok(isAlive(other));
  assert.equal(existsSync(file), false);
});

test('a note that is damaged, or of a process that is gone, counts as none', async () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'pids'));
  for (const text of ['', '{', 'null', '{}', '{"pid": 999999999, "boot": "x"}']) {
    writeFileSync(join(folder, 'pids', 'weaviate.json'), text);
    const { code, stdout } = await run(folder, 'status', 'weaviate');
    assert.equal(code, 0, text);
    assert.match(stdout, /^weaviate: not installed/);
  }
});

test('a store that is being started elsewhere is waited for', async () => {
  const folder = emptyFolder();
  const holder = bystander();
  const lock = join(folder, 'locks', 'redis.lock');
  mkdirSync(join(folder, 'locks'));
  const text = JSON.stringify({ pid: holder.pid, programs: [], host: hostname() });
  writeFileSync(lock, text);
  const child = start(folder, ['down', 'redis']);
  const ended = outcomeOf(child);
  await sleep(1000);
  assert.ok(isAlive(child));
  assert.equal(readFileSync(lock, 'utf8'), text);
  holder.kill('SIGKILL');
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0);
  assert.equal(stdout, 'redis: did not run\n');
  assert.match(stderr, new RegExp(`process ${holder.pid}`));
  assert.equal(existsSync(lock), false);
});

test('another store is not waited for', async () => {
  const folder = emptyFolder();
  const holder = bystander();
  mkdirSync(join(folder, 'locks'));
  const text = JSON.stringify({ pid: holder.pid, programs: [], host: hostname() });
  writeFileSync(join(folder, 'locks', 'redis.lock'), text);
  const { code } = await run(folder, 'down', 'chroma');
  assert.equal(code, 0);
});

test('a command finds no private network where none was made', async (t) => {
  if (process.getuid?.() !== 0) return t.diagnostic('not tested: only root may enter one');
  const { code, stderr } = await run(emptyFolder(), 'exec', 'true');
  assert.equal(code, 1);
  assert.match(stderr, /the private network is not there\nhint: .*up --private NAME/);
});

test('a failure to install is told with what failed and what to do', async (t) => {
  if (process.platform !== 'linux')
    return t.diagnostic('not tested: servers are started on Linux only');
  const folder = emptyFolder();
  const { code, stdout, stderr } = await run(folder, 'install', 'chroma');
  assert.equal(code, 3);
  assert.equal(stdout, '');
  assert.match(stderr, /no-such-python.*failed\nhint: .*Python 3.10/s);
  assert.match((await run(folder, 'status', 'chroma')).stdout, /^chroma: not installed/);
});

test('who is not root is told that root is needed', async (t) => {
  if (process.getuid?.() === 0) return t.diagnostic('not tested: this process is root');
  for (const args of [
    ['up', 'redis'],
    ['up', 'milvus'],
    ['up', 'weaviate'],
    ['exec', 'true'],
  ]) {
    const { code, stderr } = await run(emptyFolder(), ...args);
    assert.equal(code, 3);
    assert.match(stderr, /needs root, and this process is not root\nhint: .*sudo/);
  }
});
