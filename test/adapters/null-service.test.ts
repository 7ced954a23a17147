import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { delayNs, type Law } from '../../adapters/null/law.js';
import { type ServiceOptions, settingsOf } from '../../adapters/null/options.js';
import { Service } from '../../adapters/null/service.js';
import { seededRandom } from '../../core/random.js';
import {
  createServiceLog,
  readServiceLog,
  ServiceLogWriter,
} from '../../core/selftest/service-log.js';
import { nsPerMs } from '../../core/units.js';
import { VirtualClock } from '../core/load/virtual-clock.js';

const law: Law = { law: 'none', medianMs: 2, sigma: 0.5, slowMs: 40, slowFraction: 0.02 };

/** Delays in milliseconds, in ascending order. */
function delays(change: Partial<Law>, count = 100_000): number[] {
  const random = seededRandom(1);
  const drawn = Array.from({ length: count }, () => delayNs({ ...law, ...change }, random));
  return drawn.map((ns) => ns / nsPerMs).sort((a, b) => a - b);
}

const defaults: ServiceOptions = {
  ...law,
  seed: 1,
  stalls: [],
  answers: 'true',
  errorFraction: 0,
};

/** When requests that arrive at these times end, in virtual milliseconds, and the store's log. */
async function serve(options: Partial<ServiceOptions>, arrivalsMs: readonly number[], startMs = 0) {
  const clock = new VirtualClock();
  const log = createServiceLog(100);
  const service = new Service(
    { ...defaults, ...options },
    { clock, random: seededRandom(1), log: new ServiceLogWriter(log) },
  );
  const ends = arrivalsMs.map(async (atMs) => {
    await clock.sleepUntil((startMs + atMs) * nsPerMs);
    await service.serve();
    return clock.now() / nsPerMs - startMs;
  });
  return { endsMs: await clock.run(Promise.all(ends)), log: readServiceLog(log) };
}

test('under no law answers take no time, under a constant one its time', () => {
  assert.deepEqual(delays({}, 3), [0, 0, 0]);
  assert.deepEqual(delays({ law: 'constant' }, 3), [2, 2, 2]);
});

test('lognormal delays have the quantiles of the law', () => {
  const drawn = delays({ law: 'lognormal' });
  // Python: 2 * exp(0.5 * statistics.NormalDist().inv_cdf(p))
  const expected = [
    [0.1, 1.053_767],
    [0.5, 2],
    [0.9, 3.795_905],
    [0.99, 6.400_148],
  ] as const;
  for (const [share, value] of expected) {
    const got = drawn[Math.floor(share * drawn.length)] as number;
    assert.ok(Math.abs(got / value - 1) < 0.02, `${share}: ${got} ms, not ${value}`);
  }
});

test('bimodal delays are slow as often as asked for', () => {
  const drawn = delays({ law: 'bimodal' });
  const slow = drawn.filter((ms) => ms === 40).length;
  assert.equal(drawn.filter((ms) => ms === 2).length, drawn.length - slow);
  // Binomial: 2000 of 100,000 with a standard deviation of sqrt(100,000 x 0.02 x 0.98) = 44.
  assert.ok(Math.abs(slow - 2000) < 4 * 44, `${slow} slow ones`);
});

test('the same seed gives the same delays', () => {
  assert.deepEqual(delays({ law: 'lognormal' }, 50), delays({ law: 'lognormal' }, 50));
});

test('requests beyond the concurrency wait, first come first served', async () => {
  const options = { law: 'constant', medianMs: 5, concurrency: 2 } as const;
  const { endsMs, log } = await serve(options, [0, 0, 0, 0, 0, 0]);
  // Two at a time, 5 ms each.
  assert.deepEqual(endsMs, [5, 5, 10, 10, 15, 15]);
  const { entries } = log;
  assert.deepEqual(
    entries.map(({ arrivedNs }) => arrivedNs),
    [0, 0, 0, 0, 0, 0],
  );
  assert.deepEqual(
    entries.map(({ beganNs }) => beganNs),
    [0, 0, 5e6, 5e6, 10e6, 10e6],
  );
  assert.deepEqual(
    entries.map(({ endedNs }) => endedNs),
    [5e6, 5e6, 10e6, 10e6, 15e6, 15e6],
  );
});

test('a place that is left is taken by whoever waits, before anyone who comes later', async () => {
  const options = { law: 'constant', medianMs: 5, concurrency: 1 } as const;
  // The third comes at the moment at which the first ends and the second begins.
  assert.deepEqual((await serve(options, [0, 1, 5, 20])).endsMs, [5, 10, 15, 25]);
});

test('without a limit nobody waits', async () => {
  const { endsMs } = await serve({ law: 'constant', medianMs: 5 }, [0, 0, 1, 2]);
  assert.deepEqual(endsMs, [5, 5, 6, 7]);
});

test('what is in service during a stall ends at its end, or later', async () => {
  const stalls = [{ atMs: 10, forMs: 20 }];
  const options = { law: 'constant', medianMs: 4, stalls } as const;
  // By hand, the stall being [10, 30): 0 and 5 end before it; 7 would end in it, at 11; 12 arrives
  // in it; 28 ends after it anyway; 30 arrives after it.
  const { endsMs } = await serve(options, [0, 5, 7, 12, 28, 30]);
  assert.deepEqual(endsMs, [4, 9, 30, 30, 32, 34]);
});

test('stalls are counted from the first search', async () => {
  const stalls = [{ atMs: 10, forMs: 20 }];
  const { endsMs } = await serve({ stalls }, [0, 9, 10, 29, 30], 1000);
  // Without a law the others end when they arrive.
  assert.deepEqual(endsMs, [0, 9, 30, 30, 30]);
});

test('the end of a stall may lie in the next, in whatever order they are given', async () => {
  const stalls = [
    { atMs: 14, forMs: 6 },
    { atMs: 10, forMs: 5 },
  ];
  assert.deepEqual((await serve({ stalls }, [0, 12, 14, 20])).endsMs, [0, 20, 20, 20]);
});

test('behind a stalled request others wait for its place', async () => {
  const stalls = [{ atMs: 10, forMs: 20 }];
  const options = { law: 'constant', medianMs: 4, concurrency: 1, stalls } as const;
  // The second ends with the stall; the third begins then.
  assert.deepEqual((await serve(options, [0, 8, 9])).endsMs, [4, 30, 34]);
});

test('of n requests the whole part of n times the fraction fail, evenly spread', () => {
  const millionths = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(millionths, fc.integer({ min: 1, max: 2000 }), (millionth, count) => {
      const service = new Service(
        { ...defaults, errorFraction: millionth / 1_000_000 },
        { clock: new VirtualClock(), random: seededRandom(1), log: undefined },
      );
      let failures = 0;
      for (let request = 1; request <= count; request++) {
        if (service.serve() === false) failures += 1;
        const expected = (BigInt(request) * BigInt(millionth)) / 1_000_000n;
        assert.equal(failures, Number(expected));
      }
    }),
    { numRuns: 50 },
  );
});

test('a request that fails takes as long as another, and is logged as failed', async () => {
  const options = { law: 'constant', medianMs: 5, errorFraction: 0.5 } as const;
  const { endsMs, log } = await serve(options, [0, 0, 0, 0]);
  assert.deepEqual(endsMs, [5, 5, 5, 5]);
  assert.deepEqual(
    log.entries.map(({ ok }) => ok),
    [true, false, true, false],
  );
});

test('settings are single values: stalls as a text, what is not set left out', () => {
  const settings = settingsOf(defaults);
  assert.ok(!('stalls' in settings) && !('concurrency' in settings));
  const stalls = [
    { atMs: 1000, forMs: 200 },
    { atMs: 3000, forMs: 50 },
  ];
  const all = settingsOf({ ...defaults, concurrency: 2, stalls });
  assert.equal(all.stalls, '200 ms at 1000 ms, 50 ms at 3000 ms');
  assert.equal(all.concurrency, 2);
});
