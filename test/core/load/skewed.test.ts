import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answeredQueries, ms, play, playOpen } from './scene.js';

const order = [2, 0, 2, 1];

test('a closed load takes queries in the order that was decided, over and over', async () => {
  const { report } = await play({ delayMs: () => 1, bodies: 3, order, durationMs: 10 });
  assert.deepEqual(answeredQueries(report, 1), [2, 0, 2, 1, 2, 0, 2, 1, 2]);
});

test('an open load takes queries in the order that was decided, over and over', async () => {
  const scene = { perS: 1000, delayMs: () => 0.5, bodies: 3, order, durationMs: 10 };
  const { report } = await playOpen(scene);
  assert.deepEqual(answeredQueries(report, 1), [2, 0, 2, 1, 2, 0, 2, 1, 2, 0]);
});

test('a window does not wait for queries that a decided order brings late or never', async () => {
  const late = [...new Array<number>(500).fill(0), 1];
  const scene = { delayMs: () => 1, bodies: 3, order: late, durationMs: 10, maxMs: 1000 };
  const closed = await play(scene);
  assert.equal(closed.report.windowNs, 10 * ms);
  const open = await playOpen({ ...scene, perS: 1000 });
  assert.equal(open.report.windowNs, 10 * ms);
  // In turn the same load goes on until the 60th query was answered.
  const even = await play({ delayMs: () => 1, bodies: 60, durationMs: 10, maxMs: 1000 });
  assert.ok(even.report.windowNs >= 60 * ms);
});
