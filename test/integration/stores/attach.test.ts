import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Session } from '../../../adapters/pgvector/session.js';
import redis from '../../../adapters/redis.js';
import type { Run } from '../../../core/result.js';
import { float32Rows } from '../../../core/vectors.js';
import siftsmall from '../../../datasets/siftsmall.js';
import wikiMovies from '../../../datasets/wiki-movies.js';
import { callBench } from '../../cli/bench-call.js';
import { withFolder } from '../../cli/bench-process.js';
import { isAskedFor } from '../../contract/left-out.js';
import { administrator } from './pgvector-scene.js';

/** What a run on a collection of a person's own writes. */
async function runOn(targets: object, suite: string, more: readonly string[] = []): Promise<Run> {
  return withFolder(async (folder) => {
    writeFileSync(join(folder, 'targets.json'), JSON.stringify({ targets: { mine: targets } }));
    const args = ['run', '--suite', suite, '--targets', 'targets.json', '--target', 'mine'];
    const short = ['measure.durationS=0.3', 'measure.warmUpS=0.1', 'measure.repeats=1'];
    const set = short.flatMap((one) => ['--set', one]);
    const { code, stderr } = await callBench([...args, ...set, ...more, '--out', 'run'], {
      folder,
    });
    assert.equal(code, 0, stderr);
    return JSON.parse(readFileSync(join(folder, 'run', 'run.json'), 'utf8')) as Run;
  });
}

function checkAttached({ builds, cells, summaries }: Run, collection: string): void {
  assert.ok(cells.length > 0);
  for (const build of builds) {
    assert.equal(build.attached, collection);
    assert.equal(build.buildS, undefined, 'of how it was built nothing is known');
    assert.deepEqual(build.phases, []);
  }
  for (const { metrics } of summaries) {
    assert.equal(metrics.failed?.median, 0);
    assert.ok((metrics.recall?.median ?? 0) > 0.5);
  }
}

test("a person's own table is searched, filtered, and left as it is", async (context) => {
  if (!isAskedFor('pgvector')) return context.diagnostic('not tested: pgvector');
  const admin = await administrator(context);
  await admin.run('create extension if not exists vector');
  await admin.run('drop table if exists films_of_mine');
  await admin.run('create table films_of_mine (film int primary key, genre text, emb vector(384))');
  try {
    await searchFilms(admin);
  } finally {
    await admin.run('drop table films_of_mine');
  }
});

async function searchFilms(admin: Session): Promise<void> {
  const { base, payload = {} } = await wikiMovies.load('wiki-movies', { payload: true });
  const { genre } = payload;
  assert.ok(genre?.type === 'category');
  for (let from = 0; from < base.rows; from += 500) {
    const count = Math.min(500, base.rows - from);
    const films = Array.from({ length: count }, (_, row) => ({
      film: from + row,
      genre: genre.categories[genre.codes[from + row] as number] ?? null,
      emb: `[${float32Rows(base, { from: from + row, count: 1 }).join(',')}]`,
    }));
    await admin.run(
      `insert into films_of_mine select film, genre, emb::vector
         from json_to_recordset($1::json) as t(film int, genre text, emb text)`,
      [JSON.stringify(films)],
    );
  }
  await admin.run('create index on films_of_mine using hnsw (emb vector_cosine_ops)');
  const attach = {
    ...{ collection: 'films_of_mine', family: 'hnsw', vectorField: 'emb', idField: 'film' },
    payload: ['genre'],
  };
  const run = await runOn({ adapter: 'pgvector', attach }, 'filtered');
  checkAttached(run, 'films_of_mine');
  const streams = new Set(run.summaries.map(({ stream }) => stream));
  assert.deepEqual([...streams].sort(), ['search-all', 'search-genre']);
  const [{ count } = { count: '' }] = await admin.run<{ count: string }>(
    'select count(*) from films_of_mine',
  );
  assert.equal(Number(count), base.rows);
}

test("a person's own vector set is searched and left as it is", async (context) => {
  if (!isAskedFor('redis')) return context.diagnostic('not tested: redis');
  const { base } = await siftsmall.load('siftsmall');
  const connection = { connections: 2, timeoutNs: 20e9, signal: new AbortController().signal };
  const around = { ...connection, namespace: 'mine', log: () => undefined };
  const store = await redis.connect({}, around);
  const { vectors } = store;
  assert.ok(vectors !== undefined);
  const spec = { rows: base.rows, dimensions: 128, metric: 'cosine', elements: 'f32' } as const;
  const threads = { buildThreads: 1, searchThreads: 1, seed: 1 };
  await vectors.create({ ...spec, ...threads, name: 'sift', family: 'hnsw', params: { M: 16 } });
  try {
    const ids = Int32Array.from({ length: base.rows }, (_, row) => row);
    const all = float32Rows(base, { from: 0, count: base.rows });
    await vectors.upsert(vectors.prepareUpsert({ ids, vectors: all }));
    await vectors.finish();
    const { name } = vectors.handle() as { readonly name: string };
    const target = { adapter: 'redis', attach: { collection: name, family: 'hnsw' } };
    const more = ['--dataset', 'sphere:rows=10000,dimensions=128'];
    // Of other rows than the dataset's nothing is measured.
    await assert.rejects(runOn(target, 'hnsw', more), /VERIFY_FAILED|must/);
    assert.equal(await vectors.count(), base.rows);
  } finally {
    await vectors.drop();
    await store.close();
  }
});
