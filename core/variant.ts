import type { Adapter, Variant } from './adapter.js';

/** An adapter as it is under the options of a target: that of the first variant they make. */
export function adapterUnder(adapter: Adapter, options: unknown): Adapter {
  const variant = adapter.variants?.find((one) => isMadeBy(one, options));
  if (variant === undefined) return adapter;
  const { options: _, ...held } = variant;
  return { ...adapter, ...held };
}

function isMadeBy({ options }: Variant, given: unknown): boolean {
  const values = (given ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(options).every(([name, value]) => values[name] === value);
}
