import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Command } from 'commander';
import { datasetPullCommand, type PullSurroundings } from '../../cli/dataset-pull.js';
import { BenchError } from '../../core/errors.js';
import catalogue, { pulledFiles } from '../../datasets/catalogue/catalogue.js';
import { type Served, sendFile, startServer } from '../core/download/file-server.js';
import { pullScene, sampleDataset, sha256, someBytes } from '../core/download/scene.js';
import { setEnvironment } from '../core/environment.js';
import { emptyFolder } from '../core/folders.js';

const bytes = someBytes(30_000, 8);

interface Bench {
  readonly stdout: string[];
  readonly stderr: string[];
  /** Runs `bench dataset` with arguments. */
  run(...args: string[]): Promise<void>;
}

/** `bench dataset pull` with a catalogue of one loopback file, in a cache of its own. */
async function bench(
  context: TestContext,
  { served, ...others }: Partial<PullSurroundings> & { served?: Partial<Served> } = {},
): Promise<Bench> {
  const server = await startServer(context, (request, response) => {
    sendFile(request, response, { bytes, etag: '"1"', ...served });
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  const { transport, limits, freeBytes, wait } = await pullScene(context);
  const file = { address: `${server.address}/base.bin`, bytes: bytes.length };
  const surroundings: PullSurroundings = {
    catalogue: async () => [sampleDataset([file]), sampleDataset([{}], { name: 'unsized' })],
    write: (text) => stdout.push(text),
    terminal: { write: (text: string) => stderr.push(text) },
    confirm: undefined,
    signals: new EventEmitter(),
    fetching: { transport, limits, freeBytes, wait },
    ...others,
  };
  return {
    stdout,
    stderr,
    async run(...args) {
      const program = new Command('bench').exitOverride();
      datasetPullCommand(program.command('dataset'), surroundings);
      await program.parseAsync(['dataset', ...args], { from: 'user' });
    },
  };
}

test('what is pulled is told before, and what came after', async (context) => {
  const { run, stdout, stderr } = await bench(context);
  const folder = join(await emptyFolder(context), 'to', 'here');
  await run('pull', 'sample', '--to', folder, '--yes');
  assert.deepEqual(await readFile(join(folder, 'base.bin')), bytes);
  assert.deepEqual(stdout, [`${join(folder, 'base.bin')}  30000 bytes  ${sha256(bytes)}\n`]);
  const [before = ''] = stderr;
  for (const fact of [
    'sample: a sample',
    '29.3 KiB',
    'CC0',
    'https://example.org/sample',
    folder,
  ]) {
    assert.ok(before.includes(fact), `${fact} in ${before}`);
  }
});

test('nothing is pulled without a yes', async (context) => {
  const folder = await emptyFolder(context);
  const silent = await bench(context);
  await assert.rejects(silent.run('pull', 'sample', '--to', folder), {
    code: 'BAD_ARGUMENT',
    message: 'bench dataset pull needs --yes where nobody can answer',
  });
  const asked = await bench(context, { confirm: async () => false });
  await asked.run('pull', 'sample', '--to', folder);
  assert.equal(asked.stderr.at(-1), 'nothing was pulled\n');
  assert.deepEqual(await readdir(folder), []);
  const agreed = await bench(context, { confirm: async () => true });
  await agreed.run('pull', 'sample', '--to', folder);
  assert.deepEqual((await readdir(folder)).sort(), ['base.bin', 'pulled.json']);
});

test('an unknown name gets the nearest, with exit code 2', async (context) => {
  const { run } = await bench(context);
  await assert.rejects(run('pull', 'smaple', '--yes'), (error: unknown) => {
    assert.ok(error instanceof BenchError);
    assert.equal(error.exitCode, 2);
    assert.equal(error.message, 'there is no public dataset smaple; did you mean sample?');
    return true;
  });
});

test('without a name the catalogue is listed, and what of it is here', async (context) => {
  const { run, stdout } = await bench(context);
  await run('pull');
  const lines = (stdout[0] ?? '').split('\n');
  assert.match(lines[0] ?? '', /^name +rows +dimensions +size +here +licence$/);
  assert.match(lines[2] ?? '', /^sample +1 +1 +29\.3 KiB +no +CC0$/);
  assert.match(lines[3] ?? '', /^unsized +1 +1 +not published +no +CC0$/);
});

test('a signal stops a pull, which leaves what it has', async (context) => {
  const folder = await emptyFolder(context);
  const signals = new EventEmitter();
  const { run } = await bench(context, { served: { stallAfter: 10_000 }, signals });
  const pulling = run('pull', 'sample', '--to', folder, '--yes');
  const part = join(folder, 'base.bin.part');
  const stop = setInterval(() => {
    const hasBegun = (statSync(part, { throwIfNoEntry: false })?.size ?? 0) > 0;
    if (hasBegun) signals.emit('SIGINT');
    if (hasBegun) clearInterval(stop);
  }, 10);
  context.after(() => clearInterval(stop));
  await assert.rejects(pulling, (error: unknown) => {
    assert.ok(error instanceof BenchError);
    assert.deepEqual([error.code, error.exitCode], ['INTERRUPTED', 130]);
    return true;
  });
  assert.ok((await readdir(folder)).includes('base.bin.part'));
  assert.equal(signals.listenerCount('SIGINT'), 0);
});

test('without other surroundings the catalogue is the real one', async (context) => {
  const stdout: string[] = [];
  const program = new Command('bench').exitOverride();
  setEnvironment(context, { BENCH_DATASETS: await emptyFolder(context) });
  datasetPullCommand(program.command('dataset'), { write: (text) => stdout.push(text) });
  await program.parseAsync(['dataset', 'pull'], { from: 'user' });
  for (const { name } of catalogue) assert.ok(stdout[0]?.includes(name), name);
  assert.equal(await pulledFiles('no such name'), undefined);
  assert.equal(await pulledFiles('sift-128-euclidean', await emptyFolder(context)), undefined);
});

test('the catalogue is consistent', () => {
  const names = catalogue.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, files } of catalogue) {
    assert.equal(new Set(files.map((file) => file.name)).size, files.length, name);
    for (const file of files) {
      assert.match(file.name, /^[\w.-]+$/);
      assert.equal(new URL(file.address).protocol, 'https:', name);
      assert.ok(file.address.endsWith(`/${file.name}`), file.address);
    }
  }
});

test('catalogued sizes are those of the rows, queries and neighbours', () => {
  for (const { name, format, rows, dimensions, queries, files } of catalogue) {
    if (format === 'hdf5-ann') {
      // float32 rows and queries, and int32 and float32 for 100 neighbours; HDF5 adds its headers.
      const payload = (rows + queries) * dimensions * 4 + queries * 100 * 8;
      const headers = (files[0]?.bytes ?? 0) - payload;
      assert.ok(headers > 0 && headers < 16_384, `${name}: ${headers}`);
    }
    if (format !== 'bin') continue;
    // A header of 8 bytes; one byte a dimension; 10 neighbours, each an int32 and a float32.
    const sizes = new Map(files.map((file) => [file.role, file.bytes]));
    assert.equal(sizes.get('base'), 8 + rows * dimensions);
    assert.equal(sizes.get('queries'), 8 + queries * dimensions);
    assert.equal(sizes.get('neighbours'), 8 + queries * 10 * 8);
  }
});
