import { costsOf, perMillion, type Usage } from '../cost/cost.js';
import type { Prices } from '../cost/prices.js';
import type { Capacity, Cell } from '../result.js';
import { pssOf } from './pss.js';
import type { Measured, Reading } from './readings.js';

/** What the store takes for a million queries, and with prices what that costs, by metric. */
export function costReadings({
  prices,
}: {
  readonly prices?: Prices | undefined;
}): Readonly<Record<string, Reading>> {
  const taken: Record<string, Reading> = {
    cpuSPerMillion: ({ cell }) => perMillion(cpuSOf(cell)),
    readBytesPerMillion: ({ cell }) => perMillion(cell.resources.server.readBytesPerRequest),
    writeBytesPerMillion: ({ cell }) => perMillion(cell.resources.server.writeBytesPerRequest),
  };
  if (prices === undefined) return taken;
  const costs = (measured: Measured) => costsOf(prices, usageOf(measured));
  return {
    ...taken,
    costPerMillionByHour: (measured) => costs(measured).byHour,
    costPerMillionByUse: (measured) => costs(measured).byUse,
    costPerMillionByRequest: (measured) => costs(measured).byRequest,
  };
}

/** What a repeat took; of streams that share a store nobody knows whose it was. */
function usageOf({ cell, stream, operation }: Measured): Usage {
  const requestsPerQuery = 1 / operation.itemsPerRequest;
  if (cell.streams.length > 1 || Object.keys(stream.operations).length > 1) {
    return { requestsPerQuery };
  }
  const { kind } = stream.load;
  const { throughputQps } = operation;
  // What is offered is not what a store is able to, and a client at its limit asks for less.
  const isCapacity = kind === 'closed' && !cell.clientLimited;
  const isOneRate = kind === 'closed' || kind === 'open';
  return {
    requestsPerQuery,
    capacityQps: isCapacity ? throughputQps : undefined,
    throughputQps: isOneRate ? throughputQps : undefined,
    cpuSPerQuery: cpuSOf(cell),
    memoryBytes: memoryOf(cell),
  };
}

/** What the store took for a million queries at the rate that a cell confirmed, and its cost. */
export function costsOfCapacity(
  cell: Cell,
  { rateQps, prices }: { readonly rateQps: number; readonly prices?: Prices | undefined },
): Pick<Capacity, 'cpuSPerMillion' | 'costPerMillion'> {
  const cpuSPerMillion = perMillion(cpuSOf(cell));
  const usage = {
    capacityQps: rateQps,
    throughputQps: rateQps,
    cpuSPerQuery: cpuSOf(cell),
    memoryBytes: memoryOf(cell),
    requestsPerQuery: 1 / (cell.streams[0]?.load.itemsPerRequest ?? 1),
  };
  return {
    ...(cpuSPerMillion !== undefined && { cpuSPerMillion }),
    ...(prices !== undefined && { costPerMillion: { ...costsOf(prices, usage) } }),
  };
}

/** Of the store's processes; of a server elsewhere, as it says. */
function cpuSOf({ resources: { server } }: Cell): number | undefined {
  const us = server.cpuUsPerRequest ?? server.stated?.cpuUsPerRequest;
  return us === undefined ? undefined : us / 1e6;
}

/** What the store's processes held after the window; of a server elsewhere, as it says. */
function memoryOf({ resources: { server } }: Cell): number | undefined {
  const pss = pssOf(server);
  return pss === undefined ? server.stated?.memoryBytes : pss + (server.hugetlbBytes ?? 0);
}
