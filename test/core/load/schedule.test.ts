import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RateSegment, Schedule } from '../../../core/load/schedule.js';
import { deriveSeed, seededRandom } from '../../../core/random.js';
import { nsPerS } from '../../../core/units.js';

interface Plan {
  readonly segments: readonly RateSegment[];
  readonly arrivals?: 'constant' | 'poisson';
  readonly worker?: number;
  readonly workers?: number;
  readonly seed?: number;
}

function scheduleOf({ arrivals = 'constant', worker = 0, workers = 1, seed = 1, ...plan }: Plan) {
  return new Schedule({ ...plan, arrivals, worker, workers, random: seededRandom(seed) });
}

/** The first so many intended starts. */
function firstOf(plan: Plan, count: number): number[] {
  const schedule = scheduleOf(plan);
  return Array.from({ length: count }, () => {
    const { nextNs } = schedule;
    schedule.advance();
    return nextNs;
  });
}

/** All intended starts before a time. */
function before(plan: Plan, endNs: number): number[] {
  const schedule = scheduleOf(plan);
  const times: number[] = [];
  for (; schedule.nextNs < endNs; schedule.advance()) times.push(schedule.nextNs);
  return times;
}

/** The seed of a worker, which follows from that of the run. */
function seedOf(worker: number): number {
  return deriveSeed(1, `arrivals/search/${worker}`);
}

/** Those of all workers together, in order. */
function together(plan: Plan, workers: number, endNs: number): number[] {
  return Array.from({ length: workers }, (_, worker) =>
    before({ ...plan, workers, worker, seed: seedOf(worker) }, endNs),
  )
    .flat()
    .sort((a, b) => a - b);
}

function countBetween(times: readonly number[], fromNs: number, untilNs: number): number {
  return times.filter((timeNs) => timeNs >= fromNs && timeNs < untilNs).length;
}

function gapsOf(times: readonly number[]): number[] {
  return times.slice(1).map((timeNs, index) => timeNs - (times[index] as number));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Variance over mean. */
function dispersionOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / mean;
}

/** Kolmogorov's statistic times the root of n, against a distribution function. */
function kolmogorov(values: readonly number[], cdf: (value: number) => number): number {
  const { length } = values;
  const sorted = [...values].sort((a, b) => a - b);
  const gaps = sorted.map((value, index) => {
    const expected = cdf(value);
    return Math.max(expected - index / length, (index + 1) / length - expected);
  });
  return Math.max(...gaps) * Math.sqrt(length);
}

// scipy 1.17: kstwobign.ppf(0.999).
const kolmogorovLimit = 1.949474603504375;

test('constant arrivals come at the beginning and then one period apart', () => {
  assert.deepEqual(
    firstOf({ segments: [{ beginNs: 7_000, perS: 1000 }] }, 4),
    [7_000, 1_007_000, 2_007_000, 3_007_000],
  );
});

test('rates that do not divide a second, and fractions of one a second, are kept to', () => {
  // n / rate by hand, rounded to whole nanoseconds.
  const cases = [
    { perS: 3, times: [0, 333_333_333, 666_666_667, 1_000_000_000, 1_333_333_333] },
    { perS: 2.5, times: [0, 400_000_000, 800_000_000, 1_200_000_000] },
    { perS: 0.4, times: [0, 2_500_000_000, 5_000_000_000] },
    { perS: 0.03, times: [0, 33_333_333_333, 66_666_666_667, 100_000_000_000] },
  ];
  for (const { perS, times } of cases) {
    assert.deepEqual(firstOf({ segments: [{ beginNs: 0, perS }] }, times.length), times);
  }
});

test('constant arrivals are dealt out to the workers, and together are evenly spaced', () => {
  const segments = [{ beginNs: 5_000, perS: 2000 }];
  for (const workers of [1, 2, 3]) {
    const all = together({ segments }, workers, 5_000 + nsPerS);
    // 2000 a second: every 500 us from the beginning on.
    const even = Array.from({ length: 2000 }, (_, n) => 5_000 + n * 500_000);
    assert.deepEqual(all, even, `${workers} workers`);
    for (let worker = 0; worker < workers; worker++) {
      const own = firstOf({ segments, worker, workers }, 3);
      const expected = [0, 1, 2].map((n) => 5_000 + (worker + n * workers) * 500_000);
      assert.deepEqual(own, expected, `worker ${worker} of ${workers}`);
    }
  }
});

test('no arrival drifts, ten million on and a month after the machine was started', () => {
  const beginNs = 2_600_000_000_000_000;
  // At 50,000/s a period is 20,000 ns, exactly.
  const schedule = scheduleOf({ segments: [{ beginNs, perS: 50_000 }] });
  let expectedNs = beginNs;
  for (let n = 0; n < 10_000_000; n++) {
    if (schedule.nextNs !== expectedNs) assert.equal(schedule.nextNs, expectedNs, `arrival ${n}`);
    schedule.advance();
    expectedNs += 20_000;
  }
  assert.equal(schedule.nextNs, expectedNs);
});

test('a period that is no whole number of nanoseconds does not drift either', () => {
  const beginNs = 2_600_000_000_000_001;
  const schedule = scheduleOf({
    segments: [{ beginNs, perS: 30_000 }],
    worker: 1,
    workers: 3,
  });
  for (let n = 0; n < 1_000_000; n++) {
    if (n % 99_991 === 0) {
      // Arrival 3 n + 1 of all, in whole numbers.
      const exact = beginNs + Number((BigInt(3 * n + 1) * 1_000_000_000n) / 30_000n);
      assert.ok(Math.abs(schedule.nextNs - exact) <= 1, `arrival ${n}: ${schedule.nextNs}`);
    }
    schedule.advance();
  }
});

test('each step of a ramp has exactly the arrivals of its rate', () => {
  // A warm-up of 0.25 s at the first rate, and 1 s steps of 100, 200, 400 and 800 a second.
  const segments = [
    { beginNs: 0, perS: 100 },
    { beginNs: 0.25 * nsPerS, perS: 100 },
    { beginNs: 1.25 * nsPerS, perS: 200 },
    { beginNs: 2.25 * nsPerS, perS: 400 },
    { beginNs: 3.25 * nsPerS, perS: 800 },
  ];
  for (const workers of [1, 2, 3]) {
    const all = together({ segments }, workers, 4.25 * nsPerS);
    const counts = [1, 2, 3, 4].map((step) => {
      const fromNs = (step - 0.75) * nsPerS;
      return countBetween(all, fromNs, fromNs + nsPerS);
    });
    assert.deepEqual(counts, [100, 200, 400, 800], `${workers} workers`);
    assert.equal(countBetween(all, 0, 0.25 * nsPerS), 25);
    // Each step begins with an arrival, and is even.
    const third = all.filter((timeNs) => timeNs >= 2.25 * nsPerS && timeNs < 3.25 * nsPerS);
    assert.equal(third[0], 2.25 * nsPerS);
    assert.ok(gapsOf(third).every((gap) => gap === 2_500_000));
  }
});

test('a step that ends between two arrivals hands the rest of the gap on to the next', () => {
  // 10/s for 0.25 s holds 2.5 arrivals; the fourth, number 3, is half an arrival into the 100/s.
  const segments = [
    { beginNs: 0, perS: 10 },
    { beginNs: 0.25 * nsPerS, perS: 100 },
  ];
  const times = [0, 100_000_000, 200_000_000, 255_000_000, 265_000_000];
  assert.deepEqual(firstOf({ segments }, 5), times);
});

test('a step may be shorter than the gap between two arrivals', () => {
  // By 10 s 1 arrival has passed (0.1/s), 0.5 more in 0.5 s of 1/s; the next, number 2, is half
  // an arrival into the 0.25/s.
  const segments = [
    { beginNs: 0, perS: 0.1 },
    { beginNs: 10 * nsPerS, perS: 1 },
    { beginNs: 10.5 * nsPerS, perS: 0.25 },
  ];
  assert.deepEqual(firstOf({ segments }, 4), [0, 10e9, 12.5e9, 16.5e9]);
});

test('steps of rates that no binary fraction holds have their exact counts', () => {
  // Geometric from 0.7 to 70 in five steps of 10 s: what has passed by the end of each step, by
  // hand, is the sum of rate times 10 s; arrivals are at the whole numbers below it.
  const rates = [0.7, 2.213594362117866, 7, 22.135943621178654, 70];
  const segments = rates.map((perS, step) => ({ beginNs: step * 10 * nsPerS, perS }));
  const all = together({ segments }, 2, 50 * nsPerS);
  // 7, 29.1359..., 99.1359..., 320.4953..., 1020.4953...
  const ends = [7, 30, 100, 321, 1021];
  const passed = ends.map((_, step) => countBetween(all, 0, (step + 1) * 10 * nsPerS));
  assert.deepEqual(passed, ends);
});

test('Poisson arrivals have exponential gaps of the mean that the rate asks for', () => {
  const count = 20_000;
  for (const perS of [0.5, 40, 25_000]) {
    const segments = [{ beginNs: 0, perS }];
    const gaps = gapsOf([0, ...firstOf({ segments, arrivals: 'poisson', seed: 7 }, count)]);
    const mean = (meanOf(gaps) * perS) / nsPerS;
    const variation = Math.sqrt(dispersionOf(gaps) / meanOf(gaps));
    // Of exponential gaps both the mean times the rate and the coefficient of variation are 1, and
    // vary by 1 / sqrt(n); beyond 3.3 times that they come once in a thousand.
    assert.ok(Math.abs(mean - 1) < 3.3 / Math.sqrt(count), `mean ${mean} at ${perS}/s`);
    assert.ok(Math.abs(variation - 1) < 3.3 / Math.sqrt(count), `${variation} at ${perS}/s`);
    const fit = kolmogorov(gaps, (gap) => 1 - Math.exp((-gap * perS) / nsPerS));
    assert.ok(fit < kolmogorovLimit, `${fit} at ${perS}/s`);
  }
});

test('Poisson arrivals of several workers are together Poisson of the whole rate', () => {
  const perS = 20;
  const seconds = 1000;
  for (const workers of [1, 2, 3, 8]) {
    const plan = { segments: [{ beginNs: 0, perS }], arrivals: 'poisson' } as const;
    const all = together(plan, workers, seconds * nsPerS);
    // The sum has mean and variance 20,000; 3.3 standard deviations.
    assert.ok(Math.abs(all.length - 20_000) < 3.3 * Math.sqrt(20_000), `${all.length} arrivals`);
    const perSecond = new Array<number>(seconds).fill(0);
    for (const timeNs of all) {
      const second = Math.floor(timeNs / nsPerS);
      perSecond[second] = (perSecond[second] as number) + 1;
    }
    // scipy 1.17: chi2.ppf([0.0005, 0.9995], 999), Fisher's dispersion test.
    const index = dispersionOf(perSecond) * (seconds - 1);
    assert.ok(index > 858.4350846 && index < 1152.664267, `${index} at ${workers} workers`);
    const fit = kolmogorov(gapsOf(all), (gap) => 1 - Math.exp((-gap * perS) / nsPerS));
    assert.ok(fit < kolmogorovLimit, `${fit} at ${workers} workers`);
  }
});

test('a seed gives the same Poisson arrivals again, and each worker has its own', () => {
  const plan = { segments: [{ beginNs: 0, perS: 100 }], arrivals: 'poisson' } as const;
  assert.deepEqual(firstOf({ ...plan, seed: 3 }, 50), firstOf({ ...plan, seed: 3 }, 50));
  const [one, two] = [0, 1].map((worker) =>
    before({ ...plan, worker, workers: 2, seed: seedOf(worker) }, 10 * nsPerS),
  ) as [number[], number[]];
  assert.ok(one.length > 0);
  assert.equal(one.filter((timeNs) => two.includes(timeNs)).length, 0);
});

test('Poisson arrivals follow the rate: their expected counts are those of an even rate', () => {
  // By hand: 5 s at 100/s hold 500 expected arrivals, 5 s at 400/s 2000, then 50/s for good.
  const segments = [
    { beginNs: 1_000, perS: 100 },
    { beginNs: 1_000 + 5 * nsPerS, perS: 400 },
    { beginNs: 1_000 + 10 * nsPerS, perS: 50 },
  ];
  const plan = { arrivals: 'poisson', seed: 11 } as const;
  const varied = firstOf({ ...plan, segments }, 3000);
  // One expected arrival a second: the intended start in seconds is the expected count.
  const even = firstOf({ ...plan, segments: [{ beginNs: 0, perS: 1 }] }, 3000);
  varied.forEach((timeNs, index) => {
    const count = (even[index] as number) / nsPerS;
    const seconds =
      count < 500 ? count / 100 : count < 2500 ? 5 + (count - 500) / 400 : 10 + (count - 2500) / 50;
    assert.ok(Math.abs(timeNs - 1_000 - seconds * nsPerS) <= 20, `arrival ${index}`);
  });
  // Counts are Poisson: 3.3 standard deviations.
  const counts = [0, 1].map((part) =>
    countBetween(varied, 1_000 + part * 5 * nsPerS, 1_000 + (part + 1) * 5 * nsPerS),
  );
  assert.ok(Math.abs((counts[0] as number) - 500) < 3.3 * Math.sqrt(500), `${counts}`);
  assert.ok(Math.abs((counts[1] as number) - 2000) < 3.3 * Math.sqrt(2000), `${counts}`);
});

test('no seed makes a gap that never ends', () => {
  // Uniform numbers lie in [0, 1): at their largest the logarithm is of 2^-32 and finite.
  const random = (): number => 1 - 2 ** -32;
  const segments = [{ beginNs: 0, perS: 1 }];
  const schedule = new Schedule({ segments, arrivals: 'poisson', worker: 0, workers: 1, random });
  // 32 ln 2 = 22.18070978 s.
  assert.ok(Math.abs(schedule.nextNs - 22_180_709_778) <= 1, `${schedule.nextNs}`);
});
