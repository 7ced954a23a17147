import type { Metric } from '../adapter.js';
import type { PlannedBuild } from '../plan.js';
import type { ElementType } from '../vectors.js';

/** The rows of a dataset, as far as it decides how they are sent. */
export interface Rows {
  readonly metric: Metric;
  readonly type: ElementType;
}

type Index = Pick<PlannedBuild, 'target' | 'support' | 'params'>;

/** Who normalises under cosine: the store when it can. */
export function normaliserOf(
  { target }: Pick<Index, 'target'>,
  metric: Metric,
): 'harness' | 'store' | 'none' {
  if (metric !== 'cosine') return 'none';
  return target.adapter.metrics.includes('cosine') ? 'store' : 'harness';
}

/** The type in which rows are sent: as they are stored where the index takes them so. */
export function elementsOf(index: Index, { metric, type }: Rows): ElementType {
  const byHarness = normaliserOf(index, metric) === 'harness';
  return !byHarness && index.support.takes?.(type, index.params) === true ? type : 'f32';
}
