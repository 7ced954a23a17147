import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { packageRoot } from '../../../core/paths.js';
import { payloadValue } from '../../../core/payload.js';
import { readRows, type VectorTable } from '../../../core/vectors.js';
import { unpackedRoom } from '../../../datasets/formats/declared-size.js';
import {
  findParquetFiles,
  readParquetBase,
  readParquetSet,
} from '../../../datasets/formats/parquet.js';
import { indexIds } from '../../../datasets/formats/parquet-ids.js';
import { mutate, mutation, mutationsTried, readMutated } from '../mutated-files.js';
import { assertBadData, sampleFile, sampleFolder } from '../sample-files.js';
import { parquet, type SampleClaims, type SampleColumn } from '../sample-parquet.js';

// Made by pyarrow 26.0.1, in parts of 40 and 20 rows, row groups of 16, pages of 5 rows or less:
// the first part with pages of version 1, snappy, zstd, gzip, brotli, lz4, none, dictionaries and
// checksums; the second of version 2, zstd, BYTE_STREAM_SPLIT and DELTA_BINARY_PACKED.
// Row r has id 1000 - 3 r; emb, wide (float64), half (float16) with ((7 r + 3 c) mod 11) / 4 - 1
// in column c of 6; bytes (uint8) with r + c; label_{r mod 3} (absent where r mod 5 is 4); title
// "row {r}" with an umlaut; year 1900 + r (absent where r mod 7 is 6); price r / 8; isNew for even
// r; and a list tags. Queries 2, 0, 1 (row r with r / 2 in all columns), and neighbours of 0, 1, 2:
// ids 1000 823, 997 1000, 994 997.
const folder = join(packageRoot(), 'test', 'fixtures', 'parquet');
const parts = ['train-00-of-02.parquet', 'train-01-of-02.parquet'].map((name) =>
  join(folder, name),
);

const rows = Array.from({ length: 60 }, (_, row) => row);
const expectedVectors = rows.flatMap((row) =>
  Array.from({ length: 6 }, (_, column) => ((7 * row + 3 * column) % 11) / 4 - 1),
);

function valuesOf(table: VectorTable): number[] {
  const values = new Float32Array(table.rows * table.dimensions);
  readRows(table, { from: 0, count: table.rows }, values);
  return [...values];
}

async function sample(
  columns: Readonly<Record<string, SampleColumn>>,
  claims: SampleClaims = {},
): Promise<string> {
  return sampleFile(parquet(columns, claims), '.parquet');
}

const embeddings = [
  [1, 2, 3],
  [4, 5, 6],
];
const small = { id: { ids: [7, 9] }, emb: { lists: embeddings } };

test('a folder of VectorDBBench gives vectors, neighbours as rows, and a payload', async () => {
  const set = await readParquetSet(await findParquetFiles(folder));
  assert.deepEqual([set.base.rows, set.base.dimensions, set.base.type], [60, 6, 'f32']);
  assert.deepEqual(valuesOf(set.base), expectedVectors);
  // Row r of the queries has r / 2 in all places.
  assert.deepEqual(
    valuesOf(set.queries).filter((_, at) => at % 6 === 0),
    [0, 0.5, 1],
  );
  // Ids 994 997, 1000 823, 997 1000 are rows (1000 - id) / 3.
  assert.deepEqual(
    { ...set.officialTruth, ids: [...(set.officialTruth?.ids ?? [])] },
    { queries: 3, k: 2, ids: [2, 1, 0, 59, 1, 0] },
  );
  assert.deepEqual(set.leftOut, ['wide', 'half', 'bytes', 'tags']);
});

test('scalar columns become columns of their type with absent values', async () => {
  const { payload } = await readParquetBase({ train: parts });
  assert.deepEqual(
    Object.entries(payload).map(([name, { type }]) => [name, type]),
    [
      ['label', 'category'],
      ['title', 'text'],
      ['year', 'integer'],
      ['price', 'float'],
      ['isNew', 'boolean'],
    ],
  );
  for (const row of rows) {
    const found = Object.values(payload).map((column) => payloadValue(column, row));
    const label = row % 5 === 4 ? undefined : `label_${row % 3}`;
    const year = row % 7 === 6 ? undefined : 1900 + row;
    assert.deepEqual(found, [label, `r\u00f6w ${row}`, year, row / 8, row % 2 === 0]);
  }
});

test('float64 becomes float32, float16 and bytes stay', async () => {
  for (const [vector, type] of Object.entries({ wide: 'f32', half: 'f16' })) {
    const { base } = await readParquetBase({ train: parts, columns: { vector } });
    assert.equal(base.type, type);
    assert.deepEqual(valuesOf(base), expectedVectors);
  }
  const { base } = await readParquetBase({ train: parts, columns: { vector: 'bytes' } });
  assert.equal(base.type, 'u8');
  assert.deepEqual(valuesOf(base).slice(0, 12), [0, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6]);
});

test('a missing column is told with those that were found, and columns may be named', async () => {
  const columns = { vector: 'wide', id: null, payload: ['year'] };
  const { payload, leftOut } = await readParquetBase({ train: parts, columns });
  assert.deepEqual(Object.keys(payload), ['year']);
  assert.ok(leftOut.includes('emb') && leftOut.includes('label'));
  const other = await sample({ key: { ids: [1] }, vec: { lists: [[1]] } });
  await assertBadData(readParquetBase({ train: other }), other, 'no column emb', 'key, vec');
  const named = { vector: 'vec', id: 'key' };
  assert.equal((await readParquetBase({ train: other, columns: named })).base.rows, 1);
  const tags = readParquetBase({ train: parts, columns: { payload: ['tags'] } });
  await assertBadData(tags, 'column tags is not one boolean, number or text');
});

test('a column of another type is told', async () => {
  const label = readParquetBase({ train: parts, columns: { vector: 'label' } });
  await assertBadData(label, 'column label holds BYTE_ARRAY', 'lists of float');
  const tags = readParquetBase({ train: parts, columns: { vector: 'tags' } });
  await assertBadData(tags, 'lists of BYTE_ARRAY');
  const id = readParquetBase({ train: parts, columns: { id: 'emb' } });
  await assertBadData(id, 'column emb has a list a row', 'expected one value');
});

test('a file that is written by hand is read, with texts as ids too', async () => {
  const train = await sample({ id: { texts: ['b', 'a'] }, emb: { lists: embeddings } });
  const queries = await sample({ id: { ids: [5] }, emb: { lists: [[1, 1, 1]] } });
  const { base, payload } = await readParquetBase({ train });
  assert.deepEqual(valuesOf(base), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(payload, {});
  const neighbours = await sample({ id: { ids: [5] }, neighbors_id: { idLists: [[0, 1]] } });
  const files = { train, test: queries, neighbours };
  await assertBadData(readParquetSet(files), neighbours, 'row 0, rank 1 is 0', 'no row of train');
});

test('ids that occur twice are told, wherever they lie', () => {
  // Far apart they are kept in a map, close together in a list.
  for (const ids of [
    [5, 6, 5],
    [1e9, -1e9, 1e9],
    ['a', 'b', 'a'],
  ]) {
    assert.throws(() => indexIds('p', ids), /id .* names both row 0 and row 2/);
  }
  for (const ids of [
    [5, 7, 6],
    [1e9, -1e9, 0],
    ['b', 'a', 'c'],
  ]) {
    const rowOf = indexIds('p', ids);
    assert.deepEqual(
      ids.map((id) => rowOf(id)),
      [0, 1, 2],
    );
    assert.deepEqual(
      [4, 8, 5.5, 'z', -1].map((id) => rowOf(id)),
      new Array(5).fill(undefined),
    );
  }
});

test('neighbours of unknown, missing or doubled ids are told', async () => {
  const train = await sample(small);
  const queries = await sample({ id: { ids: [1, 2] }, emb: { lists: embeddings } });
  const cases = {
    'row 1, rank 2 is 8': {
      id: { ids: [1, 2] },
      neighbors_id: {
        idLists: [
          [7, 9],
          [9, 8],
        ],
      },
    },
    'row 1 is about 3': {
      id: { ids: [1, 3] },
      neighbors_id: {
        idLists: [
          [7, 9],
          [9, 7],
        ],
      },
    },
    'id 1 names both row 0 and row 1': {
      id: { ids: [1, 1] },
      neighbors_id: {
        idLists: [
          [7, 9],
          [9, 7],
        ],
      },
    },
    'it has 1 rows, expected 2 as test': { id: { ids: [1] }, neighbors_id: { idLists: [[7]] } },
    'neighbors_id of row 1 has 1 values, expected 2': {
      id: { ids: [1, 2] },
      neighbors_id: { idLists: [[7, 9], [9]] },
    },
    'no column neighbors_id': { id: { ids: [1, 2] }, emb: { lists: embeddings } },
  };
  for (const [message, columns] of Object.entries(cases)) {
    const neighbours = await sample(columns);
    const files = { train, test: queries, neighbours };
    await assertBadData(readParquetSet(files), neighbours, message);
  }
});

test('vectors of different lengths, in a file or between files, are told', async () => {
  const mixed = { id: { ids: [1, 2, 3] }, emb: { lists: [[1, 2], [3], [4, 5]] } };
  const found = 'emb of row 1 has 1 values, expected 2 as in row 0';
  await assertBadData(readParquetBase({ train: await sample(mixed) }), found);
  const train = await sample(small);
  const queries = await sample({ id: { ids: [1] }, emb: { lists: [[1, 2]] } });
  const files = { train, test: queries };
  await assertBadData(readParquetSet(files), queries, '2 dimensions, expected 3 as train');
  const narrow = readParquetBase({ train: [train, queries] });
  await assertBadData(narrow, queries, '2 x f32, expected 3 x f32 as in the first file');
});

test('NaN and infinite values are named by row and column', async () => {
  const emb = {
    lists: [
      [1, 2],
      [3, Number.NaN],
    ],
  };
  const train = await sample({ ...small, emb });
  await assertBadData(readParquetBase({ train }), 'row 1, column 1 is NaN');
});

test('parts of a table are found in order, and those that are missing are told', async () => {
  assert.deepEqual((await findParquetFiles(folder)).train, parts);
  const other = await mkdtemp(join(sampleFolder, 'parts-'));
  await cp(folder, other, { recursive: true });
  await rm(join(other, 'train-00-of-02.parquet'));
  await assertBadData(findParquetFiles(other), other, 'of 2 parts it has train-01-of-02.parquet');
  await rm(join(other, 'train-01-of-02.parquet'));
  await assertBadData(findParquetFiles(other), 'neighbors.parquet, test.parquet', 'train.parquet');
  await assertBadData(findParquetFiles(join(other, 'nowhere')), 'ENOENT');
});

test('a damaged start or end is told', async () => {
  const whole = parquet(small);
  await assertBadData(readParquetBase({ train: await sampleFile('') }), '0 bytes');
  for (const bytes of [whole.subarray(0, -3), whole.subarray(3), Buffer.alloc(40)]) {
    await assertBadData(readParquetBase({ train: await sampleFile(bytes) }), 'PAR1');
  }
  const encrypted = Buffer.concat([whole.subarray(0, -4), Buffer.from('PARE')]);
  await assertBadData(readParquetBase({ train: await sampleFile(encrypted) }), 'encrypted');
  const long = Buffer.from(whole);
  long.writeUInt32LE(0x7fffffff, long.length - 8);
  await assertBadData(readParquetBase({ train: await sampleFile(long) }), '2147483647 bytes');
});

test('a page with another checksum than it states is told', async () => {
  const bytes = await readFile(parts[0] as string);
  // The values of the first row of half are not packed: -1 as float16, low byte first.
  const at = bytes.indexOf(Buffer.from([0x00, 0xbc, 0x00, 0xb4]));
  assert.ok(at > 0);
  bytes[at] = 1;
  const train = await sampleFile(bytes, '.parquet');
  const columns = { vector: 'half', payload: [] };
  await assertBadData(readParquetBase({ train, columns }), 'column half', 'checksum');
});

test('sizes far above the file are refused before anything is allocated', async () => {
  const bombs: readonly SampleClaims[] = [
    { rows: 2 ** 40 },
    { rows: 2 ** 40, values: 2 ** 40 },
    { values: 2 ** 31 - 1 },
    { values: 2 ** 31 - 1, run: 2 ** 31 - 3 },
    { unpackedBytes: 2 ** 31 - 1 },
  ];
  for (const claims of bombs) {
    const bytes = parquet(small, claims);
    const path = await sampleFile(bytes, '.parquet');
    const outcome = await readMutated((train) => readParquetBase({ train }), path);
    assert.ok(outcome.message !== undefined, JSON.stringify(claims));
    assert.ok(outcome.largestBytes < 4 * bytes.length, `${outcome.largestBytes}`);
  }
});

test('a run of levels is not longer than the values of its page', async () => {
  const path = await sample(small, { run: 2 ** 30 });
  const outcome = await readMutated((train) => readParquetBase({ train }), path);
  assert.deepEqual(outcome.result && valuesOf(outcome.result.base), embeddings.flat());
  assert.ok(outcome.largestBytes < 2000, `${outcome.largestBytes}`);
});

test('a mutated Parquet file is read, or is BAD_DATA', async () => {
  const wholes = await Promise.all([...parts.map((path) => readFile(path)), parquet(small)]);
  let readable = 0;
  const columns = { vector: fc.constantFrom('emb', 'wide', 'half', 'bytes') };
  const property = fc.asyncProperty(
    fc.constantFrom(...wholes),
    mutation,
    columns.vector,
    async (whole, change, vector) => {
      const path = await sampleFile(mutate(whole, change), '.parquet');
      const outcome = await readMutated(
        (train) => readParquetBase({ train, columns: { vector } }),
        path,
      );
      const { result, largestBytes } = outcome;
      assert.ok(largestBytes <= unpackedRoom(whole.length), `${largestBytes}`);
      if (result !== undefined) readable += 1;
    },
  );
  const numRuns = mutationsTried(300);
  await fc.assert(property, { numRuns, seed: 17 });
  assert.ok(readable > numRuns / 10, `only ${readable} of ${numRuns} could be read`);
});
