import assert from 'node:assert/strict';
import type { Adapter } from '../../core/adapter.js';

/** Whether `BENCH_STORES` lists a store: then it must work here. */
export function isAskedFor(name: string): boolean {
  const asked = (process.env.BENCH_STORES ?? '').split(',').map((part) => part.trim());
  return asked.includes(name);
}

/**
 * Why the store of an adapter is not tested in this run; undefined where it is tested.
 *
 * @throws AssertionError for an engine that should work here and does not
 */
export async function whyLeftOut(name: string, adapter: Adapter): Promise<string | undefined> {
  const asked = isAskedFor(name);
  if (adapter.kind !== 'embedded') return asked ? undefined : 'BENCH_STORES does not list it';
  const probe = await adapter.probe?.();
  if (probe === undefined || probe.works) return undefined;
  const detail = probe.detail.replace(`${name}: `, '');
  const why = probe.hint === undefined ? detail : `${detail}; ${probe.hint}`;
  assert.ok(mayBeMissing(adapter, probe.code, asked), `${name} does not work here: ${why}`);
  return why;
}

/** Python may be where it was left out, and packages that come on demand, unless asked for. */
function mayBeMissing({ install }: Adapter, code: string | undefined, asked: boolean): boolean {
  if (code === 'NO_PYTHON') return process.env.BENCH_SKIP_PYTHON === '1';
  return code === 'NO_PACKAGE' && install !== undefined && !asked;
}
