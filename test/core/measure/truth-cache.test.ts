import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { hashDataset } from '../../../core/dataset-check.js';
import { loadTruth, type TruthSource } from '../../../core/measure/truth-cache.js';
import { seededRandom } from '../../../core/random.js';
import { float32Table, type VectorTable } from '../../../core/vectors.js';

const folder = await mkdtemp(join(tmpdir(), 'bench-truth-'));
after(() => rm(folder, { recursive: true, force: true }));

function randomTable(rows: number, seed: number): VectorTable {
  const data = new Float32Array(new SharedArrayBuffer(rows * 16));
  data.set(Array.from({ length: rows * 4 }, seededRandom(seed)));
  return float32Table(data, 4);
}

const base = randomTable(50, 1);
const queries = randomTable(6, 2);
const dataset = { name: 'sample', metric: 'ip' as const, base, queries };
const sha256 = hashDataset(dataset);

function source(name: string): TruthSource & { warnings: string[]; path: string } {
  const warnings: string[] = [];
  const cacheFolder = join(folder, name);
  const path = join(cacheFolder, `truth-${sha256}-ip-5.bin`);
  const onWarning = (message: string): void => void warnings.push(message);
  return { dataset, sha256, k: 5, cacheFolder, onWarning, warnings, path };
}

test('a truth is kept and read back as it was, without a draft left behind', async () => {
  const wanted = source('kept');
  const computed = await loadTruth(wanted);
  assert.deepEqual(await readdir(wanted.cacheFolder), [`truth-${sha256}-ip-5.bin`]);
  // Other data under the same hash shows that the file is what is read.
  const zeros = float32Table(new Float32Array(new SharedArrayBuffer(800)), 4);
  const read = await loadTruth({ ...wanted, dataset: { ...dataset, base: zeros } });
  assert.deepEqual(read, computed);
  assert.deepEqual(wanted.warnings, []);
});

test('a torn or damaged file is noticed and made again', async () => {
  const wanted = source('torn');
  const computed = await loadTruth(wanted);
  const whole = await readFile(wanted.path);
  const flipped = Buffer.from(whole);
  flipped[60] = (flipped[60] as number) ^ 1;
  const damaged = [whole.subarray(0, 100), Buffer.alloc(0), Buffer.alloc(whole.length), flipped];
  for (const bytes of damaged) {
    await writeFile(wanted.path, bytes);
    assert.deepEqual(await loadTruth(wanted), computed);
    assert.deepEqual(await readFile(wanted.path), whole);
  }
  assert.equal(wanted.warnings.length, damaged.length);
});

test('each depth has a file of its own', async () => {
  const wanted = source('depths');
  const five = await loadTruth(wanted);
  const three = await loadTruth({ ...wanted, k: 3 });
  assert.deepEqual([five.k, three.k, three.ids.length], [5, 3, 18]);
  assert.equal((await readdir(wanted.cacheFolder)).length, 2);
});

test('a cache folder that cannot be written is a warning, not an error', async () => {
  await writeFile(join(folder, 'blocked'), 'a file where the folder should be');
  const wanted = source('blocked');
  const truth = await loadTruth(wanted);
  assert.equal(truth.ids.length, 30);
  assert.ok(wanted.warnings.some((warning) => warning.includes('not kept')));
});
