import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCopy } from '../../adapters/pglite/binary.js';
import { narrowFloat16 } from '../../adapters/pglite/half.js';
import { createIndex, searchRows, type VectorsTable } from '../../adapters/pglite/sql.js';
import { decodeIds, encodeExecute } from '../../adapters/pglite/wire.js';
import adapter from '../../adapters/pglite.js';
import type { IndexContext, Parameters } from '../../core/adapter.js';
import { float16ToNumber } from '../../core/float16.js';
import { float32Rows, vectorOf } from '../../core/vectors.js';
import { slowNearest } from '../core/tables.js';
import {
  ask,
  base,
  build,
  connect,
  dimensions,
  k,
  queries,
  rows,
  testsOf,
} from './hosted-scene.js';

const installed = await testsOf('pglite', adapter);
const all = Array.from({ length: queries.rows }, (_, query) => query);

test('float32 becomes the nearest float16, ties to the even one', () => {
  // numpy 2.4.6: numpy.float32(value).astype(numpy.float16).view(numpy.uint16)
  const values: readonly [number, number][] = [
    [0, 0],
    [-0, 0x8000],
    [1, 0x3c00],
    [-1, 0xbc00],
    [0.1, 0x2e66],
    [1 / 3, 0x3555],
    [Math.PI, 0x4248],
    [1.00048828125, 0x3c00],
    [1.00146484375, 0x3c02],
    [2049, 0x6800],
    [2051, 0x6802],
    [65_504, 0x7bff],
    [65_519.996, 0x7bff],
    [65_520, 0x7c00],
    [-1e6, 0xfc00],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [2 ** -14, 0x0400],
    [6.0975551605224609e-5, 0x03ff],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [2.980232594040899e-8, 1],
    [1.5 * 2 ** -24, 2],
    [2 ** -26, 0],
    [1e-30, 0],
  ];
  const bits = narrowFloat16(Float32Array.from(values, ([value]) => value));
  assert.deepEqual(
    [...bits],
    values.map(([, wanted]) => wanted),
  );
});

test('a float16 that was widened becomes itself again', () => {
  for (let bits = 0; bits < 0x7c00; bits++) {
    assert.equal(narrowFloat16(Float32Array.of(float16ToNumber(bits)))[0], bits);
  }
});

test('rows are encoded as PostgreSQL and pgvector read them', () => {
  // By hand, from "Binary Format" of COPY in the manual of PostgreSQL and vector_recv of pgvector.
  const copy = encodeCopy({ ids: Int32Array.of(258), vectors: Float32Array.of(1, -2) }, 'vector');
  const head = '5047434f50590aff0d0a00 00000000 00000000';
  const row = '0002 00000004 00000102 0000000c 0002 0000 3f800000 c0000000';
  assert.equal(copy.toString('hex'), `${head}${row}ffff`.replaceAll(' ', ''));
  const halves = encodeCopy({ ids: Int32Array.of(1), vectors: Float32Array.of(1, -2) }, 'halfvec');
  const narrow = '0002 00000004 00000001 00000008 0002 0000 3c00 c000';
  assert.equal(halves.toString('hex'), `${head}${narrow}ffff`.replaceAll(' ', ''));
  const large = { ids: Int32Array.of(1), vectors: Float32Array.of(1, 70_000) };
  assert.throws(() => encodeCopy(large, 'halfvec'), { code: 'UNSUPPORTED', message: /got 70000;/ });
});

test('a statement is run with binary values, and its answers are read by run', () => {
  // By hand, from "Message Formats" in the manual of PostgreSQL: Bind, Execute, Sync. The length of
  // Bind is its own 4 bytes, 1 + 2 of names, 6, 4 + 2 of the value, 4: 23 together.
  const bind = '42 00000017 00 7300 0001 0001 0001 00000002 abcd 0001 0001'.replaceAll(' ', '');
  const rest = '45 00000009 00 00000000 53 00000004'.replaceAll(' ', '');
  const run = encodeExecute('s', [Uint8Array.of(0xab, 0xcd)]);
  assert.equal(run.toString('hex'), `${bind}${rest}`);
  const row = (id: string) => `44 0000000e 0001 00000004 ${id}`;
  const done = '43 00000005 00';
  const answer = ['32 00000004', row('00000102'), row('00000007'), done, row('00000009'), done];
  const bytes = Buffer.from(answer.join('').replaceAll(' ', ''), 'hex');
  assert.deepEqual([...decodeIds(bytes, { runs: 2, k: 2 })], [258, 7, 9, -1]);
  const error = Buffer.from('E\0\0\0\x0fSERROR\0Mno\0\0', 'latin1');
  assert.throws(() => decodeIds(error, { runs: 1, k: 1 }), {
    code: 'STORE_FAILED',
    message: 'PostgreSQL: no',
  });
});

test('the statements name the operator and the class of the metric', () => {
  const table: VectorsTable = {
    ...{ name: 'rows', type: 'halfvec', dimensions: 3, metric: 'cosine', family: 'hnsw' },
    params: { M: 8, efConstruction: 32 },
  };
  assert.equal(
    searchRows(table, { k: 7, params: {} }),
    'select id from rows order by v <=> $1 limit 7',
  );
  // pgvector's README: halfvec_cosine_ops for <=>, vector_ip_ops for <#>, lists for ivfflat.
  assert.match(createIndex(table) ?? '', /hnsw \(v halfvec_cosine_ops\) with \(m = 8, ef_constr/);
  const lists = { type: 'vector', metric: 'ip', family: 'ivf-flat', params: { nlist: 9 } } as const;
  assert.match(createIndex({ ...table, ...lists }) ?? '', /ivfflat \(v vector_ip_ops\).*lists = 9/);
  assert.equal(createIndex({ ...table, family: 'flat' }), undefined);
});

test('what the plan can know is a mistake of the plan', () => {
  const check = (family: string, context: Partial<IndexContext>): readonly string[] => {
    const support = adapter.indexes?.find((index) => index.family === family);
    const whole = { rows: 1e5, dimensions: 12, metric: 'l2' as const, params: {}, ...context };
    return support?.check?.(whole) ?? [];
  };
  // The limits of pgvector 0.8: 32,768 lists, 2,000 and 4,000 dimensions, twice m candidates.
  assert.match(check('ivf-flat', { params: { nlist: 40_000 } })[0] ?? '', /1\.\.32768, got 40000/);
  assert.match(check('hnsw', { dimensions: 2001 })[0] ?? '', /at most 2000 dimensions, got 2001/);
  assert.deepEqual(check('hnsw', { dimensions: 2001, params: { storage: 'halfvec' } }), []);
  const graph: Parameters = { M: 40, efConstruction: 64 };
  assert.match(check('hnsw', { params: graph })[0] ?? '', /efConstruction must be 80\.\.1000/);
});

installed('searches with different nprobe one after the other are answered as alone', async (t) => {
  const opened = await build(adapter, t, { family: 'ivf-flat', params: { nlist: 12 } });
  const phases = await opened.vectors.finish();
  assert.deepEqual(
    phases.map(({ name, s }) => [name, s > 0]),
    [['index', true]],
  );
  const few = await Promise.all(all.map((query) => ask(opened, query, { nprobe: 1 })));
  const whole = await Promise.all(all.map((query) => ask(opened, query, { nprobe: 12 })));
  const expected = all.map((query) =>
    slowNearest({ metric: 'l2', base }, vectorOf(queries, query), k),
  );
  assert.deepEqual(whole, expected);
  // In so small a table PostgreSQL would compare all rows, were it not kept from it.
  assert.notDeepEqual(few, expected);
  for (const query of all.slice(0, 5)) {
    assert.deepEqual(await ask(opened, query, { nprobe: 1 }), few[query]);
    assert.deepEqual(await ask(opened, query, { nprobe: 12 }), whole[query]);
    const three = { vector: vectorOf(queries, query), k: 3, params: { nprobe: 12 } };
    const { ids } = await opened.vectors.search(opened.vectors.prepareSearch(three));
    assert.deepEqual([...ids], whole[query]?.slice(0, 3));
  }
  const short = { vector: Float32Array.of(1, 2), k, params: { nprobe: 1 } };
  await assert.rejects((async () => opened.vectors.search(opened.vectors.prepareSearch(short)))(), {
    code: 'STORE_FAILED',
    message: `PostgreSQL: expected ${dimensions} dimensions, not 2`,
  });
  assert.deepEqual(await ask(opened, 0, { nprobe: 1 }), few[0], 'and it goes on');
  const { engineBytes = 0 } = (await opened.store.footprint?.()) ?? {};
  const support = adapter.indexes?.find(({ family }) => family === 'ivf-flat');
  const context = { rows, dimensions, metric: 'l2' as const, params: { nlist: 12 } };
  const estimate = support?.estimateBytes?.(context) ?? 0;
  // Each list begins a page, and there are pages of the map of free space.
  assert.ok(Math.abs(engineBytes - estimate) <= 0.3 * estimate + 16 * 8192, `${engineBytes}`);
  const { settings, version } = await opened.store.describe();
  // The versions that the adapter installs.
  assert.deepEqual([version, settings.pgvector, settings.callsInFlight], ['0.5.14', '0.8.7', 1]);
  assert.equal(settings.maintenance_work_mem, '512MB');
});

installed('a graph finds no more rows than efSearch, over rows of float16', async (t) => {
  const opened = await connect(adapter, t);
  const { vectors } = opened;
  const support = adapter.indexes?.find(({ family }) => family === 'hnsw');
  assert.equal(support?.takes?.('f16', { storage: 'halfvec' }), true);
  assert.equal(support?.takes?.('f16', { storage: 'vector' }), false);
  await vectors.create({
    ...{ name: 'a', rows, dimensions, metric: 'l2', elements: 'f16', family: 'hnsw' },
    params: { M: 16, efConstruction: 64, storage: 'halfvec' },
    ...{ buildThreads: 1, searchThreads: 1, seed: 1 },
  });
  const halves = narrowFloat16(float32Rows(base, { from: 0, count: rows }));
  const ids = Int32Array.from({ length: rows }, (_, row) => row);
  await vectors.upsert(vectors.prepareUpsert({ ids, vectors: halves }));
  await vectors.finish();
  const hundred = { vector: vectorOf(queries, 0), k: 100, params: { efSearch: 20 } };
  const found = (await vectors.search(vectors.prepareSearch(hundred))).ids;
  assert.deepEqual([found.length, found.indexOf(-1)], [100, 20]);
  const request = { vector: vectorOf(base, 17), k: 1, params: { efSearch: 40 } };
  assert.deepEqual([...(await vectors.search(vectors.prepareSearch(request))).ids], [17]);
});
