import { basename } from 'node:path';
import type { Cell, QueriesResult } from '../result.js';
import { formatNumber } from '../units.js';

/**
 * Which queries the streams of cells asked for, a phrase each: `zipf 1.1: 312 distinct queries,
 * coverage 62.4 %`. With the name of the stream where there are several; nothing where all streams
 * took them in turn.
 */
export function describeQueries(cells: readonly Cell[]): string[] {
  const streams = cells.flatMap((cell) => cell.streams);
  if (streams.every(({ queries }) => queries === undefined)) return [];
  const names = [...new Set(streams.map(({ name }) => name))];
  return names.map((name) => {
    const own = streams.filter((stream) => stream.name === name);
    const text = describeOrders(own.flatMap(({ queries }) => queries ?? []));
    return names.length > 1 ? `${name} ${text}` : text;
  });
}

/** One order, whose reach differs between loads of other numbers of workers. */
function describeOrders(orders: readonly QueriesResult[]): string {
  const [first] = orders;
  if (first === undefined) return 'in turn';
  const distinct = range(
    orders.map((each) => each.distinct),
    formatNumber,
  );
  const coverage = range(
    orders.map((each) => 100 * each.coverage),
    formatNumber,
  );
  return `${describeOrder(first)}: ${distinct} distinct queries, coverage ${coverage} %`;
}

function describeOrder({ order, exponent, file = '' }: QueriesResult): string {
  if (order === 'zipf') return `zipf ${exponent ?? ''}`.trim();
  return order === 'weighted' ? `by the weights of ${basename(file)}` : `as in ${basename(file)}`;
}

function range(values: readonly number[], format: (value: number) => string): string {
  const texts = [Math.min(...values), Math.max(...values)].map(format);
  return [...new Set(texts)].join('..');
}
