import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { jsonRecords, readTextField } from '../../../datasets/formats/jsonl.js';
import { judgmentsByRow, readQrels } from '../../../datasets/formats/qrels.js';
import { assertBadData, sampleFile, sampleFolder } from '../sample-files.js';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const films = '{"title": "M\u00e9tropolis", "year": 1927}\r\n{"title": "Alien", "year": 1979}\n';
const filmRecords = [
  { title: 'M\u00e9tropolis', year: 1927 },
  { title: 'Alien', year: 1979 },
];

test('plain and packed JSON lines give the same records', async () => {
  assert.deepEqual(await all(jsonRecords(await sampleFile(films, '.jsonl'))), filmRecords);
  const packed = await sampleFile(gzipSync(films), '.jsonl.gz');
  assert.deepEqual(await all(jsonRecords(packed)), filmRecords);
});

test('a last line without an end counts, and letters may lie across pieces', async () => {
  const lines = Array.from({ length: 20_000 }, (_, row) => `{"_id": "\u00e9${row}"}`);
  const names = await readTextField(await sampleFile(lines.join('\n')), '_id');
  assert.equal(names.length, 20_000);
  assert.equal(names[19_999], '\u00e919999');
});

test('a line that is no JSON object is named', async () => {
  for (const line of ['{"a": ', '[1]', '3', 'null', '']) {
    const path = await sampleFile(`{}\n${line}\n{}\n`);
    await assertBadData(all(jsonRecords(path)), path, 'line 2');
  }
});

test('a field that is missing or no text is named by its line', async () => {
  const path = await sampleFile('{"_id": "a"}\n{"_id": 4}\n');
  await assertBadData(readTextField(path, '_id'), 'line 2: _id is 4');
  await assertBadData(readTextField(path, 'name'), 'line 1: name is nothing');
});

test('missing, cut and damaged packed files and text that is not UTF-8 are refused', async () => {
  const packed = gzipSync(films);
  const damaged = Buffer.from(packed);
  damaged[0] = 0;
  for (const bytes of [packed.subarray(0, -9), damaged]) {
    await assertBadData(all(jsonRecords(await sampleFile(bytes, '.jsonl.gz'))));
  }
  await assertBadData(all(jsonRecords(join(sampleFolder, 'nowhere.jsonl.gz'))), 'ENOENT');
  await assertBadData(all(jsonRecords(sampleFolder)), 'EISDIR');
  await assertBadData(all(jsonRecords(await sampleFile(Buffer.of(0x7b, 0xff)))), 'UTF-8');
});

test('a line without end is refused before it fills the memory', async () => {
  const packed = gzipSync(Buffer.alloc(40_000_000, 'x'));
  assert.ok(packed.length < 100_000);
  const path = await sampleFile(packed, '.jsonl.gz');
  await assertBadData(all(jsonRecords(path)), 'line 1 has more than');
});

test('judgments are read with and without a header line', async () => {
  const expected = [
    { query: 'q1', document: 'd1', grade: 2 },
    { query: 'q1', document: 'd2', grade: 0 },
  ];
  const body = 'q1\td1\t2\nq1\td2\t0\n';
  assert.deepEqual(await readQrels(await sampleFile(body)), expected);
  const headed = await sampleFile(`query-id\tcorpus-id\tscore\n${body}`);
  assert.deepEqual(await readQrels(headed), expected);
});

test('a wrong line of judgments is named', async () => {
  const wrong = ['q1 d1 1', 'q1\td1', 'q1\td1\t-1', 'q1\td1\tone', 'q1\td1\t0.5', '\td\t1'];
  for (const line of wrong) {
    await assertBadData(readQrels(await sampleFile(`a\tb\t1\n${line}\n`)), 'line 2');
  }
  await assertBadData(readQrels(await sampleFile('a\tb\t1\na\tb\t1\n')), 'line 2', 'second');
  await assertBadData(readQrels(await sampleFile('query\tdocument\tgrade\n')), 'no judgment');
});

test('judgments go to the rows that bear the names', () => {
  const named = {
    path: 'qrels.tsv',
    qrels: [{ query: 'b', document: 'z', grade: 3 }],
    queryNames: ['a', 'b'],
    documentNames: ['x', 'y', 'z'],
  };
  assert.deepEqual(judgmentsByRow(named), [new Map(), new Map([[2, 3]])]);
  assert.throws(() => judgmentsByRow({ ...named, queryNames: ['a'] }), /query b, .*unknown/);
  assert.throws(() => judgmentsByRow({ ...named, documentNames: ['x'] }), /document z/);
  assert.throws(() => judgmentsByRow({ ...named, queryNames: ['b', 'b'] }), /row 0 and row 1/);
});
