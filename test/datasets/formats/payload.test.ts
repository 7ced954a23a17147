import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type Payload, payloadValue } from '../../../core/payload.js';
import { readPayload } from '../../../datasets/formats/payload.js';
import { mutate, mutation, mutationsTried, readMutated } from '../mutated-files.js';
import { assertBadData, sampleFile, sampleFolder } from '../sample-files.js';

/** The types and all values of a payload. */
function contentOf(payload: Payload, rows: number): Record<string, unknown[]> {
  const columns = Object.entries(payload).map(([name, column]) => [
    name,
    [column.type, ...Array.from({ length: rows }, (_, row) => payloadValue(column, row))],
  ]);
  return Object.fromEntries(columns);
}

const csv = `id,kind,year,price,isNew,title
007,film,1999,1.5,true,"One, ""two"""
008,book,,2,FALSE,"three
lines"
009,film,-4,1e2,True,
010,film,+12,.25,,M\u00e9tropolis
`;

// By hand: an id with a leading zero is no number, and 4 distinct ones are no category of 4 rows.
const expectedCsv = {
  id: ['text', '007', '008', '009', '010'],
  kind: ['category', 'film', 'book', 'film', 'film'],
  year: ['integer', 1999, undefined, -4, 12],
  price: ['float', 1.5, 2, 100, 0.25],
  isNew: ['boolean', true, false, true, undefined],
  title: ['text', 'One, "two"', 'three\nlines', undefined, 'M\u00e9tropolis'],
};

test('a csv file gives columns of the types that all their values have', async () => {
  const endings = { '.csv': csv, '.csv.gz': gzipSync(csv) };
  for (const [ending, bytes] of Object.entries(endings)) {
    const payload = await readPayload(await sampleFile(bytes, ending), { rows: 4 });
    assert.deepEqual(contentOf(payload, 4), expectedCsv);
  }
  const windows = await sampleFile(`\ufeff${csv.replaceAll('\n', '\r\n')}`, '.csv');
  assert.deepEqual(contentOf(await readPayload(windows, { rows: 4 }), 4), expectedCsv);
});

const jsonl = [
  '{"kind": "film", "year": 1999, "price": 1.5, "isNew": true, "tags": null}',
  '{"kind": "book", "year": 2001, "price": 2, "isNew": null}',
  '{"kind": "film", "price": -3e-2, "isNew": false}',
  '{"kind": "film", "year": -4, "late": "x"}',
].join('\n');

const expectedJson = {
  kind: ['category', 'film', 'book', 'film', 'film'],
  year: ['integer', 1999, 2001, undefined, -4],
  price: ['float', 1.5, 2, -0.03, undefined],
  isNew: ['boolean', true, undefined, false, undefined],
  tags: ['text', undefined, undefined, undefined, undefined],
  late: ['text', undefined, undefined, undefined, 'x'],
};

test('JSON lines, packed or not, give columns with absent values', async () => {
  const endings = { '.jsonl': jsonl, '.jsonl.gz': gzipSync(jsonl) };
  for (const [ending, bytes] of Object.entries(endings)) {
    const payload = await readPayload(await sampleFile(bytes, ending), { rows: 4 });
    assert.deepEqual(contentOf(payload, 4), expectedJson);
  }
});

test('types that are given choose the columns and how values are taken', async () => {
  const types = { id: 'integer', year: 'float', kind: 'text', title: 'category' } as const;
  const fromCsv = await readPayload(await sampleFile(csv, '.csv'), { rows: 4, types });
  assert.deepEqual(contentOf(fromCsv, 4), {
    id: ['integer', 7, 8, 9, 10],
    year: ['float', 1999, undefined, -4, 12],
    kind: ['text', 'film', 'book', 'film', 'film'],
    title: ['category', 'One, "two"', 'three\nlines', undefined, 'M\u00e9tropolis'],
  });
  const mixed = '{"a": 1, "b": [1]}\n{"a": "x", "b": {}}\n{"a": true}\n';
  const path = await sampleFile(mixed, '.jsonl');
  const texts = await readPayload(path, { rows: 3, types: { a: 'text' } });
  assert.deepEqual(contentOf(texts, 3), { a: ['text', '1', 'x', 'true'] });
});

test('whole numbers beyond 2^53 stay text, so that no digit is lost', async () => {
  const path = await sampleFile('id\n9007199254740993\n9007199254740992\n', '.csv');
  const payload = await readPayload(path, { rows: 2 });
  assert.deepEqual(contentOf(payload, 2).id, ['text', '9007199254740993', '9007199254740992']);
  const given = readPayload(path, { rows: 2, types: { id: 'integer' } });
  await assertBadData(given, 'line 2: id is "9007199254740993"', 'type integer');
});

test('texts are a category while they are few and short', async () => {
  const column = async (texts: readonly string[]): Promise<string | undefined> => {
    const path = await sampleFile(texts.map((a) => JSON.stringify({ a })).join('\n'), '.jsonl');
    return (await readPayload(path, { rows: texts.length })).a?.type;
  };
  assert.equal(await column(['a', 'a', 'b', 'b']), 'category');
  assert.equal(await column(['a', 'a', 'b', 'c']), 'text');
  assert.equal(await column(new Array(4).fill('x'.repeat(64))), 'category');
  assert.equal(await column(new Array(4).fill('x'.repeat(65))), 'text');
  const many = Array.from({ length: 4000 }, (_, row) => `t${row % 1000}`);
  assert.equal(await column(many), 'category');
  assert.equal(await column([...many, 't1000']), 'text');
});

test('another number of records than rows is told', async () => {
  for (const path of [await sampleFile(csv, '.csv'), await sampleFile(jsonl, '.jsonl')]) {
    await assertBadData(readPayload(path, { rows: 5 }), path, '4 records, expected 5');
    await assertBadData(readPayload(path, { rows: 3 }), path, 'record 4, expected 3 records');
  }
});

test('a bad line of csv is told with its number', async () => {
  const cases = {
    'line 3 has 3 fields, expected 2': 'a,b\n1,2\n1,2,3\n',
    'line 3 has 1 fields, expected 2': 'a,b\n1,2\n\n1,2\n',
    'line 2: ': 'a,b\n1,"2" x\n',
    'line 3: ': 'a,b\n1,2\n3,"4\n',
    'line 1: column 2 has no name': 'a,,c\n1,2,3\n',
    'line 1: two columns are named a': 'a,b,a\n1,2,3\n',
    'it is empty': '',
  };
  for (const [message, bytes] of Object.entries(cases)) {
    const path = await sampleFile(bytes, '.csv');
    await assertBadData(readPayload(path, { rows: 2 }), path, message);
  }
});

test('a bad line of JSON is told with its number', async () => {
  const cases = {
    'line 2 is not JSON': '{"a": 1}\n{"a": \n',
    'line 2 is not a JSON object': '{"a": 1}\n[2]\n',
    'line 2: a is "x", expected a value of the kind of those before': '{"a": 1}\n{"a": "x"}\n',
    'line 1: a is a list, expected one value': '{"a": [1]}\n{}\n',
    'line 2: a is an object, expected one value': '{"a": 1}\n{"a": {}}\n',
  };
  for (const [message, bytes] of Object.entries(cases)) {
    const path = await sampleFile(bytes, '.jsonl');
    await assertBadData(readPayload(path, { rows: 2 }), path, message);
  }
});

test('a value that is not of the given type is told with its line', async () => {
  const path = await sampleFile(csv, '.csv');
  const cases = {
    'line 2: kind is "film", expected a value of type integer': { kind: 'integer' },
    'line 2: price is 1.5, expected a value of type integer': { price: 'integer' },
    'line 2: year is "1999", expected a value of type boolean': { year: 'boolean' },
    'no record has a value for colour': { colour: 'text' },
  } as const;
  for (const [message, types] of Object.entries(cases)) {
    await assertBadData(readPayload(path, { rows: 4, types }), path, message);
  }
});

test('names of columns may be those of the properties of every object', async () => {
  const path = await sampleFile('__proto__,constructor\n1,2\n', '.csv');
  const payload = await readPayload(path, { rows: 1 });
  assert.deepEqual(Object.keys(payload), ['__proto__', 'constructor']);
});

test('another ending, a missing file and text that is not UTF-8 are refused', async () => {
  await assertBadData(readPayload('meta.xml', { rows: 1 }), 'meta.xml', '.csv, .jsonl');
  const missing = join(sampleFolder, 'nowhere.csv');
  await assertBadData(readPayload(missing, { rows: 1 }), missing, 'ENOENT');
  const latin = await sampleFile(Buffer.from('a\n\xe9\n', 'latin1'), '.csv');
  await assertBadData(readPayload(latin, { rows: 1 }), 'UTF-8');
});

test('a mutated payload is read, or is BAD_DATA', async () => {
  const files = {
    '.csv': csv,
    '.csv.gz': gzipSync(csv),
    '.jsonl': jsonl,
    '.jsonl.gz': gzipSync(jsonl),
  };
  let readable = 0;
  const property = fc.asyncProperty(
    fc.constantFrom(...Object.entries(files)),
    mutation,
    async ([ending, whole], change) => {
      const path = await sampleFile(mutate(Buffer.from(whole), change), ending);
      const outcome = await readMutated((file) => readPayload(file, { rows: 4 }), path);
      // The pieces that the platform reads a file in are of 64 KiB.
      assert.ok(outcome.largestBytes <= 65_536, `${outcome.largestBytes}`);
      if (outcome.result !== undefined) readable += 1;
    },
  );
  const numRuns = mutationsTried(300);
  await fc.assert(property, { numRuns, seed: 23 });
  assert.ok(readable > numRuns / 10, `only ${readable} of ${numRuns} could be read`);
});
