import assert from 'node:assert/strict';
import { test } from 'node:test';
import adapter from '../../adapters/qdrant.js';
import type { Adapter, Metric } from '../../core/adapter.js';
import type { Trial } from '../contract/collection.js';
import { keepsItsPromises } from '../contract/promises.js';
import { qdrantDouble } from '../doubles/qdrant/server.js';

const isInstalled = (await adapter.probe?.({ url: 'http://127.0.0.1:9' }))?.code !== 'NO_PACKAGE';
const transports = isInstalled ? ['raw', 'client'] : ['raw'];

/** The adapter for a server at an address, whatever options it is given. */
function adapterAt(url: string, transport: string): Adapter {
  const options = { url, transport };
  return { ...adapter, connect: (_, context) => adapter.connect(options, context) };
}

function trialOf(at: Adapter, metric: Metric, family: string): Trial {
  const support = at.indexes?.find((one) => one.family === family);
  assert.ok(support !== undefined);
  return { adapter: at, adapterUrl: '', inProcess: false, support, metric };
}

for (const transport of transports) {
  test(`qdrant keeps its promises with a double, transport ${transport}`, async (context) => {
    const double = await qdrantDouble(context, { yellowLooks: 2 });
    const at = adapterAt(double.url, transport);
    for (const { family } of adapter.indexes ?? []) {
      for (const metric of family === 'hnsw' ? adapter.metrics : (['l2'] as const)) {
        await context.test(`${family} under ${metric}`, () =>
          keepsItsPromises(trialOf(at, metric, family)),
        );
      }
    }
    assert.deepEqual([...double.collections.keys()], []);
  });
}
