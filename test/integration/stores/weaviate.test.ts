import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import adapter from '../../../adapters/weaviate.js';
import type { ExistingCollection, SearchRequest, VectorOperations } from '../../../core/adapter.js';
import type { Filter } from '../../../core/filter.js';
import { payloadRow } from '../../../core/payload.js';
import { isAskedFor } from '../../contract/left-out.js';
import { connect, fill, films, images, k, query, recall, rows, specOf } from './weaviate-scene.js';

const url = 'http://127.0.0.1:18081';
const isAsked = isAskedFor('weaviate');
const skip = isAsked ? false : 'BENCH_STORES does not list weaviate';
const transports = ['client', 'raw'] as const;
const decoy = 'Benchmark_of_somebody';
const made = 'Bench_it_scene';

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function call(method: string, path: string, body?: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const text = body === undefined ? {} : { headers, body: JSON.stringify(body) };
  const response = await fetch(`${url}/v1${path}`, { method, ...text });
  return { status: response.status, text: await response.text() };
}

async function names(): Promise<string[]> {
  const { text } = await call('GET', '/schema');
  return (JSON.parse(text) as { classes: { class: string }[] }).classes.map((one) => one.class);
}

const vectorId = (n: number): string => `3fa85f64-5717-4562-b3fc-00000000000${n}`;

/** What somebody else has: three rows on a line, with numbers of their own. */
async function makeDecoy(vectorsOf: 'unnamed' | 'one' | 'two' = 'one'): Promise<void> {
  await call('DELETE', `/schema/${decoy}`);
  const index = {
    vectorIndexType: 'hnsw',
    vectorIndexConfig: { distance: 'l2-squared', skipDefaultQuantization: true },
  };
  const named = { vectorizer: { none: {} }, ...index };
  const config = {
    unnamed: { vectorizer: 'none', ...index },
    one: { vectorConfig: { place: named } },
    two: { vectorConfig: { place: named, other: named } },
  }[vectorsOf];
  const properties = [
    { name: 'row', dataType: ['int'] },
    { name: 'v', dataType: ['number'] },
    { name: 'words', dataType: ['text'] },
    { name: 'day', dataType: ['date'] },
  ];
  assert.equal(
    (await call('POST', '/schema', { class: decoy, ...config, properties })).status,
    200,
  );
  const objects = [0, 1, 5].map((x, n) => ({
    class: decoy,
    id: vectorId(n),
    properties: { row: 10 + n, ...(n < 2 && { v: 1.5 + n / 2 }), words: `a ${n}` },
    ...(vectorsOf === 'unnamed'
      ? { vector: [x, 0] }
      : { vectors: { place: [x, 0], ...(vectorsOf === 'two' && { other: [-x, 0, 0] }) } }),
  }));
  assert.doesNotMatch((await call('POST', '/batch/objects', { objects })).text, /FAILED/);
}

before(async () => {
  if (isAsked) await makeDecoy();
});

after(async () => {
  if (isAsked) await call('DELETE', `/schema/${decoy}`);
});

for (const transport of transports) {
  test(`weaviate over ${transport} is exact where every row is compared`, { skip }, async () => {
    const store = await connect({ transport });
    try {
      for (const scene of [await films(), await images()]) {
        const vectors = await fill(store, scene);
        assert.equal(await recall(vectors, scene), 1);
        const { engineNs } = await vectors.search(vectors.prepareSearch(query(scene, 0)));
        // GraphQL does not say it.
        assert.equal(engineNs !== undefined && engineNs > 0, transport === 'client');
        assert.ok((await names()).includes(made));
        await vectors.drop();
        const now = await names();
        assert.ok(!now.includes(made) && now.includes(decoy), 'no more and no less is dropped');
      }
    } finally {
      await store.vectors?.drop();
      await store.close();
    }
  });

  test(`weaviate over ${transport} filters as the filters say`, { skip }, async () => {
    const store = await connect({ transport, rangeIndex: transport === 'raw' });
    try {
      const scene = await films();
      const { title, genre, year } = payloadRow(scene.payload, 7);
      const sameGenre: Filter = { field: 'genre', equals: String(genre) };
      const years: Filter = { field: 'year', atLeast: Number(year), atMost: Number(year) + 8 };
      const filters: Filter[] = [
        sameGenre,
        years,
        { field: 'title', equals: String(title) },
        { field: 'genre', in: [String(genre), 'nothing'] },
        { field: 'castCount', in: [2, 2.5, 3] },
        { field: 'year', atLeast: Number(year) - 0.5 },
        { field: 'year', equals: Number(year) + 0.5 },
        { and: [sameGenre, years] },
        { or: [sameGenre, { field: 'castCount', atMost: 1 }] },
        { not: sameGenre },
        { not: years },
        { not: { or: [sameGenre, { and: [years, { field: 'castCount', atLeast: 2 }] }] } },
      ];
      const flat = await fill(store, scene);
      for (const filter of filters) {
        assert.equal(await recall(flat, scene, filter), 1, JSON.stringify(filter));
      }
      // Without a scan of all that meets the filter: of few rows some are not found.
      const graph = { family: 'hnsw', params: { flatSearchCutoff: 0 } };
      const hnsw = await fill(store, scene, graph);
      for (const filter of filters) {
        const got = await recall(hnsw, scene, filter);
        assert.ok(got > 0.5, `${JSON.stringify(filter)}: ${got}`);
      }
    } finally {
      await store.vectors?.drop();
      await store.close();
    }
  });

  test(`weaviate over ${transport} gives the payload that is asked for`, { skip }, async () => {
    const store = await connect({ transport });
    try {
      const scene = await films();
      const vectors = await fill(store, scene);
      const request = query(scene, 0, { payload: ['title', 'year'] });
      const { ids, payload } = await vectors.search(vectors.prepareSearch(request));
      assert.equal(payload?.length, k);
      for (const [place, id] of ids.entries()) {
        const { title, year } = payloadRow(scene.payload, id);
        assert.deepEqual(payload?.[place], { title, year });
      }
      const plain = await vectors.search(vectors.prepareSearch(query(scene, 0)));
      assert.equal(plain.payload, undefined);
      assert.deepEqual(plain.ids, ids);
      const [nearest = -1] = ids;
      await vectors.remove?.(Int32Array.of(nearest, rows + 7));
      assert.equal(await vectors.count(), rows - 1);
      const { ids: others } = await vectors.search(vectors.prepareSearch(query(scene, 0)));
      assert.ok(!others.includes(nearest), 'what is removed is found no more');
    } finally {
      await store.vectors?.drop();
      await store.close();
    }
  });

  test(`weaviate over ${transport} tells what went wrong in the server`, { skip }, async () => {
    const store = await connect({ transport });
    try {
      const scene = await images();
      const vectors = await fill(store, scene, { family: 'hnsw' });
      const short = { vector: Float32Array.of(1, 2), k: 1, params: {} };
      const lengths = { code: 'STORE_FAILED', message: /lengths don't match/ };
      await assert.rejects(vectors.search(vectors.prepareSearch(short)), lengths);
      const wrong = { ids: Int32Array.of(1), vectors: Float32Array.of(1, 2) };
      await assert.rejects(vectors.upsert(vectors.prepareUpsert(wrong)), {
        code: 'STORE_FAILED',
        message: /1 of 1 rows were refused: .*vector with length 2/,
      });
      const { text } = await call('GET', `/schema/${made}/shards`);
      const [shard] = JSON.parse(text) as { name: string }[];
      await call('PUT', `/schema/${made}/shards/${shard?.name}`, { status: 'READONLY' });
      const full = { ids: Int32Array.of(1), vectors: new Float32Array(128) };
      await assert.rejects(vectors.upsert(vectors.prepareUpsert(full)), { code: 'READ_ONLY' });
      const prepared = vectors.prepareSearch(query(scene, 0));
      await call('DELETE', `/schema/${made}`);
      await assert.rejects(vectors.search(prepared), {
        code: 'STORE_FAILED',
        message: /could not find class|Cannot query field/,
      });
      await vectors.drop();
    } finally {
      await store.close();
    }
  });

  test(`weaviate over ${transport} reads a collection of somebody else`, { skip }, async () => {
    for (const kind of ['unnamed', 'one', 'two'] as const) {
      await makeDecoy(kind);
      const store = await connect({ transport });
      const vectors = store.vectors as VectorOperations;
      const existing: ExistingCollection = {
        ...{ collection: decoy, idField: 'row', dimensions: 2, metric: 'l2', family: 'hnsw' },
        ...(kind === 'two' && { vectorField: 'place' }),
        payload: [
          { name: 'v', type: 'float', indexed: true },
          { name: 'row', type: 'integer', indexed: true },
        ],
      };
      const changes: Partial<ExistingCollection>[] = [
        { dimensions: 3 },
        { metric: 'ip' },
        { family: 'flat' },
        { collection: 'Nobody' },
        { idField: 'nothing' },
        { vectorField: 'nothing' },
        { payload: [{ name: 'day', type: 'text', indexed: true }] },
      ];
      for (const change of changes) {
        const wrong = { ...existing, ...change };
        await assert.rejects(async () => vectors.attach?.(wrong), { code: 'BAD_TARGET' });
      }
      await vectors.attach?.(existing);
      const request: SearchRequest = { vector: Float32Array.of(4, 0), k: 3, params: {} };
      const search = (more: Partial<SearchRequest>) =>
        vectors.search(vectors.prepareSearch({ ...request, ...more }));
      assert.deepEqual([...(await search({})).ids], [12, 11, 10]);
      const range: Filter = { field: 'v', atLeast: 1.75 };
      assert.deepEqual([...(await search({ filter: range })).ids], [11, -1, -1]);
      const rest = await search({ filter: { not: range }, payload: ['v', 'row'] });
      assert.deepEqual([...rest.ids], [12, 10, -1]);
      assert.deepEqual(rest.payload, [{ row: 12 }, { v: 1.5, row: 10 }]);
      const whole = await search({ filter: { field: 'row', in: [11, 11.5, 12] } });
      assert.deepEqual([...whole.ids], [12, 11, -1]);
      const second = await connect({ transport });
      await second.vectors?.open(structuredClone(vectors.handle()));
      assert.equal(await second.vectors?.count(), 3);
      await second.vectors?.drop();
      await second.close();
      await vectors.drop();
      await store.close();
      assert.ok((await names()).includes(decoy));
    }
  });
}

test('ids that are not those of bench are told, with what names them', { skip }, async () => {
  await makeDecoy('one');
  const store = await connect({ transport: 'raw' });
  const vectors = store.vectors as VectorOperations;
  const existing = { collection: decoy, dimensions: 2, metric: 'l2', family: 'hnsw' } as const;
  await vectors.attach?.({
    ...existing,
    payload: [{ name: 'words', type: 'text', indexed: true }],
  });
  const request = { vector: Float32Array.of(4, 0), k: 3, params: {} };
  await assert.rejects(vectors.search(vectors.prepareSearch(request)), {
    code: 'STORE_FAILED',
    hint: /idField/,
  });
  const { warnings } = await store.describe();
  assert.match(warnings.join(), /words is cut into words/);
  await store.close();
});

test('a change of ef takes effect at once, for all: it is a build parameter', {
  skip,
}, async () => {
  const store = await connect({ transport: 'raw' });
  try {
    const scene = await images();
    const params = { M: 4, efConstruction: 8, efSearch: 10 };
    const vectors = await fill(store, scene, { family: 'hnsw', params });
    const narrow = await recall(vectors, scene);
    const { text } = await call('GET', `/schema/${made}`);
    const changed = text.replace('"ef":10,', '"ef":500,');
    assert.notEqual(changed, text);
    assert.equal((await call('PUT', `/schema/${made}`, JSON.parse(changed))).status, 200);
    const wide = await recall(vectors, scene);
    assert.ok(wide > narrow, `${wide} with ef 500, ${narrow} with ef 10`);
    assert.equal((await store.describe()).settings.ef, 500);
  } finally {
    await store.vectors?.drop();
    await store.close();
  }
});

test('codes take the place of the vectors, in every family that has them', { skip }, async () => {
  const store = await connect({ transport: 'raw' });
  try {
    const scene = await films();
    // Of two neighbours in a hundred and more dimensions codes tell less than vectors.
    for (const [family, params, phase] of [
      ['flat-bin', { rescoreLimit: 10 }, undefined],
      ['flat-rq', { rescoreLimit: 10, bits: 1 }, undefined],
      ['hnsw-bin', { efSearch: 10 }, undefined],
      ['hnsw-rq', { efSearch: 10, rescoreLimit: 0, bits: 1 }, undefined],
      ['hnsw-pq', { efSearch: 10, m: 8, centroids: 16 }, 'train'],
      ['hnsw-sq', { efSearch: 500, rescoreLimit: 0 }, 'train'],
    ] as const) {
      const vectors = store.vectors as VectorOperations;
      await vectors.create(specOf(scene, { family, params }));
      await fill(store, scene, { family, params });
      const phases = await vectors.finish();
      assert.deepEqual(phases, [], 'a second time there is nothing left to do');
      const { text } = await call('GET', `/nodes/${made}?output=verbose`);
      assert.match(text, /"compressed":true/, family);
      const got = await recall(vectors, scene);
      assert.ok(got < 1 && got > 0.2, `${family}: recall ${got}`);
      assert.equal('codes' in (await store.describe()).settings, phase !== undefined);
    }
  } finally {
    await store.vectors?.drop();
    await store.close();
  }
});

test('a collection is spread as the target says', { skip }, async () => {
  const store = await connect({ transport: 'client', shards: 3, consistencyLevel: 'ONE' });
  try {
    const scene = await images();
    const vectors = await fill(store, scene);
    assert.equal(await recall(vectors, scene), 1);
    const { settings, client, version } = await store.describe();
    assert.equal(settings.shards, 3);
    assert.equal(settings.consistencyLevel, 'ONE');
    assert.equal(settings.vectorIndexType, 'flat');
    assert.equal(client?.name, 'weaviate-client');
    assert.match(version, /^\d+\.\d+\.\d+/);
    const wide = await connect({ replicationFactor: 3 });
    await assert.rejects(async () => wide.vectors?.create(specOf(scene)), {
      code: 'STORE_FAILED',
      message: /replica|nodes/,
    });
    await wide.close();
  } finally {
    await store.vectors?.drop();
    await store.close();
  }
});

test('what a stopped run left is listed and removed, and nothing else', { skip }, async () => {
  await makeDecoy();
  const store = await connect({ transport: 'raw' }, 'bench_left');
  await fill(store, await images());
  await store.close();
  const other = await connect({ transport: 'raw' }, 'bench_other');
  const left = (await other.leftovers?.()) ?? [];
  assert.ok(left.includes('Bench_left_scene') && !left.includes(decoy));
  await assert.rejects(async () => other.removeLeftover?.(decoy), { code: 'BAD_ARGUMENT' });
  await other.removeLeftover?.('Bench_left_scene');
  await other.removeLeftover?.('Bench_left_scene');
  const now = await names();
  assert.ok(!now.includes('Bench_left_scene') && now.includes(decoy));
  await other.close();
});

test('the server is tried out as a target says', { skip }, async () => {
  for (const transport of transports) {
    const probe = await adapter.probe?.({ transport });
    assert.equal(probe?.works, true, probe?.detail);
    assert.match(probe?.version ?? '', /^\d+\.\d+\.\d+/);
  }
});
