import type { Summary } from '../result.js';
import type { Prices } from './prices.js';

/** A sentence for each price that no cost came of, with what it would rest on. */
export function costGaps(prices: Prices, summaries: readonly Summary[]): string[] {
  const lacks = (metric: string): boolean => summaries.every(({ metrics }) => !metrics[metric]);
  const { perHour, perCoreHour, perGiBHour } = prices;
  const isByUse = perCoreHour !== undefined || perGiBHour !== undefined;
  return [
    ...(perHour !== undefined && lacks('costPerMillionByHour')
      ? ['no cost by the hour: it needs the throughput of a closed load that the client can drive']
      : []),
    ...(isByUse && lacks('costPerMillionByUse')
      ? ["no cost by use: processor time or memory of the store's processes was not measured"]
      : []),
  ];
}
