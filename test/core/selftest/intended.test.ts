import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Schedule } from '../../../core/load/schedule.js';
import { seededRandom } from '../../../core/random.js';
import { type Arrivals, intendedTimes } from '../../../core/selftest/intended.js';

const common = { goNs: 1000, endNs: 0, perS: 2000, random: () => 0.5 };

test('constant arrivals are dealt out to the workers in turn, up to the end', () => {
  const of = (worker: number) =>
    intendedTimes({ ...common, kind: 'constant', worker, workers: 2, endNs: 2_501_000 });
  // 2,000 a second are 0.5 ms apart; what is intended at the end itself is outside.
  assert.deepEqual(of(0), [1000, 1_001_000, 2_001_000]);
  assert.deepEqual(of(1), [501_000, 1_501_000]);
});

test('Poisson arrivals are exponential gaps of the share of the rate apart', () => {
  const times = intendedTimes({ ...common, kind: 'poisson', worker: 1, workers: 2, endNs: 3e6 });
  // -ln(1 - 0.5) of the mean gap of 1 ms each.
  assert.deepEqual(times, [694_147, 1_387_294, 2_080_442, 2_773_589]);
});

test('the schedule of the harness is that of the definition, to the nanosecond', () => {
  const property = fc.property(
    fc.record({
      kind: fc.constantFrom('constant' as const, 'poisson' as const),
      workers: fc.constantFrom(1, 2, 3),
      hundreds: fc.integer({ min: 1, max: 50 }),
      seed: fc.integer(),
    }),
    ({ kind, workers, hundreds, seed }) => {
      // 0.3 s of warm-up hold a whole number of rounds.
      const perS = hundreds * 100;
      const startNs = 5e9;
      for (let worker = 0; worker < workers; worker++) {
        const goNs = startNs - 3e8;
        const options = { worker, workers };
        const arrivals: Arrivals = {
          ...options,
          ...{ kind, perS, goNs, endNs: 6e9, random: seededRandom(seed) },
        };
        const schedule = new Schedule({
          ...options,
          segments: [goNs, startNs].map((beginNs) => ({ beginNs, perS })),
          arrivals: kind,
          random: seededRandom(seed),
        });
        for (const intendedNs of intendedTimes(arrivals)) {
          assert.ok(Math.abs(schedule.nextNs - intendedNs) <= 2, `${schedule.nextNs}`);
          schedule.advance();
        }
        assert.ok(schedule.nextNs >= 6e9 - 2);
      }
    },
  );
  fc.assert(property, { numRuns: 30 });
});
