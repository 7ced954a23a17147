import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { encodeCopy } from '../../adapters/pglite/binary.js';
import { createIndex, createTable } from '../../adapters/pglite/sql.js';
import { encodeBeside, quotedField, tableName } from '../../adapters/pgvector/columns.js';
import { failureOf, isOlder } from '../../adapters/pgvector/failure.js';
import { conditionOf } from '../../adapters/pgvector/filter.js';
import { pgvectorOptions, serverAddress } from '../../adapters/pgvector/options.js';
import { needs } from '../../adapters/pgvector/package.js';
import { encodeSearch } from '../../adapters/pgvector/search.js';
import { sessionSettings, tableOf } from '../../adapters/pgvector/table.js';
import adapter from '../../adapters/pgvector.js';
import type { CollectionSpec, PayloadField } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { placeOfOptional } from '../../core/optional-package.js';

const fields: readonly PayloadField[] = [
  { name: 'genre', type: 'category', indexed: true },
  { name: 'year', type: 'integer', indexed: true },
  { name: 'share', type: 'float', indexed: false },
  { name: 'isOld', type: 'boolean', indexed: false },
];
const spec: CollectionSpec = {
  ...{ name: 'a', rows: 9, dimensions: 2, metric: 'cosine', elements: 'f32', family: 'hnsw' },
  params: { M: 8, efConstruction: 32, storage: 'halfvec' },
  ...{ buildThreads: 1, searchThreads: 3, seed: 1, payload: fields },
};

test('a filter becomes a condition whose values are parameters', () => {
  const condition = conditionOf(
    {
      and: [
        { field: 'genre', equals: "o'; drop" },
        {
          or: [
            { field: 'year', atLeast: 1900.5, atMost: 1e30 },
            { field: 'isOld', equals: true },
          ],
        },
        { not: { field: 'genre', in: ['a"b', 'c\\d', 'e,f'] } },
        { field: 'share', atMost: -1e-9 },
        { field: 'year', in: [1900, 1900.5] },
        { field: 'year', equals: 0.5 },
      ],
    },
    fields,
    2,
  );
  assert.equal(
    condition.sql,
    '("genre" = $2::text and (("year" >= $3::int8 and "year" <= $4::int8)' +
      ' or "isOld" = $5::boolean) and (("genre" = any($6::text[])) is not true)' +
      ' and ("share" <= $7::float8) and "year" = any($8::int8[]) and false)',
  );
  // The largest double below 2^63; "Array Input and Output Syntax" of the manual of PostgreSQL.
  assert.deepEqual(condition.values, [
    ...["o'; drop", '1901', '9223372036854774784', 'true', '{"a\\"b","c\\\\d","e,f"}'],
    ...['-1e-9', '{"1900"}'],
  ]);
  assert.throws(() => conditionOf({ field: 'no', equals: 1 }, fields, 2), { code: 'BAD_ARGUMENT' });
  assert.throws(() => quotedField('a" or true'), { code: 'BAD_ARGUMENT' });
});

test('rows go with their payload as COPY reads them; what is missing is null', () => {
  const codes = new Int32Array(new SharedArrayBuffer(8));
  codes.set([0, -1]);
  const flags = new Int8Array(new SharedArrayBuffer(2));
  flags.set([1, -1]);
  const payload = {
    genre: { type: 'category' as const, categories: ['é'], codes },
    year: { type: 'integer' as const, values: doubles(258, Number.NaN) },
    share: { type: 'float' as const, values: doubles(1, Number.NaN) },
    isOld: { type: 'boolean' as const, values: flags },
  };
  const beside = encodeBeside(payload, fields, 2);
  // By hand, from "Binary Format" of COPY and the send functions of text, int8, float8 and bool.
  const first = '00000002 c3a9 00000008 0000000000000102 00000008 3ff0000000000000 00000001 01';
  assert.equal(beside.rows[0]?.toString('hex'), first.replaceAll(' ', ''));
  assert.equal(beside.rows[1]?.toString('hex'), 'ffffffff'.repeat(4));
  const ids = Int32Array.of(1, 2);
  const copy = encodeCopy({ ids, vectors: Float32Array.of(1, 2, 3, 4), beside }, 'vector');
  const second = '0006 00000004 00000002 0000000c 0002 0000 40400000 40800000'.replaceAll(' ', '');
  assert.ok(copy.toString('hex').endsWith(`${second}${'ffffffff'.repeat(4)}ffff`));
});

function doubles(...values: readonly number[]): Float64Array<SharedArrayBuffer> {
  const array = new Float64Array(new SharedArrayBuffer(8 * values.length));
  array.set(values);
  return array;
}

test('names carry the namespace, fit the server, and stay apart', () => {
  assert.equal(tableName('bench_1', 'films'), 'bench_1_films');
  const names = ['hnsw(M=8)', 'hnsw(M 8)', 'x'.repeat(80), `${'x'.repeat(80)}y`].map((name) =>
    tableName('bench_1', name),
  );
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^bench_1_[a-z0-9_]{1,55}$/);
});

test('a table, its index and its search are what pgvector documents', () => {
  const searched = tableOf(spec, 'bench_1', '0.8.0');
  assert.equal(
    createTable(searched.table),
    'create table "bench_1_a" ("id" int4 not null, "v" halfvec(2) not null,' +
      ' "genre" text, "year" int8, "share" float8, "isOld" boolean)',
  );
  const search = encodeSearch(searched, {
    ...{ vector: Float32Array.of(1, 2), k: 5, params: { efSearch: 7 } },
    ...{ filter: { field: 'year', equals: 1 }, payload: ['genre'] },
  });
  assert.equal(
    search.text,
    'select "id", "genre" from "bench_1_a" where "year" = $2::int8 order by "v" <=> $1 limit 5',
  );
  assert.match(search.settings, /^set hnsw\.ef_search = 7; set hnsw\.iterative_scan = off; /);
  assert.deepEqual(search.values, [Buffer.from('000200003c004000', 'hex'), '1']);
  assert.deepEqual(sessionSettings(searched, true), [
    'set max_parallel_workers_per_gather = 2',
    'set enable_seqscan = off',
  ]);
  const bits = tableOf({ ...spec, family: 'hnsw-bin' }, 'bench_1', '0.8.0');
  // README of pgvector, "Binary Quantization".
  assert.match(
    createIndex(bits.table) ?? '',
    /using hnsw \(\(binary_quantize\("v"\)::bit\(2\)\) bit_hamming_ops\)/,
  );
  const ranked = encodeSearch(bits, { vector: Float32Array.of(1, 2), k: 5, params: {} }).text;
  assert.match(ranked, /<~> binary_quantize\(\$1::halfvec\)::bit\(2\) limit 20\) found order by/);
});

test('an older pgvector is told from what needs a newer one', () => {
  assert.deepEqual([isOlder('0.10.0', '0.8.0'), isOlder('0.6.2', '0.7.0')], [false, true]);
  assert.throws(() => tableOf(spec, 'b', '0.6.2'), {
    code: 'TOO_OLD',
    message: 'pgvector: halfvec needs pgvector 0.7.0, found 0.6.2',
  });
  const searched = tableOf({ ...spec, params: { M: 8, efConstruction: 32 } }, 'b', '0.6.2');
  const request = { vector: Float32Array.of(1, 2), k: 5, params: {} };
  assert.equal(encodeSearch(searched, request).settings, 'set hnsw.ef_search = 40');
  const iterative = { ...request, params: { iterativeScan: 'strict_order' } };
  assert.throws(() => encodeSearch(searched, iterative), { code: 'TOO_OLD' });
});

test('an address is taken apart; options stand above it', () => {
  const url = 'postgres://me:s%40crt@[::1]:7/films?sslmode=verify-full';
  assert.deepEqual(serverAddress(pgvectorOptions.parse({ url, user: 'you' })), {
    ...{ host: '::1', port: 7, database: 'films', user: 'you', password: 's@crt', ssl: {} },
  });
  const wrong = pgvectorOptions.parse({ url: 'postgres://h/d?options=-c' });
  assert.throws(() => serverAddress(wrong), { code: 'BAD_TARGET', message: /parameter options/ });
});

test('what a server says is told by what can be done about it', () => {
  const at = { store: 'pgvector', url: 'postgres://me:secret@h/d' };
  const codes = ['28P01', '3D000', '25006', '57014', '53300', 'XX000'].map((code) => {
    const said = Object.assign(new Error('no'), { code, severity: 'ERROR' });
    const failure = failureOf(said, at);
    assert.ok(failure instanceof BenchError && !failure.format().includes('secret'));
    return failure.code;
  });
  const wanted = ['AUTH_FAILED', 'BAD_TARGET', 'READ_ONLY', 'TIMEOUT', 'STORE_FAILED'];
  assert.deepEqual(codes, [...wanted, 'STORE_FAILED']);
});

/** Why the client package is not here; undefined where it is. */
function whyMissing(): string | undefined {
  try {
    placeOfOptional(needs.npm[0] as string, needs);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What connecting throws where a server on the loopback treats each connection in one way. */
async function troubleWith(
  context: TestContext,
  serve: (socket: Socket) => void,
  options: object = {},
): Promise<BenchError> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return connectTo(port, options);
}

async function connectTo(port: number, options: object): Promise<BenchError> {
  const url = `postgres://me:secret@127.0.0.1:${port}/films`;
  const { signal } = new AbortController();
  const context = { namespace: 'bench_t', connections: 1, timeoutNs: 300e6, signal, log: () => {} };
  try {
    await adapter.connect({ url, ...options }, context);
  } catch (error) {
    assert.ok(error instanceof BenchError, String(error));
    assert.ok(!error.format().includes('secret'));
    return error;
  }
  throw new Error('it connected');
}

function clientTest(title: string, body: (context: TestContext) => Promise<void>): void {
  test(title, async (context) => {
    const why = whyMissing();
    if (why === undefined) await body(context);
    else context.diagnostic(`not tested: ${why}`);
  });
}

clientTest('trouble in connecting is told by what it is', async (context) => {
  const html = await troubleWith(context, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n<html>'));
  });
  assert.equal(html.code, 'STORE_FAILED');
  assert.match(html.message, /expected PostgreSQL, got "HTTP\/1\.1 400/);
  const cut = await troubleWith(context, (socket) => socket.destroy());
  assert.deepEqual([cut.code, /cut off/.test(cut.message)], ['UNREACHABLE', true]);
  const hanging = await troubleWith(context, () => undefined);
  assert.deepEqual([hanging.code, /in time/.test(hanging.message)], ['UNREACHABLE', true]);
  // ErrorResponse of "Message Formats": severity, code, message.
  const fields = 'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0';
  const wrong = await troubleWith(context, (socket) => {
    const head = Buffer.from('E\0\0\0\0', 'latin1');
    head.writeInt32BE(4 + fields.length, 1);
    socket.once('data', () => socket.end(Buffer.concat([head, Buffer.from(fields)])));
  });
  assert.deepEqual([wrong.code, wrong.hint !== undefined], ['AUTH_FAILED', true]);
  const plain = await troubleWith(
    context,
    (socket) => socket.once('data', () => socket.write('N')),
    {
      tls: {},
    },
  );
  assert.equal(plain.code, 'TLS_FAILED');
  // Port 1 of the loopback has no listener.
  const refused = await connectTo(1, {});
  assert.deepEqual([refused.code, /nobody answers/.test(refused.message)], ['UNREACHABLE', true]);
});
