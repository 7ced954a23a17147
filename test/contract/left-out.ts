import assert from 'node:assert/strict';
import type { Adapter } from '../../core/adapter.js';

/** Whether `BENCH_STORES` lists a store: then it must work here. */
export function isAskedFor(name: string): boolean {
  const asked = (process.env.BENCH_STORES ?? '').split(',').map((part) => part.trim());
  return asked.includes(name);
}

/**
 * Why the store of an adapter is not tested in this run; undefined where it is tested. Servers and
 * engines that are installed on demand have to be asked for: what is tested does not depend on what
 * happens to be on a machine.
 *
 * @throws AssertionError for an engine that should work here and does not
 */
export async function whyLeftOut(name: string, adapter: Adapter): Promise<string | undefined> {
  const isAlwaysThere = adapter.kind === 'embedded' && adapter.install === undefined;
  if (!isAlwaysThere && !isAskedFor(name)) return 'BENCH_STORES does not list it';
  if (adapter.kind !== 'embedded') return undefined;
  const probe = await adapter.probe?.();
  if (probe === undefined || probe.works) return undefined;
  const detail = probe.detail.replace(`${name}: `, '');
  const why = probe.hint === undefined ? detail : `${detail}; ${probe.hint}`;
  const isLeftOut = probe.code === 'NO_PYTHON' && process.env.BENCH_SKIP_PYTHON === '1';
  assert.ok(isLeftOut, `${name} does not work here: ${why}`);
  return why;
}
