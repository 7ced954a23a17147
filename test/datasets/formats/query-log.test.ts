import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readQueryLog } from '../../../datasets/formats/query-log.js';
import { assertBadData, sampleFile, sampleFolder } from '../sample-files.js';

async function read(content: string | Uint8Array, ending: string) {
  const log = await readQueryLog(await sampleFile(content, ending), 10);
  const { rows, weights } = log;
  return weights === undefined ? { rows: [...rows] } : { rows: [...rows], weights: [...weights] };
}

test('csv and JSON lines give the same log, packed or not', async () => {
  const csv = 'query,weight\n3,2\n0,0.5\n3,1\n';
  const jsonl =
    '{"query":3,"weight":2}\n{"weight":0.5,"query":0}\n{"query":3,"weight":1,"x":"y"}\n';
  const expected = { rows: [3, 0, 3], weights: [2, 0.5, 1] };
  assert.deepEqual(await read(csv, '.csv'), expected);
  assert.deepEqual(await read(gzipSync(csv), '.csv.gz'), expected);
  assert.deepEqual(await read(jsonl, '.jsonl'), expected);
  assert.deepEqual(await read(gzipSync(jsonl), '.ndjson.gz'), expected);
});

test('a table as spreadsheets write it is read', async () => {
  const csv = '\ufeff"user","query"\r\n"ann","3"\r\nbob, 9 \r\n';
  assert.deepEqual(await read(csv, '.csv'), { rows: [3, 9] });
});

test('time stamps put the entries in their order, equal ones as they came', async () => {
  const csv = 'timestampMs,query,weight\n30,1,10\n10,2,20\n20,3,30\n10,4,40\n';
  assert.deepEqual(await read(csv, '.csv'), { rows: [2, 4, 3, 1], weights: [20, 40, 30, 10] });
});

test('the hash is that of the file', async () => {
  const csv = 'query\n1\n';
  const { sha256 } = await readQueryLog(await sampleFile(csv, '.csv'), 2);
  assert.equal(sha256, createHash('sha256').update(csv).digest('hex'));
});

const mistakes: readonly (readonly [content: string, ending: string, ...said: string[]])[] = [
  ['query\n1\n10\n', '.csv', 'line 3: query is 10, expected a row, 0..9'],
  ['query\n-1\n', '.csv', 'line 2: query is -1'],
  ['query\n1.5\n', '.csv', 'line 2: query is 1.5'],
  ['query\nx\n', '.csv', 'line 2: query is "x", expected a number'],
  ['query,weight\n,2\n', '.csv', 'line 2: query is missing'],
  ['query,weight\n1,-2\n', '.csv', 'line 2: weight is -2, expected at least 0'],
  ['query,weight\n1,0\n2,0\n', '.csv', 'no weight is above 0'],
  ['query,weight\n1,2\n2,\n', '.csv', 'line 3: weight is missing, expected one, as before'],
  ['{"query":1}\n{"query":1,"weight":2}\n', '.jsonl', 'line 2: weight is 2, expected none'],
  ['{"query":1,"timestampMs":"now"}\n', '.jsonl', 'line 1: timestampMs is "now"'],
  ['{"query":true}\n', '.jsonl', 'line 1: query is true, expected a number'],
  ['query,weight\n1\n', '.csv', 'line 2 has 1 fields, expected 2'],
  ['row,weight\n1,2\n', '.csv', 'its columns are row, weight'],
  ['query\n', '.csv', 'it has no entry'],
  ['', '.csv', 'it has no entry'],
  ['query\n1\n', '.txt', 'it is no query log by its name'],
];

for (const [content, ending, ...said] of mistakes) {
  test(`refused with line, value and range: ${said[0]}`, async () => {
    await assertBadData(readQueryLog(await sampleFile(content, ending), 10), ...said);
  });
}

test('a log that is not there is refused', async () => {
  await assertBadData(readQueryLog(join(sampleFolder, 'nowhere.csv'), 10), 'ENOENT');
});
