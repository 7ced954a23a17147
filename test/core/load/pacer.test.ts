import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, realClock } from '../../../core/clock.js';
import { Pacer } from '../../../core/load/pacer.js';
import { ms } from './scene.js';

/** A clock of which each turn takes as long as it is told, and which keeps what it was asked. */
function scripted(turnsNs: readonly number[] = [], oversleepNs = 0) {
  let nowNs = 0;
  const asked: string[] = [];
  const left = [...turnsNs];
  const clock: Clock = {
    now: () => nowNs,
    sleepUntil: async (untilNs) => {
      asked.push(`sleep until ${untilNs / ms} ms`);
      nowNs = untilNs + oversleepNs;
    },
    yield: async () => {
      asked.push('yield');
      nowNs += left.shift() ?? 10_000;
    },
  };
  return { clock, asked };
}

test('a sleeping pacer takes one timer, and no more, however late it wakes', async () => {
  const { clock, asked } = scripted([], 3 * ms);
  const pacer = new Pacer(clock, 'sleep');
  await pacer.wait(7 * ms);
  assert.deepEqual(asked, ['sleep until 7 ms']);
  assert.equal(clock.now(), 10 * ms);
  assert.equal(pacer.spareNs, 0);
});

test('a wait lasts 50 ms at most, so that the end of a window is seen', async () => {
  for (const kind of ['sleep', 'spin'] as const) {
    const { clock } = scripted();
    const pacer = new Pacer(clock, kind);
    await pacer.wait(49 * ms);
    assert.equal(clock.now(), 49 * ms, kind);
    await pacer.wait(1000 * ms);
    assert.equal(clock.now(), 99 * ms, kind);
  }
});

test('what is due or overdue costs one turn of the loop, so that answers are taken', async () => {
  for (const kind of ['sleep', 'spin'] as const) {
    const { clock, asked } = scripted();
    const pacer = new Pacer(clock, kind);
    await pacer.wait(0);
    await pacer.wait(5_000);
    assert.deepEqual(asked, ['yield', 'yield'], kind);
  }
});

test('a spinning pacer takes no timer and wakes in the turn in which the time comes', async () => {
  // Turns end at 10, 20, 30, ... us.
  const { clock, asked } = scripted();
  await new Pacer(clock, 'spin').wait(95_000);
  assert.equal(clock.now(), 100_000);
  assert.deepEqual(asked, new Array(10).fill('yield'));
});

test('time to spare is that of the turns in which nothing else was done', async () => {
  // Turns of 20 us and more had something to do: 5 + 19 + 8 + 10 us are left.
  const { clock } = scripted([5_000, 20_000, 19_000, 400_000, 8_000, 10_000]);
  const pacer = new Pacer(clock, 'spin');
  await pacer.wait(461_000);
  assert.equal(clock.now(), 462_000);
  assert.equal(pacer.spareNs, 42_000);
  // Each wait adds to it; the time between waits is no one's.
  await pacer.wait(470_000);
  assert.equal(pacer.spareNs, 52_000);
});

test('on the real clock neither pacer wakes early', async () => {
  for (const kind of ['sleep', 'spin'] as const) {
    const untilNs = realClock.now() + 4 * ms;
    const pacer = new Pacer(realClock, kind);
    await pacer.wait(untilNs);
    assert.ok(realClock.now() >= untilNs, kind);
    assert.ok(pacer.spareNs <= realClock.now() - untilNs + 4 * ms, kind);
  }
});
