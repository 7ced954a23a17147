import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vectorSetFamilies } from '../../adapters/redis/families.js';
import { clientOptions, optionsSchema, parseOptions } from '../../adapters/redis/options.js';
import { idsOf } from '../../adapters/redis/replies.js';
import { replyError } from '../../adapters/redis/reply-error.js';
import { isAtLeast } from '../../adapters/redis/server.js';
import { attributeText, tagText } from '../../adapters/redis/text-codec.js';
import {
  addCommands,
  searchArguments,
  type VectorSet,
} from '../../adapters/redis/vectorset-commands.js';
import {
  attributesOf,
  expressionOf,
  numeral,
  readAttributes,
} from '../../adapters/redis/vectorset-payload.js';
import type { PayloadField } from '../../core/adapter.js';
import type { Payload } from '../../core/payload.js';

const set: VectorSet = {
  key: 'bench_k',
  family: 'hnsw-sq',
  params: { M: 8, efConstruction: 40, reduce: 1 },
  fields: [],
  origin: 'own',
};
const shared = <T extends Float64Array | Int32Array | Int8Array>(values: T): T => values;

const payload: Payload = {
  genre: { type: 'category', categories: ['a "b"', 'c'], codes: codes([0, -1]) },
  year: { type: 'integer', values: numbers([1999, Number.NaN]) },
  seen: { type: 'boolean', values: flags([1, -1]) },
  title: { type: 'text', values: ["it's 5 % \\", undefined] },
};
const fields: readonly PayloadField[] = Object.entries(payload).map(([name, { type }]) => ({
  name,
  type,
  indexed: true,
}));

function numbers(values: number[]): Float64Array<SharedArrayBuffer> {
  const all = new Float64Array(new SharedArrayBuffer(8 * values.length));
  all.set(values);
  return shared(all);
}

function codes(values: number[]): Int32Array<SharedArrayBuffer> {
  const all = new Int32Array(new SharedArrayBuffer(4 * values.length));
  all.set(values);
  return shared(all);
}

function flags(values: number[]): Int8Array<SharedArrayBuffer> {
  const all = new Int8Array(new SharedArrayBuffer(values.length));
  all.set(values);
  return shared(all);
}

test('rows become VADD with float32 blobs, decimal names and what the family is stored as', () => {
  const batch = { ids: Int32Array.of(7, 12), vectors: Float32Array.of(1, -2, 0.5, 0) };
  const [first, second] = addCommands(set, batch);
  // 1, -2 and 0.5 as IEEE 754 single precision, lowest byte first, by hand.
  const [one, half] = ['0000803f000000c0', '0000003f00000000'].map((hex) =>
    Buffer.from(hex, 'hex'),
  );
  const tail = ['Q8', 'EF', '40', 'M', '8'];
  assert.deepEqual(first, ['bench_k', 'REDUCE', '1', 'FP32', one, '7', ...tail]);
  assert.deepEqual(second, ['bench_k', 'REDUCE', '1', 'FP32', half, '12', ...tail]);
  const plain = addCommands({ ...set, family: 'flat', params: {} }, batch)[0];
  assert.deepEqual(plain, ['bench_k', 'FP32', one, '7', 'NOQUANT']);
  const bits = addCommands({ ...set, family: 'hnsw-bin', params: {} }, batch)[0];
  assert.deepEqual(bits, ['bench_k', 'FP32', one, '7', 'BIN']);
});

test('a prepared row is a copy: what happens to the batch later changes nothing', () => {
  const vectors = Float32Array.of(1, -2);
  const [args] = addCommands({ ...set, params: {} }, { ids: Int32Array.of(1), vectors });
  vectors.fill(9);
  assert.deepEqual(args?.[2], Buffer.from('0000803f000000c0', 'hex'));
});

test('a query becomes VSIM with its parameters', () => {
  const request = { vector: Float32Array.of(1, -2), k: 3, params: { efSearch: 50 } };
  const blob = Buffer.from('0000803f000000c0', 'hex');
  const head = ['bench_k', 'FP32', blob, 'COUNT', '3'];
  assert.deepEqual(searchArguments(set, request), [...head, 'EF', '50']);
  const exact = { ...set, family: 'flat' };
  assert.deepEqual(searchArguments(exact, { ...request, params: {} }), [...head, 'TRUTH']);
  const filter = { field: 'year', equals: 5 };
  assert.deepEqual(
    searchArguments(set, { ...request, params: { efSearch: 50, filterEf: 700 }, filter }),
    [...head, 'EF', '50', 'FILTER', '.year == 5', 'FILTER-EF', '700'],
  );
});

test('filters become expressions in which no value can become code', () => {
  const own = (filter: Parameters<typeof expressionOf>[0]) => expressionOf(filter, 'own');
  assert.equal(
    own({ field: 'a', equals: 'x" or "1" == "1' }),
    '.a == "x%0022 or %00221%0022 == %00221"',
  );
  assert.equal(own({ field: 'a', equals: true }), '.a == 1');
  assert.equal(own({ field: 'a', in: ["it's", 'b\n'] }), '.a in ["it%0027s", "b%000a"]');
  assert.equal(own({ field: 'a', in: [-1, 2.5] }), '.a in [-1, 2.5]');
  assert.equal(own({ field: 'y', atLeast: -3, atMost: 4 }), '(.y >= -3 and .y <= 4)');
  assert.equal(own({ field: 'y', atLeast: 3 }), '.y >= 3');
  assert.equal(own({ field: 'y', atMost: 3 }), '(.y > -1e300 and .y <= 3)');
  const a = { field: 'a', equals: 1 };
  const b = { field: 'b', equals: 2 };
  assert.equal(
    own({ or: [{ and: [a, b] }, { not: { not: a } }] }),
    '((.a == 1 and .b == 2) or (not ((not (.a == 1)))))',
  );
});

test('what somebody else stored is asked for as it is, where that can be written', () => {
  assert.equal(expressionOf({ field: 'a', equals: "5 % it's" }, 'attached'), '.a == "5 % it\'s"');
  for (const equals of ['"', '\\', '\n']) {
    assert.throws(() => expressionOf({ field: 'a', equals }, 'attached'), { code: 'UNSUPPORTED' });
  }
});

test('numbers are written without a sign in the exponent, and none is changed', () => {
  for (const value of [0, -5, 2.5, 1e21, -1.7976931348623157e308, 1e-7, -3.3e-20, 2 ** -60]) {
    const text = numeral(value);
    assert.match(text, /^-?[0-9.]+(e[0-9]+)?$/);
    assert.equal(Number(text), value);
  }
  assert.throws(() => numeral(1e-200), { code: 'UNSUPPORTED' });
});

test('attributes hold a value for every column, and come back as they were', () => {
  const [full, empty] = [0, 1].map((row) => attributesOf(payload, row)) as [string, string];
  assert.deepEqual(JSON.parse(empty), { genre: '%', year: -1e300, seen: 2, title: '%' });
  assert.deepEqual(readAttributes(empty, fields, 'own'), {});
  assert.deepEqual(readAttributes(full, fields, 'own'), {
    genre: 'a "b"',
    year: 1999,
    seen: true,
    title: "it's 5 % \\",
  });
  assert.deepEqual(readAttributes('{"year":3,"x":[1]}', fields, 'attached'), { year: 3 });
  assert.deepEqual(readAttributes('', fields, 'attached'), {});
});

test('texts come back from what is stored of them', () => {
  const texts = ['', 'plain', 'a_b %0041', '"\'\\\n\u0000', 'Grüße 漢字 🎬', '_', '%', '|,{}'];
  for (const codec of [attributeText, tagText]) {
    const stored = texts.map((text) => codec.write(text));
    assert.deepEqual(
      stored.map((text) => codec.read(text)),
      texts,
    );
    assert.equal(new Set(stored).size, texts.length);
  }
  for (const text of texts) {
    assert.match(attributeText.write(text), /^[^"'\\\p{Cc}]*$/u);
    assert.match(tagText.write(text), /^[0-9A-Za-z_]+$/);
    assert.notEqual(attributeText.write(text), attributeText.nothing);
  }
});

test('ids are read from bytes; what is missing is -1', () => {
  const list = ['x:0', 'x:41', 'x:2147483647', 'x:nine'].map((text) => Buffer.from(text));
  const places = { first: 0, step: 1, prefixBytes: 2 };
  assert.deepEqual([...idsOf(list, 5, places)], [0, 41, 2_147_483_647, -1, -1]);
  assert.deepEqual([...idsOf(list, 1, { ...places, first: 1 })], [41]);
  assert.deepEqual([...idsOf(list, 3, { ...places, step: 2 })], [0, 2_147_483_647, -1]);
  assert.deepEqual([...idsOf(null, 2, places)], [-1, -1]);
});

test('options name the server, and credentials go to the client alone', () => {
  const parsed = parseOptions({ url: 'rediss://u:p%40@h:7/3', password: 'other' });
  const client = clientOptions(parsed, 250);
  const { host, port, db, username, password, tls, commandTimeout } = client;
  assert.deepEqual(
    { host, port, db, username, password, tls, commandTimeout },
    { host: 'h', port: 7, db: 3, username: 'u', password: 'other', tls: {}, commandTimeout: 250 },
  );
  const standard = clientOptions(parseOptions({}), 250);
  assert.equal(standard.port, 16_379);
  assert.equal('password' in standard || 'tls' in standard, false);
  assert.equal(clientOptions(parseOptions({ url: 'redis://[::1]' }), 1).host, '::1');
  for (const wrong of [{ url: 'http://h' }, { index: 'flat' }, { database: -1 }, { more: 1 }]) {
    assert.equal(optionsSchema.safeParse(wrong).success, false);
  }
});

test('errors of the server say what to do, and never what was sent', () => {
  const url = 'redis://u:secret@h:1';
  const cases: readonly [string, string][] = [
    ['NOAUTH Authentication required.', 'AUTH_FAILED'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'AUTH_FAILED'],
    ["NOPERM User x has no permissions to run the 'vadd' command", 'AUTH_FAILED'],
    ["READONLY You can't write against a read only replica.", 'READ_ONLY'],
    ['LOADING Redis is loading the dataset in memory', 'STORE_FAILED'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'STORE_FAILED'],
    ['MISCONF Redis is configured to save RDB snapshots', 'STORE_FAILED'],
    ['Command timed out', 'TIMEOUT'],
  ];
  for (const [message, code] of cases) {
    const thrown = Object.assign(new Error(message), { command: { args: ['secret'] } });
    const found = replyError(thrown, url) as Error & { code: string; hint: string };
    assert.equal(found.code, code, message);
    assert.ok(found.hint.length > 0 && found.cause === undefined);
    assert.doesNotMatch(found.message, /secret/);
  }
  const other = new Error('ERR something else');
  assert.equal(replyError(other, url), other);
});

test('versions are compared part by part', () => {
  assert.equal(isAtLeast('8.0.2', '8.2'), false);
  assert.equal(isAtLeast('8.2.0', '8.2'), true);
  assert.equal(isAtLeast('8.10', '8.2'), true);
  assert.equal(isAtLeast('7.4.5', '8.0'), false);
});

test('fewer bits take fewer bytes', () => {
  const context = { rows: 1000, dimensions: 384, metric: 'cosine' as const, params: {} };
  const sizes = ['hnsw', 'hnsw-sq', 'hnsw-bin'].map((family) =>
    vectorSetFamilies.find((one) => one.family === family)?.estimateBytes?.(context),
  ) as number[];
  assert.ok((sizes[0] as number) > (sizes[1] as number));
  assert.ok((sizes[1] as number) > (sizes[2] as number));
});
