import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyFolder } from '../../core/folders.js';
import { faultTest, type OwnStore } from './own-servers.js';
import { ownStore } from './own-stores.js';
import { cellsOf, errorsOf, runFaults, runFaultsApart, untilJournal } from './scene.js';

const stores: readonly OwnStore[] = ['redis', 'pgvector', 'chroma'];

for (const store of stores) {
  faultTest(
    store,
    'requests that a stopped server leaves are time-outs, and it ends',
    async (t) => {
      const { server, url } = await ownStore(t, store);
      const folder = await emptyFolder(t);
      const ended = runFaultsApart({
        ...{ folder, targets: { mine: { adapter: store, options: { url } } } },
        ...{ rows: 300, repeats: 3, durationS: 0.5, timeoutS: 0.5 },
      });
      await untilJournal(folder, 'cell', 1);
      await sleep(100);
      server.signal('SIGSTOP');
      const { code, run, tookS } = await ended;
      assert.equal(code, 3);
      const [first, ...rest] = cellsOf(run, 'mine');
      assert.equal(first?.status, 'complete');
      const failures = rest.flatMap(({ failure }) => failure?.code ?? []);
      assert.ok(failures.length > 0);
      assert.ok(
        failures.every((one) => /^(TIMEOUT|UNREACHABLE)$/.test(one)),
        failures.join(),
      );
      // The signal comes in the middle of a cell, or between two.
      const { TIMEOUT = 0, ...others } = errorsOf(run, 'mine');
      assert.ok(TIMEOUT > 0 || rest.every(({ status }) => status === 'failed'));
      assert.deepEqual(others, {});
      assert.ok(tookS < 25, `${tookS} s`);
    },
  );

  faultTest(store, 'a server that is stopped while it is loaded is not waited for', async (t) => {
    const own = await ownStore(t, store);
    const folder = await emptyFolder(t);
    const ended = runFaults({
      ...{ folder, targets: { mine: { adapter: store, options: { url: own.url } } } },
      ...{ rows: 10_000, dimensions: 128 },
    });
    await own.untilLoading();
    own.server.signal('SIGSTOP');
    const { code, run, tookS } = await ended;
    assert.equal(code, 3);
    const [build] = run.builds;
    assert.deepEqual([build?.status, build?.failure?.code], ['failed', 'TIMEOUT']);
    assert.match(String(build?.failure?.hint), /busy with something else/);
    // A server that works for long is looked after every five seconds.
    assert.ok(tookS < 25, `${tookS} s`);
  });
}
