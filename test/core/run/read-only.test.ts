import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store, VectorOperations } from '../../../core/adapter.js';
import { readOnly } from '../../../core/run/read-only.js';

/** Operations that note what reaches them. */
class Noting implements VectorOperations {
  readonly called: string[] = [];

  async create(): Promise<void> {
    this.called.push('create');
  }

  async train(): Promise<void> {
    this.called.push('train');
  }

  async attach(): Promise<void> {
    this.called.push('attach');
  }

  prepareUpsert(): void {
    this.called.push('prepareUpsert');
  }

  async upsert(): Promise<void> {
    this.called.push('upsert');
  }

  async finish(): Promise<[]> {
    this.called.push('finish');
    return [];
  }

  async count(): Promise<number> {
    return this.called.length;
  }

  handle(): unknown {
    return this.called;
  }

  async open(): Promise<void> {
    this.called.push('open');
  }

  prepareSearch(): number {
    return this.called.length;
  }

  async search(): Promise<{ ids: Int32Array }> {
    this.called.push('search');
    return { ids: Int32Array.of(1) };
  }

  async remove(): Promise<void> {
    this.called.push('remove');
  }

  async drop(): Promise<void> {
    this.called.push('drop');
  }
}

test('what is attached can be read, and no write of any kind reaches it', async () => {
  const own = new Noting();
  let removed = 0;
  const store: Store = {
    vectors: own,
    describe: async () => ({ version: '1', settings: {}, warnings: [], pids: [] }),
    leftovers: async () => ['bench_x'],
    removeLeftover: async () => {
      removed += 1;
    },
    close: async () => undefined,
  };
  const guarded = readOnly(store, 'mine');
  const { vectors } = guarded;
  assert.ok(vectors !== undefined);
  const refusal = { code: 'READ_ONLY', message: /^mine is attached, and only read: no / };
  const batch = { ids: Int32Array.of(0), vectors: Float32Array.of(0) };
  assert.throws(() => vectors.prepareUpsert(batch), refusal);
  const spec = {} as Parameters<VectorOperations['create']>[0];
  for (const write of [
    () => vectors.create(spec),
    () => vectors.upsert(undefined),
    () => vectors.finish(),
    () => vectors.drop(),
  ]) {
    await assert.rejects(write, refusal);
  }
  assert.deepEqual([vectors.train, vectors.remove], [undefined, undefined]);
  assert.deepEqual([guarded.leftovers, guarded.removeLeftover], [undefined, undefined]);
  assert.deepEqual(own.called, []);
  await vectors.attach?.({} as Parameters<NonNullable<VectorOperations['attach']>>[0]);
  await vectors.open(vectors.handle());
  await vectors.search(vectors.prepareSearch({ vector: Float32Array.of(0), k: 1, params: {} }));
  assert.deepEqual(own.called, ['attach', 'open', 'search']);
  assert.equal(await vectors.count(), 3);
  assert.equal(removed, 0);
});
