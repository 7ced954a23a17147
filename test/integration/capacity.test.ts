import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSlo } from '../../core/capacity/slo.js';
import { seededRandom, shuffled } from '../../core/random.js';
import { createServiceLog, readServiceLog } from '../../core/selftest/service-log.js';
import { withFolder } from '../cli/bench-process.js';
import { nullTarget, runSmall } from '../core/run/small-run.js';

const seeds = Number(process.env.BENCH_CAPACITY_SEEDS ?? 1);
const concurrency = 8;
const limitMs = 100;
const slo = parseSlo(`p99<=${limitMs}ms,errors<=0.1%`);
const laws = { constant: { medianMs: 10 }, lognormal: { medianMs: 10, sigma: 0.5 } } as const;

/**
 * The highest rate at which a server with some places keeps the p99 below a limit, by the recursion
 * of Kiefer and Wolfowitz (On the Theory of Queues with Many Servers, 1955): a request that comes
 * at an even pace takes the place that is free first.
 */
function capacityOf(servicesMs: readonly number[]): number {
  const meanMs = servicesMs.reduce((sum, ms) => sum + ms, 0) / servicesMs.length;
  const bound = (1000 * concurrency) / meanMs;
  let low = bound / 2;
  let high = bound * 1.01;
  while (high / low > 1.001) {
    const rate = (low + high) / 2;
    if (p99At(rate, servicesMs) <= limitMs) low = rate;
    else high = rate;
  }
  return low;
}

function p99At(rateQps: number, servicesMs: readonly number[]): number {
  const freeMs = new Array<number>(concurrency).fill(0);
  const responses = servicesMs.map((serviceMs, index) => {
    const intendedMs = (1000 * index) / rateQps;
    const place = freeMs.indexOf(Math.min(...freeMs));
    const doneMs = Math.max(freeMs[place] as number, intendedMs) + serviceMs;
    freeMs[place] = doneMs;
    return doneMs - intendedMs;
  });
  responses.sort((a, b) => a - b);
  return responses[Math.ceil(0.99 * responses.length) - 1] as number;
}

for (const [law, shape] of Object.entries(laws)) {
  for (let seed = 1; seed <= seeds; seed++) {
    test(`${law}, seed ${seed}: the capacity of a null store is found within 3 %`, () =>
      withFolder(async (folder) => {
        const log = createServiceLog(200_000);
        const options = { law, ...shape, concurrency, seed, log };
        const run = await runSmall({
          folder,
          seed,
          targets: [
            {
              ...nullTarget,
              options: { ...options, stalls: [], answers: 'true', errorFraction: 0 },
            },
          ],
          suite: {
            targets: ['null'],
            streams: [
              {
                operation: 'search',
                k: 10,
                load: [{ kind: 'open', rateQps: 1, maxInFlight: 1000 }],
              },
            ],
            measure: { warmUpS: 0, durationS: 1, repeats: 1 },
          },
          input: { capacity: { slo, budgetS: 60, tune: [] } },
        });
        const [found] = run.capacity;
        // What each request took once it had a place, by the store's own clock.
        const services = readServiceLog(log).entries.flatMap(({ beganNs, endedNs, ok }) =>
          ok && endedNs > 0 ? [(endedNs - beganNs) / 1e6] : [],
        );
        const known = capacityOf(shuffled(services, seededRandom(seed)).slice(0, 20_000));
        const ratio = (found?.confirmedQps ?? 0) / known;
        const { ending, tookS = 0 } = found ?? {};
        const rate = `${found?.confirmedQps} of ${known.toFixed(1)}`;
        const said = `${ending}: ${rate} in ${tookS.toFixed(1)} s`;
        process.stdout.write(`${law} ${seed}: ${said}, ratio ${ratio.toFixed(4)}\n`);
        assert.equal(ending, 'confirmed', said);
        assert.ok(Math.abs(ratio - 1) <= 0.03 && tookS <= 60, said);
      }));
  }
}
