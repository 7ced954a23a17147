import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyFolder } from '../../core/folders.js';
import { faultTest, type OwnStore } from './own-servers.js';
import { ownStore } from './own-stores.js';
import { cellsOf, resume, runFaults, untilJournal } from './scene.js';

const stores: readonly OwnStore[] = ['redis', 'pgvector', 'chroma'];
const other = { adapter: 'null', inProcess: true };

for (const store of stores) {
  faultTest(
    store,
    'killed while it is searched, others go on, and resuming mends it',
    async (t) => {
      const { server, url } = await ownStore(t, store);
      const folder = await emptyFolder(t);
      const mine = { adapter: store, options: { url } };
      const ended = runFaults({
        ...{ folder, targets: { mine, other }, families: ['hnsw', 'flat'] },
        ...{ rows: 300, repeats: 2, durationS: 0.2 },
        options: ['--on-store-lost', 'continue'],
      });
      // One block: each cell once.
      await untilJournal(folder, 'cell', store === 'chroma' ? 2 : 3);
      await sleep(100);
      await server.kill();
      const { code, run } = await ended;
      assert.equal(code, 3);
      assert.equal(run.status, 'complete');
      assert.ok(cellsOf(run, 'other').every(({ status }) => status === 'complete'));
      const cells = cellsOf(run, 'mine');
      const done = cells.filter(({ status }) => status === 'complete');
      assert.ok(done.length > 0 && done.length < cells.length, `${done.length} of ${cells.length}`);
      for (const { status, failure } of cells) {
        if (status === 'complete') continue;
        assert.match(failure?.code ?? '', /^(HOST_DIED|UNREACHABLE)$/);
        assert.match(failure?.message ?? '', new RegExp(`^${store} at .*127\\.0\\.0\\.1`));
      }
      const journal = readFileSync(join(folder, 'out', 'journal.ndjson'), 'utf8');
      for (const { id } of done) assert.ok(journal.includes(`"id":"${id}"`), `${id} is kept`);
      await server.start();
      const again = await resume(folder);
      assert.deepEqual([again.code, again.run.status], [0, 'complete']);
      for (const { id } of done)
        assert.ok(
          again.run.cells.some((cell) => cell.id === id),
          id,
        );
      const whole = cellsOf(again.run, 'mine').filter(({ status }) => status === 'complete');
      assert.equal(whole.length, store === 'chroma' ? 2 : 4);
    },
  );

  faultTest(store, 'killed while it is loaded, the build fails with what to do', async (t) => {
    const own = await ownStore(t, store);
    const folder = await emptyFolder(t);
    const mine = { adapter: store, options: { url: own.url } };
    const ended = runFaults({
      ...{ folder, targets: { mine, other }, families: ['hnsw', 'flat'] },
      ...{ rows: 10_000, dimensions: 128 },
    });
    await own.untilLoading();
    await own.server.kill();
    const { code, run, tookS } = await ended;
    assert.equal(code, 3);
    const builds = run.builds.filter(({ target }) => target === 'mine');
    assert.ok(builds.every(({ status }) => status === 'failed'));
    for (const { failure } of builds) {
      assert.match(failure?.code ?? '', /^(HOST_DIED|UNREACHABLE)$/);
      assert.match(String(failure?.hint), /see its log|see the log|is the server up/);
    }
    assert.ok(cellsOf(run, 'other').every(({ status }) => status === 'complete'));
    assert.deepEqual(cellsOf(run, 'mine'), []);
    assert.ok(tookS < 30, `${tookS} s`);
  });
}

faultTest('redis', 'killed while it is searched, the run ends where it was told to', async (t) => {
  const { server, url } = await ownStore(t, 'redis');
  const folder = await emptyFolder(t);
  const mine = { adapter: 'redis', options: { url } };
  const ended = runFaults({
    ...{ folder, targets: { mine, other }, families: ['flat'] },
    ...{ rows: 300, repeats: 4, durationS: 0.4 },
    options: ['--on-store-lost', 'stop'],
  });
  await untilJournal(folder, 'cell', 2);
  await server.kill();
  const { code, run } = await ended;
  assert.equal(code, 3);
  assert.deepEqual([run.status, run.stopped?.code], ['partial', 'STORE_LOST']);
  assert.match(run.stopped?.message ?? '', /redis at .*(nobody answers|ended)/);
  assert.ok(run.cells.length < 8);
});
