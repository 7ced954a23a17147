import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell } from '../../../core/result.js';
import { faultProxy } from '../../adapters/fault-proxy.js';
import { emptyFolder } from '../../core/folders.js';
import { qdrantDouble } from '../../doubles/qdrant/server.js';
import { faultTest, type OwnStore } from './own-servers.js';
import { ownStore } from './own-stores.js';
import { cellsOf, runFaults, untilJournal } from './scene.js';

/** A store behind a proxy. */
interface Behind {
  readonly adapter: string;
  readonly port: number;
  optionsAt(port: number): object;
  /** What a web page in place of an answer is counted as. */
  readonly page: RegExp;
}

/** Cuts an answer in the middle, delays others, then answers pages: a cell each. */
async function hurtAnswers(context: TestContext, behind: Behind): Promise<void> {
  const { adapter, port, optionsAt, page } = behind;
  const proxy = await faultProxy(context, port);
  const folder = await emptyFolder(context);
  const mine = { adapter, options: optionsAt(proxy.port) };
  const ended = runFaults({
    ...{ folder, targets: { mine }, rows: 300, repeats: 4, durationS: 0.6, timeoutS: 0.6 },
  });
  await untilJournal(folder, 'cell', 1);
  await sleep(150);
  proxy.hurt({ kind: 'cut', bytes: 5, once: true });
  await untilJournal(folder, 'cell', 2);
  await sleep(150);
  proxy.hurt({ kind: 'late', ms: 1200 });
  await sleep(200);
  proxy.hurt();
  await untilJournal(folder, 'cell', 3);
  await sleep(150);
  proxy.hurt({ kind: 'html', status: 200 });
  const { run, tookS } = await ended;
  assert.ok(tookS < 20, `${tookS} s`);
  const [whole, cut, late, paged] = cellsOf(run, 'mine');
  assert.deepEqual([whole?.status, errorsIn(whole)], ['complete', {}]);
  for (const [cell, error] of [
    [cut, 'UNREACHABLE'],
    [late, 'TIMEOUT'],
  ] as const) {
    assert.equal(cell?.status, 'complete', JSON.stringify(cell?.failure));
    assert.deepEqual(Object.keys(errorsIn(cell)), [error]);
    assert.ok(cell?.warnings.some((warning) => warning.code === 'ERRORS'));
  }
  assert.equal(errorsIn(cut).UNREACHABLE, 1);
  assert.match(Object.keys(errorsIn(paged)).join(), page);
}

function errorsIn(cell: Cell | undefined): Readonly<Record<string, number>> {
  return cell?.streams[0]?.operations.search?.errors ?? {};
}

const pages: Readonly<Record<OwnStore, RegExp>> = {
  redis: /STORE_FAILED|HOST_DIED/,
  // A page begins as an answer would that never ends.
  pgvector: /UNREACHABLE|HOST_DIED/,
  chroma: /STORE_FAILED/,
};

for (const store of ['redis', 'pgvector', 'chroma'] as const) {
  faultTest(store, 'answers that a proxy cuts, delays or makes up are told apart', async (t) => {
    const own = await ownStore(t, store);
    const optionsAt = (port: number) => ({ url: own.urlAt(port) });
    await hurtAnswers(t, { adapter: store, port: own.server.port, optionsAt, page: pages[store] });
  });
}

test('qdrant: answers that a proxy cuts, delays or makes up are told apart', async (context) => {
  const { url } = await qdrantDouble(context);
  await hurtAnswers(context, {
    adapter: 'qdrant',
    port: Number(new URL(url).port),
    optionsAt: (port) => ({ url: `http://127.0.0.1:${port}`, transport: 'raw' }),
    page: /STORE_FAILED/,
  });
});
