import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { nowNs, realClock, timestamp } from '../../core/clock.js';

/** Asks a worker thread for its time. */
const source = `
  import { parentPort, workerData } from 'node:worker_threads';
  const { nowNs } = await import(workerData);
  parentPort.on('message', () => parentPort.postMessage(nowNs()));
  parentPort.postMessage('ready');
`;

test('threads read the same time', async () => {
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const workerData = new URL('../../core/clock.js', import.meta.url).href;
  const worker = new Worker(url, { workerData });
  const next = (): Promise<unknown> => new Promise((resolve) => worker.once('message', resolve));
  await next();
  // The other thread reads between the two readings here; of several tries the tightest counts.
  let tightest = { widthNs: Number.POSITIVE_INFINITY, early: 0, late: 0 };
  for (let round = 0; round < 20; round++) {
    const before = nowNs();
    const answer = next();
    worker.postMessage('');
    const there = (await answer) as number;
    const after = nowNs();
    const widthNs = after - before;
    if (widthNs < tightest.widthNs) {
      tightest = { widthNs, early: before - there, late: there - after };
    }
  }
  await worker.terminate();
  assert.ok(tightest.early <= 0, `the other thread is early by ${tightest.early} ns`);
  assert.ok(tightest.late <= 0, `the other thread is late by ${tightest.late} ns`);
});

test('time is whole nanoseconds and runs at the speed of the system clock', async () => {
  const began = process.hrtime.bigint();
  const first = nowNs();
  await realClock.sleepUntil(first + 30e6);
  const last = nowNs();
  const passedNs = Number(process.hrtime.bigint() - began);
  assert.ok(Number.isSafeInteger(first));
  assert.ok(last - first >= 30e6, `slept ${last - first} ns`);
  assert.ok(Math.abs(last - first - passedNs) < 5e6);
});

test('sleeping until a time that is over ends at once', async () => {
  const before = nowNs();
  await realClock.sleepUntil(before - 1e9);
  assert.ok(nowNs() - before < 100e6);
});

test('yielding lets timers and messages have their turn', async () => {
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  await realClock.yield();
  assert.ok(turned);
});

test('the time for records is ISO 8601', () => {
  assert.match(timestamp(), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});
