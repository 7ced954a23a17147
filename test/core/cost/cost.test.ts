import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costsOf, perMillion } from '../../../core/cost/cost.js';
import { describePrices, type Prices } from '../../../core/cost/prices.js';

const gib = 2 ** 30;

function pricesOf(prices: Partial<Prices>): Prices {
  return { file: 'p.yaml', currency: 'USD', date: '2026-03-31', source: 'a list', ...prices };
}

test('by the hour a million queries cost what the machine does while they are answered', () => {
  // By hand: 3.60 an hour is 0.001 a second; at 2,000/s a million take 500 s, so 0.50.
  assert.deepEqual(costsOf(pricesOf({ perHour: 3.6 }), { capacityQps: 2000 }), { byHour: 0.5 });
});

test('by use a million queries cost the cores for their work and the memory for their time', () => {
  const prices = pricesOf({ perCoreHour: 0.36, perGiBHour: 0.072 });
  const usage = { throughputQps: 1000, cpuSPerQuery: 0.0005, memoryBytes: 2 * gib };
  // By hand: 500 core-seconds at 0.0001 are 0.05; 2 GiB for 1,000 s at 0.00002 are 0.04.
  const { byUse, ...others } = costsOf(prices, usage);
  assert.ok(Math.abs((byUse ?? 0) - 0.09) < 1e-12);
  assert.deepEqual(others, {});
});

test('by use what has no price is left out, what was not measured is not known', () => {
  const usage = { throughputQps: 1000, cpuSPerQuery: 0.0005 };
  // By hand as above: 500 core-seconds at 0.0001.
  const { byUse } = costsOf(pricesOf({ perCoreHour: 0.36 }), usage);
  assert.ok(Math.abs((byUse ?? 0) - 0.05) < 1e-12);
  assert.deepEqual(costsOf(pricesOf({ perCoreHour: 0.36, perGiBHour: 1 }), usage), {});
  assert.deepEqual(costsOf(pricesOf({ perGiBHour: 1 }), { memoryBytes: gib }), {});
  assert.deepEqual(costsOf(pricesOf({ perCoreHour: 1 }), { throughputQps: 10 }), {});
});

test('by the request ten queries in one cost a tenth', () => {
  const prices = pricesOf({ perMillionRequests: 4 });
  assert.deepEqual(costsOf(prices, { requestsPerQuery: 0.1 }), { byRequest: 0.4 });
});

test('nothing is made of a rate of zero, of no prices for it, or of nothing measured', () => {
  assert.deepEqual(costsOf(pricesOf({ perHour: 1 }), { capacityQps: 0 }), {});
  assert.deepEqual(costsOf(pricesOf({ perHour: 1 }), { throughputQps: 100 }), {});
  assert.deepEqual(costsOf(pricesOf({ perCoreHour: 1 }), { capacityQps: 100 }), {});
  const all = pricesOf({ perHour: 1, perCoreHour: 1, perGiBHour: 1, perMillionRequests: 1 });
  assert.deepEqual(costsOf(all, {}), {});
  assert.equal(perMillion(undefined), undefined);
});

test('prices are told with currency, day and source', () => {
  assert.equal(
    describePrices(pricesOf({ perHour: 0.77, perGiBHour: 0.0057 })),
    '0.77 USD an hour of the machine, 0.0057 USD an hour of 1 GiB; of 2026-03-31, from a list',
  );
});
