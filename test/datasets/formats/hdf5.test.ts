import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { readRows, type VectorTable } from '../../../core/vectors.js';
import { unpackedRoom } from '../../../datasets/formats/declared-size.js';
import { readHdf5 } from '../../../datasets/formats/hdf5.js';
import { limitLibraryMemory } from '../../../datasets/formats/hdf5-memory.js';
import { readHdf5Set } from '../../../datasets/formats/hdf5-set.js';
import { mutate, mutation, mutationsTried, readMutated } from '../mutated-files.js';
import { assertBadData, sampleFile, sampleFolder } from '../sample-files.js';
import { sampleHdf5, smallSet } from '../sample-hdf5.js';

// As in the thread that reads a file.
after(limitLibraryMemory(128 * 1024 * 1024));

function valuesOf(table: VectorTable): number[] {
  const rows = new Float32Array(table.rows * table.dimensions);
  readRows(table, { from: 0, count: table.rows }, rows);
  return [...rows];
}

test('a file of ann-benchmarks gives metric, vectors and neighbours from a thread', async () => {
  const path = await sampleHdf5({ distance: 'euclidean', datasets: smallSet });
  const { metric, base, queries, officialTruth } = await readHdf5(path);
  assert.equal(metric, 'l2');
  assert.deepEqual([base.rows, base.dimensions, base.type], [4, 3, 'f32']);
  assert.deepEqual(valuesOf(base), [...smallSet.train.data]);
  assert.deepEqual(valuesOf(queries), [...smallSet.test.data]);
  assert.deepEqual([officialTruth?.queries, officialTruth?.k], [2, 2]);
  assert.deepEqual([...(officialTruth?.ids ?? [])], [3, 0, 1, 0]);
  assert.ok(base.shards.every(({ buffer }) => buffer instanceof SharedArrayBuffer));
});

test('what the thread finds wrong is told as it is without one', async () => {
  const path = await sampleHdf5({ distance: 'euclidean', datasets: { train: smallSet.train } });
  await assertBadData(readHdf5(path), path, 'no dataset test', 'it holds train');
  await assertBadData(readHdf5(await sampleFile('no such file')), 'not an HDF5 file');
});

test('a library that gives no sign of life is ended', async () => {
  const path = await sampleHdf5({ distance: 'euclidean', datasets: smallSet });
  await assertBadData(readHdf5(path, { quietMs: 0 }), path, 'no sign of life for 0 ms');
});

test('the distances of ann-benchmarks are known, others are told with those that are', async () => {
  // The names of the distances: ann_benchmarks/distance.py.
  const metrics = { euclidean: 'l2', angular: 'cosine', ip: 'ip', dot: 'ip' };
  for (const [distance, metric] of Object.entries(metrics)) {
    const set = await readHdf5Set(await sampleHdf5({ distance, datasets: smallSet }));
    assert.equal(set.metric, metric);
  }
  for (const distance of ['jaccard', 'constructor', '']) {
    const path = await sampleHdf5({ distance, datasets: smallSet });
    const found = `distance is ${JSON.stringify(distance)}`;
    await assertBadData(readHdf5Set(path), path, found, 'euclidean, angular, ip, dot');
  }
});

test('a file without a distance takes the metric that is given', async () => {
  const path = await sampleHdf5({ datasets: smallSet });
  await assertBadData(readHdf5Set(path), 'no text attribute distance');
  assert.equal((await readHdf5Set(path, { metric: 'ip' })).metric, 'ip');
  const number = await sampleHdf5({ distance: 4, datasets: smallSet });
  await assertBadData(readHdf5Set(number), 'no text attribute distance');
});

test('neighbours may be absent', async () => {
  const { train, test } = smallSet;
  const path = await sampleHdf5({ distance: 'angular', datasets: { train, test } });
  assert.equal('officialTruth' in (await readHdf5Set(path)), false);
});

test('float64 becomes float32, uint8 and int8 stay, ids may have 64 bits', async () => {
  const float64 = {
    train: { data: Float64Array.of(0.1, 2, 3, 4), shape: [2, 2] },
    test: { data: Float64Array.of(1 / 3, 6), shape: [1, 2] },
    neighbors: { data: BigInt64Array.of(1n, 0n), shape: [1, 2] },
  };
  const wide = await readHdf5Set(await sampleHdf5({ distance: 'ip', datasets: float64 }));
  assert.deepEqual([wide.base.type, ...valuesOf(wide.base)], ['f32', Math.fround(0.1), 2, 3, 4]);
  assert.deepEqual(valuesOf(wide.queries), [Math.fround(1 / 3), 6]);
  assert.deepEqual([...(wide.officialTruth?.ids ?? [])], [1, 0]);
  const bytes = {
    train: { data: Uint8Array.of(0, 255, 7, 8), shape: [2, 2] },
    test: { data: Int8Array.of(-128, 127), shape: [1, 2] },
  };
  const narrow = await readHdf5Set(await sampleHdf5({ distance: 'ip', datasets: bytes }));
  assert.deepEqual([narrow.base.type, ...valuesOf(narrow.base)], ['u8', 0, 255, 7, 8]);
  assert.deepEqual([narrow.queries.type, ...valuesOf(narrow.queries)], ['i8', -128, 127]);
});

test('another type of values or ids is told', async () => {
  const short = { data: Int32Array.of(1, 2), shape: [1, 2], dtype: '<h' };
  const values = await sampleHdf5({ distance: 'ip', datasets: { ...smallSet, train: short } });
  await assertBadData(readHdf5Set(values), 'columns');
  const both = { train: short, test: short };
  const found = 'train is of the type int16, expected one of float32, float64, uint8, int8';
  await assertBadData(readHdf5Set(await sampleHdf5({ distance: 'ip', datasets: both })), found);
  const neighbors = { data: Float32Array.of(0, 1, 2, 3), shape: [2, 2] };
  const ids = await sampleHdf5({ distance: 'ip', datasets: { ...smallSet, neighbors } });
  await assertBadData(readHdf5Set(ids), 'neighbors is of the type float32');
});

test('a dataset that is read in several slices, packed or not, is whole', async () => {
  // 5000 x 300 float32 are 6 MB; row r holds r + column / 1000 by the reader's side of the test.
  const data = Float32Array.from({ length: 1_500_000 }, (_, at) => at / 1000);
  const shapes = { shape: [5000, 300], chunks: [700, 128], compression: 1 };
  for (const train of [
    { data, shape: [5000, 300] },
    { data, ...shapes },
  ]) {
    const test = { data: data.subarray(0, 300), shape: [1, 300] };
    const path = await sampleHdf5({ distance: 'euclidean', datasets: { train, test } });
    let slices = 0;
    const set = await readHdf5Set(path, { onSlice: () => (slices += 1) });
    assert.ok(slices > 2, `${slices} slices`);
    // Bytes are compared at once, a million and a half numbers one by one.
    const values = Float32Array.from(valuesOf(set.base));
    assert.equal(Buffer.compare(Buffer.from(values.buffer), Buffer.from(data.buffer)), 0);
  }
});

test('missing datasets are told with the names that were found', async () => {
  const { train, test } = smallSet;
  const other = await sampleHdf5({ distance: 'ip', datasets: { base: train, query: test } });
  await assertBadData(readHdf5Set(other), other, 'no dataset train', 'it holds base, query');
  await assertBadData(readHdf5Set(await sampleHdf5({ distance: 'ip', datasets: {} })), 'nothing');
});

test('sizes that do not belong together are told', async () => {
  const cases = {
    'test has 2 columns, expected 3': { test: { data: Float32Array.of(1, 2), shape: [1, 2] } },
    'neighbors has 1 rows, expected 2': { neighbors: { data: Int32Array.of(1), shape: [1, 1] } },
    'distances has 4 rows, expected 2': {
      distances: { data: Float32Array.of(1, 2, 3, 4), shape: [4, 1] },
    },
    'distances has 1 columns, expected 2': {
      distances: { data: Float32Array.of(1, 2), shape: [2, 1] },
    },
    'train has the shape (12), expected rows': { train: { ...smallSet.train, shape: [12] } },
    'query 1, rank 2 is row 4, expected 0..3': {
      neighbors: { data: Int32Array.of(0, 1, 2, 4), shape: [2, 2] },
    },
    'query 0, rank 1 is row -1, expected 0..3': {
      neighbors: { data: Int32Array.of(-1, 1, 2, 3), shape: [2, 2] },
    },
  };
  for (const [message, change] of Object.entries(cases)) {
    const path = await sampleHdf5({ distance: 'ip', datasets: { ...smallSet, ...change } });
    await assertBadData(readHdf5Set(path), path, message);
  }
});

test('NaN and infinite values are named by row and column', async () => {
  const test = { data: Float32Array.of(1, 2, 3, 4, 5, Number.NaN), shape: [2, 3] };
  const path = await sampleHdf5({ distance: 'ip', datasets: { ...smallSet, test } });
  await assertBadData(readHdf5Set(path), 'row 1, column 2 is NaN');
  // Above the largest float32.
  const train = { data: Float64Array.of(1, 1e39, 3), shape: [1, 3] };
  const large = await sampleHdf5({ distance: 'ip', datasets: { train, test: smallSet.test } });
  await assertBadData(readHdf5Set(large), 'row 0, column 1 is Infinity');
});

test('a size far above the file is refused before anything is allocated', async () => {
  const growing = { maxshape: [null, 3], chunks: [4, 3] };
  for (const rows of [200_000, 2 ** 31, 2 ** 40]) {
    for (const packing of [{}, { compression: 1 }]) {
      const train = { ...smallSet.train, ...growing, ...packing, resized: [rows, 3] };
      const path = await sampleHdf5({ distance: 'ip', datasets: { ...smallSet, train } });
      const { size } = await stat(path);
      const outcome = await readMutated(readHdf5Set, path);
      // Of 200,000 rows 2.4 MB are more than the file when plain, and no bomb when packed.
      if (rows === 200_000 && 'compression' in packing) {
        assert.equal(outcome.result?.base.rows, rows);
      } else {
        assert.match(outcome.message ?? '', new RegExp(`train would take ${rows * 12} bytes`));
        assert.ok(outcome.largestBytes < size, `${outcome.largestBytes} for ${size}`);
      }
    }
  }
});

test('a size that the library finds damaged is refused', async () => {
  const bytes = await readFile(await sampleHdf5({ distance: 'euclidean', datasets: smallSet }));
  // The sizes of train stand in its dataspace message: 4 and 3 as 64-bit numbers.
  const at = bytes.indexOf(Buffer.from([4, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]));
  assert.ok(at > 0);
  bytes.writeBigUInt64LE(2n ** 40n, at);
  await assertBadData(readHdf5Set(await sampleFile(bytes, '.hdf5')), 'train', 'damaged');
});

test('a library that never ends on a damaged file is ended', async () => {
  const bytes = await readFile(await sampleHdf5({ distance: 'euclidean', datasets: smallSet }));
  // Before a text of variable length stands its size in the heap of the file. The library walks
  // through the heap by these sizes: for ever where one is smaller than what it belongs to.
  const at = bytes.indexOf('euclidean') - 8;
  assert.equal(bytes.readBigUInt64LE(at), BigInt('euclidean'.length));
  bytes.writeBigUInt64LE(1n, at);
  const endless = await sampleFile(bytes, '.hdf5');
  await assertBadData(readHdf5(endless, { quietMs: 1500 }), endless, 'no sign of life for 1500 ms');
  bytes.writeBigUInt64LE(2n ** 28n, at);
  const beyond = await sampleFile(bytes, '.hdf5');
  await assertBadData(readHdf5(beyond), beyond, 'its attribute distance: it is damaged');
  assert.ok(process.resourceUsage().maxRSS < 1024 * 1024, 'a gigabyte was taken');
});

test('a chunk far above the file is refused though the dataset is small', async () => {
  const train = { ...smallSet.train, maxshape: [null, 3], chunks: [2 ** 22, 3], compression: 1 };
  const path = await sampleHdf5({ distance: 'ip', datasets: { ...smallSet, train } });
  await assertBadData(readHdf5Set(path), 'a chunk of train would take 50331648 bytes');
});

test('a missing file and a folder are refused', async () => {
  await assertBadData(readHdf5Set(join(sampleFolder, 'nowhere.hdf5')), 'ENOENT');
  await assertBadData(readHdf5Set(sampleFolder), 'not a regular file');
});

const packed = { ...smallSet.train, chunks: [2, 3], compression: 4 };
const wholes = await Promise.all(
  [smallSet, { ...smallSet, train: packed }].map(async (datasets) =>
    readFile(await sampleHdf5({ distance: 'euclidean', datasets })),
  ),
);

// In this thread nothing ends a library that hangs; with this seed it does not.
test('a mutated HDF5 file is read, or is BAD_DATA', async () => {
  let readable = 0;
  const property = fc.asyncProperty(fc.constantFrom(...wholes), mutation, async (whole, change) => {
    const path = await sampleFile(mutate(whole, change), '.hdf5');
    const { result, largestBytes } = await readMutated(readHdf5Set, path);
    assert.ok(largestBytes <= unpackedRoom(whole.length), `${largestBytes}`);
    if (result !== undefined) readable += 1;
  });
  const numRuns = mutationsTried(200);
  await fc.assert(property, { numRuns, seed: 11, endOnFailure: true });
  assert.ok(readable > numRuns / 10, `only ${readable} of ${numRuns} could be read`);
});

test('a mutated HDF5 file is read by a thread, or is BAD_DATA', async () => {
  const property = fc.asyncProperty(fc.constantFrom(...wholes), mutation, async (whole, change) => {
    const path = await sampleFile(mutate(whole, change), '.hdf5');
    await readMutated((file) => readHdf5(file, { quietMs: 3000 }), path);
  });
  await fc.assert(property, { numRuns: 6, seed: 13, endOnFailure: true });
});
