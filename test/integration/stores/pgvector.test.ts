import assert from 'node:assert/strict';
import adapter from '../../../adapters/pgvector.js';
import { type Filter, matchingRows } from '../../../core/filter.js';
import { payloadRow } from '../../../core/payload.js';
import { vectorOf } from '../../../core/vectors.js';
import { slowNearest } from '../../core/tables.js';
import {
  administrator,
  build,
  connect,
  type Films,
  fields,
  loadFilms,
  namespace,
  type Opened,
  rows,
  serverTest,
} from './pgvector-scene.js';

const k = 10;
const years: Filter = { field: 'year', atLeast: 1905, atMost: 1912 };
const drama: Filter = { field: 'genre', equals: 'Drama' };

const filters: Readonly<Record<string, Filter>> = {
  'a genre': drama,
  'a range of years': years,
  'both together': { and: [drama, years] },
  'some genres': { field: 'genre', in: ['Comedy', 'Western', 'none, "such\\'] },
  'a genre or few years': { or: [drama, { field: 'year', atMost: 1903 }] },
  'another genre, or none': { not: drama },
  'not both': { not: { and: [drama, { not: years }] } },
  'a bound that is a fraction': { field: 'castCount', atLeast: 2.5 },
  'a bound beyond all': { field: 'castCount', atMost: 1e30 },
  'a fraction': { field: 'share', equals: 12.625 },
  'some fractions': { field: 'share', in: [0.125, 1.25, 2.5] },
  'a truth value': { field: 'id', equals: false },
  'truth values': { field: 'id', in: [true, false] },
  'no truth value': { not: { field: 'id', in: [true, false] } },
  'years, some of which no year can be': { field: 'year', in: [1910, 1910.5] },
  'what none has': { field: 'title', equals: "'; drop table films; --" },
  'a title with quotes': { field: 'title', in: ['Clowns Spinning Hats', "{a,'b'}"] },
};

interface Question {
  readonly films: Films;
  readonly query: number;
  readonly filter?: Filter;
}

async function ask({ vectors }: Opened, { films, query, filter }: Question): Promise<number[]> {
  const request = { vector: vectorOf(films.queries, query), k, params: {} };
  const prepared = vectors.prepareSearch({ ...request, ...(filter && { filter }) });
  return [...(await vectors.search(prepared)).ids];
}

/** The nearest of the rows that meet a filter, by comparing all; -1 where there are fewer. */
function expected(films: Films, query: number, filter: Filter): number[] {
  const meets = matchingRows(filter, films.payload);
  const { base, queries } = films;
  const ranked = slowNearest({ metric: 'cosine', base }, vectorOf(queries, query), rows);
  const found = ranked.filter((row) => meets[row] === 1).slice(0, k);
  return [...found, ...new Array<number>(k - found.length).fill(-1)];
}

serverTest('every kind of filter is answered as comparing all rows does', async (context) => {
  const films = await loadFilms();
  const opened = await connect(context);
  await build(opened, films);
  for (const [what, filter] of Object.entries(filters)) {
    for (const query of [0, 1, 2]) {
      const found = await ask(opened, { films, query, filter });
      assert.deepEqual(found, expected(films, query, filter), what);
    }
  }
  assert.throws(
    () =>
      opened.vectors.prepareSearch({
        ...{ vector: vectorOf(films.queries, 0), k, params: {} },
        filter: { field: 'year" or true --', equals: 1 },
      }),
    { code: 'BAD_ARGUMENT' },
  );
  await opened.vectors.drop();
});

serverTest('the payload comes with the ids, without what a row does not have', async (context) => {
  const films = await loadFilms();
  const opened = await connect(context);
  await build(opened, films);
  const { vectors } = opened;
  const payload = fields.map(({ name }) => name);
  for (const params of [{}, { kFactor: 8 }]) {
    const request = { vector: vectorOf(films.queries, 3), k, params, payload, filter: years };
    const hits = await vectors.search(vectors.prepareSearch(request));
    assert.deepEqual([...hits.ids], expected(films, 3, years));
    const wanted = [...hits.ids].map((row) => payloadRow(films.payload, row));
    assert.deepEqual(hits.payload, wanted);
  }
  await vectors.drop();
});

for (const family of ['hnsw', 'hnsw-bin', 'ivf-flat']) {
  serverTest(`a scan of ${family} goes on until enough rows meet a filter`, async (context) => {
    const films = await loadFilms();
    const opened = await connect(context);
    const params = family === 'ivf-flat' ? { nlist: 40 } : { M: 16, efConstruction: 64 };
    // Without an index of the column the planner has no better way than the one that is tried.
    const payload = fields.map((field) => ({ ...field, indexed: false }));
    await build(opened, films, { family, params: { ...params, storage: 'halfvec' }, payload });
    const { warnings, settings } = await opened.store.describe();
    assert.deepEqual(warnings, [], 'the index is used');
    assert.match(String(settings.session), /enable_seqscan = off/);
    const filter: Filter = { field: 'genre', equals: 'Western' };
    const meets = matchingRows(filter, films.payload);
    const orders = family === 'ivf-flat' ? ['relaxed_order'] : ['strict_order', 'relaxed_order'];
    const found = async (iterativeScan: string): Promise<number[]> => {
      const own = { efSearch: 10, nprobe: 1, iterativeScan, kFactor: 1 };
      const request = { vector: vectorOf(films.queries, 5), k, params: own, filter };
      const { ids } = await opened.vectors.search(opened.vectors.prepareSearch(request));
      const came = [...ids].filter((id) => id >= 0);
      assert.ok(came.every((id) => meets[id] === 1));
      return came;
    };
    for (const order of orders) {
      assert.ok((await found('off')).length < k, 'few among the nearest are Westerns');
      assert.equal((await found(order)).length, k);
    }
    await opened.vectors.drop();
  });
}

serverTest('what lies beside the namespace survives', async (context) => {
  const films = await loadFilms();
  const admin = await administrator(context);
  const decoys = ['bench_t', 'bench_t_films2', 'bench_tt_films', 'benchXt_films'];
  const all = decoys.map((name) => `"${name}"`).join(', ');
  await admin.run(`drop table if exists ${all}`);
  for (const name of decoys) await admin.run(`create table "${name}" (a int)`);
  const opened = await connect(context);
  await build(opened, films);
  await build(opened, films);
  assert.equal(await opened.vectors.count(), rows, 'what the first left was replaced');
  const left = await opened.store.leftovers?.();
  assert.ok(left?.includes(`${namespace}_films`));
  assert.ok(!left?.includes('benchXt_films'));
  await opened.vectors.drop();
  await opened.vectors.drop();
  const tables = async (): Promise<number> => {
    const sql = `select relname from pg_class where relname = any($1::text[])`;
    return (await admin.run(sql, [`{${decoys.join(',')}}`])).length;
  };
  assert.equal(await tables(), decoys.length);
  await assert.rejects(async () => opened.store.removeLeftover?.('benchXt_films'), {
    code: 'BAD_ARGUMENT',
  });
  await opened.store.removeLeftover?.('bench_t_films2');
  assert.equal(await tables(), decoys.length - 1);
  await admin.run(`drop table if exists ${all}`);
});

serverTest('the table of somebody else is read and never written', async (context) => {
  const films = await loadFilms();
  const admin = await administrator(context);
  const maker = await connect(context);
  await build(maker, films, { family: 'hnsw', params: { M: 16, efConstruction: 200 } });
  const table = `"${namespace}_films"`;
  await admin.run(`alter table ${table} rename column v to "My vectors"`);
  await admin.run(`alter table ${table} rename column id_ to "Row"`);
  const existing = {
    ...{ collection: `public.${namespace}_films`, vectorField: 'My vectors', idField: 'Row' },
    ...{ dimensions: 384, metric: 'cosine' as const, family: 'hnsw', payload: fields },
  };
  const opened = await connect(context);
  const { vectors } = opened;
  await vectors.attach?.(existing);
  assert.equal(await vectors.count(), rows);
  assert.deepEqual((await opened.store.describe()).warnings, []);
  const found = await ask(opened, { films, query: 7 });
  const all = expected(films, 7, { not: { field: 'year', atMost: 0 } });
  assert.ok(found.filter((id) => all.includes(id)).length >= 8);
  const filtered = await ask(opened, { films, query: 7, filter: drama });
  assert.ok(filtered.some((id) => id >= 0));
  const other = await connect(context);
  await other.vectors.open(structuredClone(vectors.handle()));
  assert.deepEqual(await ask(other, { films, query: 7 }), found);
  const batch = { ids: Int32Array.of(1), vectors: vectorOf(films.base, 1) };
  await assert.rejects(async () => vectors.upsert(vectors.prepareUpsert(batch)), {
    code: 'READ_ONLY',
  });
  await vectors.drop();
  assert.equal((await admin.run(`select 1 from ${table}`)).length, rows);
  const wrong = async (part: object): Promise<void> =>
    (await connect(context)).vectors.attach?.({
      ...existing,
      ...part,
    });
  await assert.rejects(wrong({ collection: 'nobody' }), { code: 'BAD_TARGET' });
  await assert.rejects(wrong({ vectorField: 'v' }), { code: 'BAD_TARGET' });
  await assert.rejects(wrong({ idField: 'title' }), { code: 'BAD_TARGET', message: /not row num/ });
  await assert.rejects(wrong({ dimensions: 3 }), { code: 'BAD_TARGET', message: /has 384 dim/ });
  await admin.run(`drop table ${table}`);
});

serverTest('what the server refuses is told, and it goes on', async (context) => {
  const films = await loadFilms();
  const opened = await connect(context);
  const { vectors } = opened;
  await build(opened, films);
  const short = { vector: Float32Array.of(1, 2), k, params: {} };
  await assert.rejects(vectors.search(vectors.prepareSearch(short)), {
    code: 'STORE_FAILED',
    message: /different vector dimensions 384 and 2/,
  });
  assert.ok((await ask(opened, { films, query: 0 })).every((id) => id >= 0));
  const wide = { name: 'wide', rows: 1, dimensions: 2001, family: 'hnsw', metric: 'l2' } as const;
  const rest = { elements: 'f32', buildThreads: 1, searchThreads: 1, seed: 1 } as const;
  await vectors.drop();
  await vectors.create({ ...wide, ...rest, params: { M: 4, efConstruction: 8 } });
  await assert.rejects(vectors.finish(), { message: /cannot have more than 2000 dimensions/ });
  await vectors.drop();
});

serverTest('a server that ends the connections is no longer asked', async (context) => {
  const films = await loadFilms();
  const admin = await administrator(context);
  const opened = await connect(context, { connections: 2 });
  await build(opened, films);
  await admin.run(
    `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'bench' and pid <> pg_backend_pid()`,
  );
  for (let query = 0; query < 2; query++) {
    await assert.rejects(ask(opened, { films, query }), {
      code: /UNREACHABLE|STORE_FAILED|HOST_DIED/,
    });
  }
  await assert.rejects(ask(opened, { films, query: 3 }), { code: 'HOST_DIED' });
  await admin.run(`drop table "${namespace}_films"`);
});

serverTest('a statement that takes too long is ended by the server', async (context) => {
  const films = await loadFilms();
  const slow = await connect(context);
  await build(slow, films);
  const admin = await administrator(context);
  const opened = await connect(context, { timeoutNs: 200e6 });
  await opened.vectors.open(structuredClone(slow.vectors.handle()));
  await admin.run('begin');
  await admin.run(`lock table "${namespace}_films" in access exclusive mode`);
  await assert.rejects(ask(opened, { films, query: 0 }), { code: 'TIMEOUT' });
  await admin.run('rollback');
  assert.ok((await ask(opened, { films, query: 0 })).every((id) => id >= 0));
  await slow.vectors.drop();
});

serverTest('the server is found, and what it is set to is described', async (context) => {
  const probe = await adapter.probe?.();
  assert.equal(probe?.works, true);
  assert.match(probe?.detail ?? '', /^with pgvector \d+\.\d+/);
  const { store } = await connect(context);
  const { settings, version, client } = await store.describe();
  assert.equal(version, probe?.version);
  assert.equal(client?.name, 'pg');
  for (const name of ['shared_buffers', 'work_mem', 'synchronous_commit', 'fsync', 'jit']) {
    assert.equal(typeof settings[name], 'string', name);
  }
});
