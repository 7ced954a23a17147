import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RateSearch, searchRate, type TrialKind } from '../../../core/capacity/rate-search.js';

const usual = {
  hasTime: () => true,
  fromQps: 100,
  leastQps: 1,
  mostQps: 1e6,
  tolerance: 0.03,
} as const;

/** A store that carries exactly so much, and the trials it saw. */
function storeOf(capacityQps: number) {
  const trials: [rate: number, kind: TrialKind][] = [];
  const tryRate: RateSearch['tryRate'] = async (rate, kind) => {
    trials.push([rate, kind]);
    return { verdict: rate <= capacityQps ? 'passed' : 'failed' };
  };
  return { trials, tryRate };
}

test('any capacity is bracketed to 3 % and confirmed from below', () =>
  fc.assert(
    fc.asyncProperty(fc.double({ min: 2, max: 500_000, noNaN: true }), async (capacity) => {
      const { tryRate, trials } = storeOf(capacity);
      const { ending, confirmedQps = 0, failedQps = 0 } = await searchRate({ ...usual, tryRate });
      assert.equal(ending, 'confirmed');
      assert.ok(confirmedQps <= capacity && failedQps > capacity);
      assert.ok(failedQps / confirmedQps <= 1.03);
      // Steps of 1.6 from 100, one trial where it passes and two where it fails, then
      // log2(ln 1.6 / ln 1.03) = 4 halvings of the bracket, and one long trial.
      const ramps = Math.abs(Math.log(capacity / 100) / Math.log(1.6)) + 2;
      assert.ok(trials.length <= 2 * ramps + 2 * 5 + 1, `${trials.length} trials`);
    }),
  ));

test('one disturbed trial decides nothing', async () => {
  const { tryRate } = storeOf(1000);
  let count = 0;
  const disturbed: RateSearch['tryRate'] = async (rate, kind) => {
    count += 1;
    // The second point that would pass, and only the first time.
    return count === 2 ? { verdict: 'failed' } : tryRate(rate, kind);
  };
  const { confirmedQps = 0, failedQps = 0 } = await searchRate({ ...usual, tryRate: disturbed });
  assert.ok(confirmedQps <= 1000 && failedQps > 1000);
});

test('where the long trial fails, a lower rate is confirmed', async () => {
  const { tryRate } = storeOf(1000);
  const tired: RateSearch['tryRate'] = async (rate, kind) =>
    kind === 'confirm' && rate > 930 ? { verdict: 'failed' } : tryRate(rate, kind);
  const {
    ending,
    confirmedQps = 0,
    failedQps = 0,
  } = await searchRate({ ...usual, tryRate: tired });
  assert.equal(ending, 'confirmed');
  assert.ok(confirmedQps <= 930 && failedQps > 930 && failedQps / confirmedQps <= 1.03);
});

test('one disturbed long trial decides nothing', async () => {
  const { tryRate } = storeOf(1000);
  let isFirst = true;
  const disturbed: RateSearch['tryRate'] = async (rate, kind) => {
    if (kind !== 'confirm' || !isFirst) return tryRate(rate, kind);
    isFirst = false;
    return { verdict: 'failed' };
  };
  const { ending, confirmedQps, passedQps } = await searchRate({ ...usual, tryRate: disturbed });
  const { confirmedQps: undisturbed } = await searchRate({ ...usual, ...storeOf(1000) });
  assert.deepEqual([ending, confirmedQps], ['confirmed', undisturbed]);
  assert.equal(passedQps, confirmedQps);
});

test('a clear failure needs no second trial, a doubtful one does', async () => {
  const count = async (isClear: boolean): Promise<number> => {
    const { trials, tryRate } = storeOf(1000);
    await searchRate({
      ...usual,
      fromQps: 2000,
      leastQps: 1500,
      tryRate: async (rate, kind) => ({ ...(await tryRate(rate, kind)), isClear }),
    });
    return trials.length;
  };
  // 2000 and 1500 fail.
  assert.equal(await count(true), 2);
  assert.equal(await count(false), 4);
});

test('what the client cannot offer bounds the search, and is told apart', async () => {
  const { tryRate } = storeOf(1e9);
  const found = await searchRate({
    ...usual,
    tryRate: async (rate, kind) => (rate > 800 ? { verdict: 'client' } : tryRate(rate, kind)),
  });
  const { ending, confirmedQps = 0, failedQps = 0 } = found;
  assert.equal(ending, 'client-limit');
  assert.ok(confirmedQps <= 800 && failedQps > 800 && failedQps / confirmedQps <= 1.03);
});

test('what could not be found is said, with what was seen', async () => {
  const nothing = await searchRate({ ...usual, ...storeOf(0.5) });
  assert.deepEqual(nothing, { ending: 'nothing-passes', failedQps: 1 });
  const all = await searchRate({ ...usual, mostQps: 400, ...storeOf(1e9) });
  assert.deepEqual(all, { ending: 'no-limit', passedQps: 400, confirmedQps: 400 });
  const client = { ...usual, tryRate: async () => ({ verdict: 'client' }) as const };
  assert.deepEqual(await searchRate(client), { ending: 'client-limit', failedQps: 1 });
  let left = 6;
  const late = await searchRate({ ...usual, ...storeOf(200), hasTime: () => left-- > 0 });
  // 100 and 160 pass, 256 fails twice, their geometric mean 202.4 twice: then the time is over.
  assert.equal(late.ending, 'out-of-time');
  assert.equal(late.passedQps, 160);
  assert.ok(Math.abs((late.failedQps ?? 0) - Math.sqrt(160 * 256)) < 1e-9);
  const tired = await searchRate({
    ...usual,
    tryRate: async (rate, kind) =>
      kind === 'confirm' ? { verdict: 'failed' } : storeOf(1000).tryRate(rate, kind),
  });
  assert.equal(tired.ending, 'unconfirmed');
  assert.equal(tired.passedQps, undefined);
});
