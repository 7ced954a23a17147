import type { Prices } from './prices.js';

const million = 1e6;
const sPerHour = 3600;
const bytesPerGiB = 2 ** 30;

/** What of a measurement a cost is made of; what was not measured is absent. */
export interface Usage {
  /** Queries a second that the store is able to; absent where a load offered its own rate. */
  readonly capacityQps?: number | undefined;
  /** Queries answered a second, whatever limited them. */
  readonly throughputQps?: number | undefined;
  /** Processor time of the store for each query. */
  readonly cpuSPerQuery?: number | undefined;
  /** What the store held meanwhile. */
  readonly memoryBytes?: number | undefined;
  /** Requests for each query: 0.1 where ten queries go in one. */
  readonly requestsPerQuery?: number | undefined;
}

/** The cost of a million queries by each way of paying, in the currency of the prices. */
export interface Costs {
  readonly byHour?: number;
  readonly byUse?: number;
  readonly byRequest?: number;
}

/** Costs of a million queries. One without its price, or without what it rests on, is absent. */
export function costsOf(prices: Prices, usage: Usage): Costs {
  const byHour = costByHour(prices, usage);
  const byUse = costByUse(prices, usage);
  const byRequest = costByRequest(prices, usage);
  return {
    ...(byHour !== undefined && { byHour }),
    ...(byUse !== undefined && { byUse }),
    ...(byRequest !== undefined && { byRequest }),
  };
}

/** Hours that a million queries take at a rate; undefined for none. */
function hoursPerMillion(rateQps: number | undefined): number | undefined {
  return rateQps === undefined || rateQps <= 0 ? undefined : million / rateQps / sPerHour;
}

/** The machine is paid for as long as a million queries take it when it does nothing else. */
function costByHour({ perHour }: Prices, { capacityQps }: Usage): number | undefined {
  const hours = hoursPerMillion(capacityQps);
  return perHour === undefined || hours === undefined ? undefined : perHour * hours;
}

/** Cores for the time that they worked, memory for the time that a million queries took. */
function costByUse(prices: Prices, usage: Usage): number | undefined {
  const { perCoreHour, perGiBHour } = prices;
  const { cpuSPerQuery, memoryBytes, throughputQps } = usage;
  if (perCoreHour === undefined && perGiBHour === undefined) return undefined;
  const cpuS = perMillion(cpuSPerQuery);
  const coreHours = cpuS === undefined ? undefined : cpuS / sPerHour;
  const hours = hoursPerMillion(throughputQps);
  const gibHours =
    memoryBytes === undefined || hours === undefined
      ? undefined
      : (memoryBytes / bytesPerGiB) * hours;
  const parts = [part(perCoreHour, coreHours), part(perGiBHour, gibHours)];
  return parts.reduce((sum, each) => {
    return sum === undefined || each === undefined ? undefined : sum + each;
  }, 0);
}

/** What has no price costs nothing; what has one and was not measured is not known. */
function part(price: number | undefined, amount: number | undefined): number | undefined {
  if (price === undefined) return 0;
  return amount === undefined ? undefined : price * amount;
}

function costByRequest(prices: Prices, { requestsPerQuery }: Usage): number | undefined {
  const { perMillionRequests } = prices;
  if (perMillionRequests === undefined || requestsPerQuery === undefined) return undefined;
  return perMillionRequests * requestsPerQuery;
}

/** What is taken for a million queries, of what is taken for one. */
export function perMillion(perQuery: number | undefined): number | undefined {
  return perQuery === undefined ? undefined : perQuery * million;
}
