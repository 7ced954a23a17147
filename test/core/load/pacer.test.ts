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
    yield: async () => assert.fail('a turn is enough'),
    turn: (then) => {
      asked.push('turn');
      nowNs += left.shift() ?? 10_000;
      queueMicrotask(then);
    },
    spinUntil: (untilNs) => {
      nowNs = Math.max(nowNs, untilNs);
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
    assert.deepEqual(asked, ['turn', 'turn'], kind);
  }
});

test('a spinning pacer takes no timer and wakes on time but for its turns', async () => {
  // Turns of 10 us, and 10 us between them: it looks at the clock from 10 to 20, 30 to 40 us, ...
  const looking = scripted();
  await new Pacer(looking.clock, 'spin').wait(95_000);
  assert.equal(looking.clock.now(), 95_000);
  assert.deepEqual(looking.asked, new Array(5).fill('turn'));
  const turning = scripted();
  await new Pacer(turning.clock, 'spin').wait(105_000);
  assert.equal(turning.clock.now(), 110_000);
});

test('time to spare is that between turns, and of turns in which nothing was done', async () => {
  // Turns of 20 us and more had something to do: 5 + 19 us are left, and 10 us after each turn.
  const { clock } = scripted([5_000, 20_000, 19_000, 400_000]);
  const pacer = new Pacer(clock, 'spin');
  await pacer.wait(484_000);
  assert.equal(clock.now(), 484_000);
  assert.equal(pacer.spareNs, 64_000);
  // Each wait adds to it; the time between waits is no one's.
  clock.spinUntil(500_000);
  await pacer.wait(515_000);
  assert.equal(clock.now(), 515_000);
  assert.equal(pacer.spareNs, 79_000);
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
