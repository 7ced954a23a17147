import assert from 'node:assert/strict';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readBeir } from '../../../datasets/formats/beir.js';
import { mutate, mutation, mutationsTried, readMutated } from '../mutated-files.js';
import { assertBadData, sampleFolder } from '../sample-files.js';

type Files = Readonly<Record<string, string | Uint8Array>>;

async function sampleFiles(files: Files): Promise<string> {
  const folder = await mkdtemp(join(sampleFolder, 'beir-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

const corpus = `{"_id": "d1", "title": "One", "text": "first", "metadata": {}}
{"_id": "d2", "title": "", "text": "second"}
{"_id": "d3", "text": ""}
`;
const queries = `{"_id": "q1", "text": "what"}
{"_id": "q2", "text": "of the training split"}
{"_id": "q3", "text": "who", "metadata": {"url": "x"}}
`;
const qrels = 'query-id\tcorpus-id\tscore\nq3\td1\t1\nq1\td3\t2\nq1\td1\t0\n';
const whole: Files = { 'corpus.jsonl': corpus, 'queries.jsonl': queries, 'qrels/test.tsv': qrels };

const expected = {
  documents: { ids: ['d1', 'd2', 'd3'], titles: ['One', '', ''], texts: ['first', 'second', ''] },
  queries: { ids: ['q1', 'q3'], texts: ['what', 'who'] },
  judgments: [
    new Map([
      [2, 2],
      [0, 0],
    ]),
    new Map([[0, 1]]),
  ],
  unjudgedQueries: 1,
};

test('a folder gives texts, judged queries and judgments by row', async () => {
  assert.deepEqual(await readBeir(await sampleFiles(whole)), expected);
});

test('packed files and judgments without a folder are found', async () => {
  const packed = {
    'corpus.jsonl.gz': gzipSync(corpus),
    'queries.jsonl.gz': gzipSync(queries),
    'qrels.tsv': qrels,
  };
  assert.deepEqual(await readBeir(await sampleFiles(packed)), expected);
});

test('a missing file is told with those that were found', async () => {
  const { 'qrels/test.tsv': _judgments, ...rest } = whole;
  const train = await sampleFiles({ ...rest, 'qrels/train.tsv': qrels });
  const found = 'it holds corpus.jsonl, qrels, qrels/train.tsv, queries.jsonl';
  await assertBadData(readBeir(train), train, found, 'expected qrels/test.tsv or qrels.tsv');
  await assertBadData(readBeir(await sampleFiles({})), 'it holds nothing', 'corpus.jsonl');
  await assertBadData(readBeir(join(sampleFolder, 'nowhere')), 'ENOENT');
});

test('records without id or text, and ids that occur twice, are told with their line', async () => {
  const cases = {
    'line 2: {"text":"b"}, expected _id and text': '{"_id": "d1", "text": "a"}\n{"text": "b"}\n',
    'line 1: {"_id":"d1"}': '{"_id": "d1"}\n',
    'line 1: {"_id":4': '{"_id": 4, "text": "a"}\n',
    'line 2: the _id d1 occurs a second': '{"_id": "d1", "text": ""}\n{"_id": "d1", "text": ""}\n',
    'it is empty': '',
  };
  for (const [message, content] of Object.entries(cases)) {
    const folder = await sampleFiles({ ...whole, 'corpus.jsonl': content });
    await assertBadData(readBeir(folder), join(folder, 'corpus.jsonl'), message);
  }
});

test('judgments of an unknown query or document are told', async () => {
  const cases = { 'query q9, which is unknown': 'q9\td1\t1\n', 'document d9': 'q1\td9\t1\n' };
  for (const [message, content] of Object.entries(cases)) {
    const folder = await sampleFiles({ ...whole, 'qrels/test.tsv': content });
    await assertBadData(readBeir(folder), join(folder, 'qrels/test.tsv'), message);
  }
});

test('a mutated file of a folder is read, or is BAD_DATA', async () => {
  let readable = 0;
  const names = fc.constantFrom(...Object.keys(whole));
  const property = fc.asyncProperty(names, mutation, async (name, change) => {
    const bytes = mutate(Buffer.from(whole[name] as string), change);
    const folder = await sampleFiles({ ...whole, [name]: bytes });
    const outcome = await readMutated(readBeir, folder);
    // The pieces that the platform reads a file in are of 64 KiB.
    assert.ok(outcome.largestBytes <= 65_536, `${outcome.largestBytes}`);
    if (outcome.result !== undefined) readable += 1;
  });
  const numRuns = mutationsTried(200);
  await fc.assert(property, { numRuns, seed: 29 });
  assert.ok(readable > numRuns / 10, `only ${readable} of ${numRuns} could be read`);
});
