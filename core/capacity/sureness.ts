import type { Capacity, Cell } from '../result.js';
import { formatNumber } from '../units.js';
import { isSameRate } from './describe-capacity.js';
import { operationOf } from './judge-trial.js';
import type { FoundRate } from './rate-search.js';
import { conditionOn, requestsNeeded, type Slo } from './slo.js';

/** What an answer rests on. */
export interface Grounds {
  readonly slo: Slo;
  readonly budgetS: number;
  readonly found: FoundRate;
  readonly trials: Capacity['trials'];
  /** The long trial that passed. */
  readonly confirmation: Cell | undefined;
}

/** Of a bracket of 3 %, rates with six digits counted in. */
const widest = 1.031;

/** How sure an answer is, and what would make it surer, in sentences for a person. */
export function surenessOf(grounds: Grounds): string {
  const { found, trials, confirmation } = grounds;
  const parts = [openingOf(grounds)];
  if (confirmation !== undefined) parts.push(...ofConfirmation(grounds, confirmation));
  const { failedQps } = found;
  if (failedQps !== undefined && found.passedQps !== undefined) {
    const at = trials.filter(({ rateQps }) => isSameRate(rateQps, failedQps));
    const failed = at.filter(({ verdict }) => verdict !== 'passed').length;
    const above = Math.round(100 * (failedQps / found.passedQps - 1));
    parts.push(`${above} % above, ${failed} of ${at.length} trials did not pass`);
  }
  return `${parts.join('; ')}.`;
}

function isWide({ passedQps = 1, failedQps = 1 }: FoundRate): boolean {
  return failedQps / passedQps > widest;
}

function openingOf({ found, budgetS, confirmation }: Grounds): string {
  const more = `more than --budget ${budgetS}s would tell`;
  const openings: Record<FoundRate['ending'], string> = {
    confirmed: `confirmed by a long trial${isWide(found) ? ', though the bracket is wide' : ''}`,
    unconfirmed: 'every long trial failed: what short ones bear does not last',
    'out-of-time': `the time was over before the bracket was 3 % wide: ${more}`,
    'nothing-passes': 'no rate passed',
    'no-limit': 'the highest rate that may be offered still passed',
    'client-limit': 'the client was the limit, so the store carries at least this',
  };
  const isBound = confirmation !== undefined && found.ending !== 'confirmed';
  return `${isBound ? 'confirmed by a long trial, but ' : ''}${openings[found.ending]}`;
}

/** Over how much, and whether chance could have decided. */
function ofConfirmation({ slo, found }: Grounds, cell: Cell): string[] {
  const operation = operationOf(cell);
  if (operation === undefined) return [];
  const { offered } = operation.requests;
  const seconds = cell.durationS.toFixed(1);
  const parts = [`the long trial had ${formatNumber(offered)} requests in ${seconds} s`];
  const limit = conditionOn(slo, 'p99')?.limit;
  const high = operation.latencyMs.response?.p99High;
  if (limit !== undefined && high !== undefined && high > limit) {
    const bound = Number(high.toPrecision(3));
    parts.push(`its p99 has an interval up to ${bound} ms, above the limit: not sure`);
  }
  const wanted = 10 * requestsNeeded(slo);
  if (found.confirmedQps !== undefined && offered < 0.95 * wanted) {
    parts.push(`with ${formatNumber(wanted)} requests it would be surer: a longer --budget`);
  }
  return parts;
}
