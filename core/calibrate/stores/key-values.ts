import type { Hits, IndexSupport } from '../../adapter.js';
import { BenchError, messageOf } from '../../errors.js';

/** How many keys there are, and the bytes of each value. */
export const held = { rows: 1000, valueBytes: 64 } as const;

/** The value of a row: its number, filled up. */
export function textOf(row: number): string {
  return String(row).padEnd(held.valueBytes, '.');
}

/** The one index of a store of keys and values, which is asked by rows and not by vectors. */
export const keyed: IndexSupport = { family: 'flat', title: 'by key', params: {}, search: {} };

/** A request for one row, encoded. */
export interface Asked<T> {
  readonly sent: T;
  /** What is said of it when its value came. */
  readonly hits: Hits;
}

/** @throws BenchError STORE_FAILED when what came is no value, as where a key is gone */
export function requireValue(bytes: number | undefined): void {
  if (bytes === held.valueBytes) return;
  const came = bytes === undefined ? 'none' : `${bytes} bytes`;
  throw new BenchError(
    'STORE_FAILED',
    `a value of ${held.valueBytes} bytes was asked for: ${came}`,
  );
}

/** What was thrown, as something that a person can act on. */
export function asStoreFailure(thrown: unknown, where: string): BenchError {
  if (thrown instanceof BenchError) return thrown;
  return new BenchError('STORE_FAILED', `${where}: ${messageOf(thrown)}`, { cause: thrown });
}
