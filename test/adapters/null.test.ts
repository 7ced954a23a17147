import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import adapter from '../../adapters/null.js';
import { nowNs } from '../../core/clock.js';
import { createServiceLog, readServiceLog } from '../../core/selftest/service-log.js';
import {
  expectedRecalls,
  judgedRecall,
  openNull,
  outcomesOf,
  requestOf,
  rows,
  searchOnce,
} from './null-scene.js';

for (const { answers, k, recall, answered } of expectedRecalls) {
  test(`answers ${answers} are judged to a recall of ${recall} at k = ${k}`, async () => {
    const { vectors } = await openNull(adapter, { answers });
    const judged = await judgedRecall(vectors, k);
    assert.equal(judged.mean, recall);
    assert.equal(judged.byId, recall);
    assert.equal(judged.answered, answered);
  });
}

test('the wrong half of an answer are rows that exist, each of them once', async () => {
  const { vectors } = await openNull(adapter, { answers: 'half' });
  const ids = await searchOnce(vectors);
  assert.equal(new Set(ids).size, 10);
  assert.ok(ids.every((id) => id >= 0 && id < rows));
  // On a line, seen from 100.1: the truth is 100, 101, 99, 102, 98, ... 149, 51, 150.
  assert.deepEqual(ids, [100, 101, 99, 102, 98, 150, 51, 149, 52, 148]);
});

test('a vector that is not of the query file has no answer, of whatever kind', async () => {
  for (const answers of ['true', 'repeated', 'wrong']) {
    const { vectors } = await openNull(adapter, { answers });
    const { row: _, ...request } = requestOf(0, 3);
    assert.deepEqual([...(await vectors.search(vectors.prepareSearch(request))).ids], [-1, -1, -1]);
  }
});

test('the answer is made ahead of the clock', async () => {
  const { vectors } = await openNull(adapter, {});
  const prepared = vectors.prepareSearch(requestOf(0));
  assert.equal(await vectors.search(prepared), await vectors.search(prepared));
});

test('every fourth request fails where a quarter should', async () => {
  const { vectors } = await openNull(adapter, { errorFraction: 0.25 });
  const four = ['ok', 'ok', 'ok', 'NULL_FAILURE'];
  assert.deepEqual(await outcomesOf(vectors, 10), [...four, ...four, 'ok', 'ok']);
});

test('every request is in the log, inside the time that its caller saw', async () => {
  const log = createServiceLog(8);
  const options = { law: 'constant', medianMs: 3, errorFraction: 0.5, log };
  const { store, vectors } = await openNull(adapter, options);
  const sentNs = nowNs();
  await outcomesOf(vectors, 4);
  const doneNs = nowNs();
  const { entries, lost } = readServiceLog(log);
  assert.deepEqual(
    entries.map(({ ok, thread }) => [ok, thread]),
    [
      [true, 0],
      [false, 0],
      [true, 0],
      [false, 0],
    ],
  );
  assert.equal(lost, 0);
  let beforeNs = sentNs;
  for (const { arrivedNs, beganNs, endedNs } of entries) {
    assert.ok(beforeNs <= arrivedNs && arrivedNs <= beganNs);
    assert.ok(endedNs - beganNs >= 3e6, 'never too early');
    beforeNs = endedNs;
  }
  assert.ok(beforeNs <= doneNs);
  assert.equal(await store.serviceLog?.(), log);
});

test('what ends at once is logged too, and what the log cannot take is counted', async () => {
  const log = createServiceLog(3);
  const { vectors } = await openNull(adapter, { log });
  await outcomesOf(vectors, 5);
  const { entries, lost } = readServiceLog(log);
  assert.equal(entries.length, 3);
  assert.equal(lost, 2);
  for (const { arrivedNs, beganNs, endedNs, ok } of entries) {
    assert.ok(ok && arrivedNs === beganNs && beganNs <= endedNs);
  }
});

test('threads share a log, in which the requests of each are in the order of sending', async () => {
  const log = createServiceLog(100);
  const program = `
    const { workerData } = require('node:worker_threads');
    (async () => {
      const { default: adapter } = await import(workerData.url);
      const store = await adapter.connect(workerData.options, { namespace: 'n', connections: 1 });
      const body = store.vectors.prepareSearch({ vector: new Float32Array(1), k: 1, params: {} });
      for (let request = 0; request < 20; request++) await store.vectors.search(body);
    })();`;
  const url = new URL('../../adapters/null.js', import.meta.url).href;
  const workers = [1, 2].map(
    () => new Worker(program, { eval: true, workerData: { url, options: { log } } }),
  );
  const threads = workers.map(({ threadId }) => threadId);
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  const { entries } = readServiceLog(log);
  for (const thread of threads) {
    const own = entries.filter((entry) => entry.thread === thread).map((entry) => entry.arrivedNs);
    assert.equal(own.length, 20);
    assert.deepEqual(
      own,
      [...own].sort((a, b) => a - b),
    );
  }
});

test('its settings are single values, without the log', async () => {
  const stalls = [{ atMs: 5, forMs: 1 }];
  const { store } = await openNull(adapter, { stalls, log: createServiceLog(1) });
  const { settings } = await store.describe();
  assert.ok(!('log' in settings));
  for (const value of Object.values(settings)) {
    assert.ok(['string', 'number', 'boolean'].includes(typeof value));
  }
});
