import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type {
  Adapter,
  CollectionSpec,
  Parameters,
  SearchRequest,
  Store,
  VectorOperations,
} from '../../core/adapter.js';
import { float32Rows, vectorOf } from '../../core/vectors.js';
import { whyLeftOut } from '../contract/left-out.js';
import { emptyFolder } from '../core/folders.js';
import { randomTable } from '../core/tables.js';

export const rows = 600;
export const dimensions = 16;
export const k = 10;
export const base = randomTable(rows, dimensions, 21);
export const queries = randomTable(20, dimensions, 22);

const spec: CollectionSpec = {
  name: 'a',
  rows,
  dimensions,
  metric: 'l2',
  elements: 'f32',
  family: 'flat',
  params: {},
  buildThreads: 1,
  searchThreads: 1,
  seed: 1,
};

/** A store with its operations on vectors. */
export interface Opened {
  readonly store: Store;
  readonly vectors: VectorOperations;
}

type Body = (context: TestContext) => Promise<void>;

/** Makes the tests of an engine: where it is not asked for they say so, and do nothing. */
export async function testsOf(
  name: string,
  adapter: Adapter,
): Promise<(title: string, body: Body) => void> {
  const why = await whyLeftOut(name, adapter);
  return (title, body) => {
    test(title, async (context) => {
      if (why === undefined) await body(context);
      else context.diagnostic(`not tested: ${name}: ${why}`);
    });
  };
}

/** Opens a store without a collection; closed after the test. */
export async function connect(adapter: Adapter, test: TestContext): Promise<Opened> {
  const { signal } = new AbortController();
  const context = { namespace: 'bench_t', connections: 2, timeoutNs: 20e9, signal, log: () => {} };
  const store = await adapter.connect({}, context);
  test.after(() => store.close());
  assert.ok(store.vectors !== undefined);
  return { store, vectors: store.vectors };
}

/** A finished collection of the base rows, under their row numbers, with what is asked for. */
export async function build(
  adapter: Adapter,
  test: TestContext,
  part: Partial<CollectionSpec>,
): Promise<Opened> {
  const opened = await connect(adapter, test);
  const { vectors } = opened;
  await vectors.create({ ...spec, ...part });
  for (let from = 0; from < rows; from += 250) {
    const count = Math.min(250, rows - from);
    const ids = Int32Array.from({ length: count }, (_, row) => from + row);
    const batch = { ids, vectors: float32Rows(base, { from, count }) };
    await vectors.upsert(vectors.prepareUpsert(batch));
  }
  return opened;
}

/** The ids of the k nearest to a query of the file. */
export async function ask(opened: Opened, query: number, params: Parameters): Promise<number[]> {
  return search(opened, { vector: vectorOf(queries, query), k, params });
}

/** The ids that come for a request. */
export async function search({ vectors }: Opened, request: SearchRequest): Promise<number[]> {
  return [...(await vectors.search(vectors.prepareSearch(request))).ids];
}

/** Checks what a person is told where a Python module of an engine cannot be imported. */
export async function checkMissing(
  name: string,
  adapter: Adapter,
  context: TestContext,
): Promise<void> {
  const module = name.replaceAll('-', '_');
  const folder = await emptyFolder(context);
  mkdirSync(join(folder, module));
  const error = `raise ModuleNotFoundError("No module named '${module}'", name="${module}")\n`;
  writeFileSync(join(folder, module, '__init__.py'), error);
  const before = process.env.PYTHONPATH;
  process.env.PYTHONPATH = folder;
  try {
    const probe = await adapter.probe?.();
    assert.deepEqual([probe?.works, probe?.code], [false, 'NO_PACKAGE']);
    assert.match(probe?.detail ?? '', new RegExp(`${name}: .* cannot load ${module}: No module`));
    assert.match(probe?.hint ?? '', new RegExp(`bench doctor --install ${name}`));
  } finally {
    if (before === undefined) delete process.env.PYTHONPATH;
    else process.env.PYTHONPATH = before;
  }
}
