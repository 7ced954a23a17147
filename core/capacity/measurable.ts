import type { Dataset } from '../dataset.js';
import { BenchError } from '../errors.js';
import { conditionOn, type Slo } from './slo.js';

/** @throws BenchError BAD_ARGUMENT when the SLO has a condition that the dataset cannot tell */
export function requireMeasurable(slo: Slo, { name, judgments }: Dataset): void {
  const ndcg = conditionOn(slo, 'ndcg');
  if (ndcg === undefined || judgments !== undefined) return;
  const what = `--slo: ${ndcg.text} cannot be measured: ${name} has no relevance judgments`;
  throw new BenchError('BAD_ARGUMENT', what, {
    hint: 'take a dataset that has them, as --dataset scifact, or ask for recall',
  });
}
