import type { Cell, OperationResult, StreamResult } from '../result.js';

/** What one operation of one cell measured. */
export interface Measured {
  readonly cell: Cell;
  readonly stream: StreamResult;
  readonly operation: OperationResult;
}

/** What a metric is in one repeat; undefined where it was not measured. */
export type Reading = (measured: Measured) => number | undefined;

/** How each metric of time, rate or processor use is read off one repeat. */
export const readings: Readonly<Record<string, Reading>> = {
  throughputQps: ({ operation }) => operation.throughputQps,
  requestsPerS: ({ operation }) => operation.requestsPerS,
  offeredQps: ({ operation, cell }) =>
    perS(operation.requests.offered * operation.itemsPerRequest, operation, cell),
  responseMsP50: ({ operation }) => operation.latencyMs.response?.p50,
  responseMsP90: ({ operation }) => operation.latencyMs.response?.p90,
  responseMsP99: ({ operation }) => operation.latencyMs.response?.p99,
  responseMsP999: ({ operation }) => operation.latencyMs.response?.p999,
  responseMsMax: ({ operation }) => operation.latencyMs.response?.max,
  queueWaitMsP99: ({ operation }) => operation.latencyMs.queueWait?.p99,
  pacerLagMsP50: ({ operation }) => operation.latencyMs.pacerLag?.p50,
  pacerLagMsP99: ({ operation }) => operation.latencyMs.pacerLag?.p99,
  kneeQps: ({ stream }) => stream.kneeQps,
  recoveryS: ({ stream }) => stream.recoveryS,
  serviceMsP50: ({ operation }) => operation.latencyMs.service?.p50,
  serviceMsP90: ({ operation }) => operation.latencyMs.service?.p90,
  serviceMsP99: ({ operation }) => operation.latencyMs.service?.p99,
  serviceMsMax: ({ operation }) => operation.latencyMs.service?.max,
  engineMsP50: ({ operation }) => operation.latencyMs.engine?.p50,
  engineMsP99: ({ operation }) => operation.latencyMs.engine?.p99,
  overheadMsP50: ({ operation }) => operation.latencyMs.overhead?.p50,
  clientCpuUs: ({ cell }) => cell.resources.client.cpuUsPerRequest,
  serverCpuUs: ({ cell }) => cell.resources.server.cpuUsPerRequest,
  serverRssBytes: ({ cell }) => cell.resources.server.rssBytes,
  serverRssPeakBytes: ({ cell }) => cell.resources.server.rssPeakBytes,
  statedMemoryBytes: ({ cell }) => cell.resources.server.stated?.memoryBytes,
  samplerCpuFraction: ({ cell }) => cell.resources.sampler?.cpuFraction,
};

/** Items offered a second under an open load; a closed load offers what it sends. */
function perS(items: number, operation: OperationResult, cell: Cell): number | undefined {
  if (operation.latencyMs.response === undefined || cell.durationS === 0) return undefined;
  return items / cell.durationS;
}
