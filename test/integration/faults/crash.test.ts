import assert from 'node:assert/strict';
import { once } from 'node:events';
import { startBench } from '../../cli/bench-process.js';
import { emptyFolder } from '../../core/folders.js';
import { adapters, contextOf } from './life.js';
import { faultTest, type OwnStore } from './own-servers.js';
import { ownStore } from './own-stores.js';
import { argumentsOf } from './scene.js';

const stores: readonly OwnStore[] = ['redis', 'pgvector', 'chroma'];
const decoys = ['benchmark_of_somebody', 'mine_bench_1', 'benchXmine'];

for (const store of stores) {
  faultTest(store, 'what a killed bench left is found and removed, and nothing else', async (t) => {
    const own = await ownStore(t, store);
    for (const name of decoys) await own.makeDecoy(name);
    const folder = await emptyFolder(t);
    const mine = { adapter: store, options: { url: own.url } };
    const asked = { folder, targets: { mine }, rows: 10_000, dimensions: 128 };
    const { child } = startBench(argumentsOf(asked), { folder });
    await own.untilLoading();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const left = (await own.names()).filter((name) => !decoys.includes(name));
    assert.ok(left.length > 0 && left.every((name) => name.startsWith('bench_')), left.join());
    const opened = await adapters[store].connect({ url: own.url }, contextOf({ timeoutNs: 30e9 }));
    t.after(() => opened.close());
    assert.deepEqual([...((await opened.leftovers?.()) ?? [])].sort(), [...left].sort());
    for (const name of left) await opened.removeLeftover?.(name);
    assert.deepEqual([...(await own.names())].sort(), [...decoys].sort());
    assert.deepEqual(await opened.leftovers?.(), []);
  });
}
