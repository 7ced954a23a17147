import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CellOutcome } from '../../../core/load/crew.js';
import type { Sample } from '../../../core/resources/sample.js';
import { cellSchema } from '../../../core/result/cell.js';
import type { Cell } from '../../../core/result.js';
import { notWatched, resourcesOf } from '../../../core/run/cell-resources.js';
import { samplingCost } from '../../../core/run/sampling-cost.js';
import { nsPerS } from '../../../core/units.js';
import { cellOf } from '../records.js';

const beganNs = 100 * nsPerS;

/** A window of two seconds, which began after 100. */
const outcome = {
  reports: [
    {
      streams: [{ windowNs: 2 * nsPerS }],
      resources: { eventLoopUtilization: 0.1, loopDelayMsP99: 1, gcPauseMsMax: 0 },
    },
  ],
  counters: { clientCpuUs: 0, beganNs, lastedNs: 2.1 * nsPerS },
} as unknown as CellOutcome;

/** The store takes half a core, the client a tenth. */
function sampleAt(windowS: number, hasServer = true): Sample {
  const windowNs = windowS * nsPerS;
  const server = { processes: 1, cpuUs: windowS * 500_000, rssBytes: 7, majorFaults: 0 };
  return {
    atNs: beganNs + windowNs,
    windowNs,
    phase: windowS < 0 ? 'warm-up' : 'window',
    cell: 'a',
    client: { cpuUs: windowS * 100_000, rssBytes: 1 },
    ...(hasServer && { server }),
  };
}

function timelineOf(samples: readonly Sample[]): Cell['resources']['timeline'] {
  const watch = { ...notWatched, hz: 2, samples, startedNs: beganNs - 3 * nsPerS };
  const resources = resourcesOf(outcome, 10, watch);
  assert.deepEqual(cellSchema.parse(cellOf({ resources })).resources, resources);
  return resources.timeline;
}

test('a cell has what it took in each second of its window, and where that lies', () => {
  // By hand: half a core and a tenth; what was sampled after two seconds is of no second.
  assert.deepEqual(timelineOf([-0.5, 0, 0.5, 1, 1.5, 2.05].map((at) => sampleAt(at))), {
    beginS: 3,
    secondS: [0, 1],
    serverCores: [0.5, 0.5],
    clientCores: [0.1, 0.1],
    serverRssBytes: [7, 7],
  });
});

test('a second without a sample is left out, and a figure that no second has', () => {
  assert.deepEqual(timelineOf([sampleAt(1.25, false), sampleAt(1.75, false)]), {
    beginS: 3,
    secondS: [1],
    clientCores: [0.1],
  });
  assert.equal(timelineOf([sampleAt(0.5, false)]), undefined);
  assert.equal(timelineOf([sampleAt(-0.5)]), undefined);
});

test('a run has the median of what sampling took, of the cells that know', () => {
  const cell = (cpuFraction?: number): Cell => {
    const sampler = { hz: 5, samples: 9, ...(cpuFraction !== undefined && { cpuFraction }) };
    return cellOf({ resources: { server: {}, client: {}, host: {}, sampler } });
  };
  assert.deepEqual(samplingCost([cell(0.001), cell(), cell(0.009), cell(0.004), cellOf()]), {
    cells: 3,
    cpuFraction: 0.004,
  });
  assert.equal(samplingCost([cellOf(), cell()]), undefined);
});
