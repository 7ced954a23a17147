import type { Cell, OperationResult } from '../result.js';
import { formatNumber } from '../units.js';
import type { Verdict } from './rate-search.js';
import type { Condition, Slo } from './slo.js';

/** What a trial says of an SLO. */
export interface Judgement {
  readonly verdict: Verdict;
  /** A sentence for each reason against it. */
  readonly why: readonly string[];
  /** By metric: milliseconds, fractions, queries a second; what is absent was not seen. */
  readonly measured: Readonly<Record<string, number>>;
}

/** How a trial is judged. */
export interface JudgeRule {
  readonly slo: Slo;
  /**
   * A short trial sees part of the queries: its recall fails where the whole interval is below the
   * limit. The long one is judged by the mean.
   */
  readonly isLong: boolean;
}

/**
 * Judges a trial: the whole SLO, and that the store kept up. A request that failed or was never
 * sent has recall 0 (methodology rule 32). A trial that did not pass says nothing of the store
 * where the client was at its limit, or where the pacer moved the percentile that fails.
 */
export function judgeTrial(cell: Cell, rule: JudgeRule): Judgement {
  const operation = operationOf(cell);
  if (operation === undefined) {
    const why = [cell.failure?.message ?? 'nothing was measured'];
    return { verdict: 'failed', why, measured: {} };
  }
  const judged = rule.slo.conditions.map((condition) => judgeOne(condition, operation, rule));
  const failed = judged.filter(({ why }) => why !== undefined);
  const why = [...failed.flatMap((one) => one.why ?? []), ...shortfalls(cell, operation)];
  const measured = Object.fromEntries(
    judged.flatMap(({ metric, value }) => (value === undefined ? [] : [[metric, value]])),
  );
  if (why.length === 0) return { verdict: 'passed', why, measured };
  const byPacer = failed.length === why.length && failed.every((one) => one.byPacer);
  const client = clientReasons(cell, byPacer);
  return { verdict: client.length === 0 ? 'failed' : 'client', why: [...why, ...client], measured };
}

/** What the first stream of a cell did, which is the one whose rate is searched. */
export function operationOf(cell: Cell): OperationResult | undefined {
  return Object.values(cell.streams[0]?.operations ?? {})[0];
}

interface Judged {
  readonly metric: string;
  readonly value: number | undefined;
  /** Why the condition is not met. */
  readonly why: string | undefined;
  readonly byPacer: boolean;
}

function judgeOne(condition: Condition, operation: OperationResult, rule: JudgeRule): Judged {
  const { metric, limit, operator, text } = condition;
  const { value, judgedBy = value } = measuredOf(metric, operation, rule);
  const byPacer = operation.latencyMs.response?.pacerLimited?.includes(metric) === true;
  if (value === undefined || judgedBy === undefined) {
    const count = operation.latencyMs.response?.count ?? 0;
    return { metric, value, why: `${metric}: ${count} requests do not tell it`, byPacer: false };
  }
  const isMet = operator === '<=' ? judgedBy <= limit : judgedBy >= limit;
  const why = isMet ? undefined : `${metric} ${formatMiss(metric, value, limit)}, wanted ${text}`;
  return { metric, value, why, byPacer };
}

interface Value {
  readonly value: number | undefined;
  /** What is compared with the limit, where it is not the value. */
  readonly judgedBy?: number | undefined;
}

function measuredOf(metric: string, operation: OperationResult, { isLong }: JudgeRule): Value {
  const { requests, recall, quality } = operation;
  const answered = requests.offered === 0 ? 0 : Math.min(requests.completed / requests.offered, 1);
  const times = (share: number | undefined): number | undefined =>
    share === undefined ? undefined : share * answered;
  if (metric === 'errors') return { value: 1 - answered };
  if (metric === 'qps') return { value: operation.throughputQps };
  if (metric === 'ndcg') return { value: times(quality?.ndcgAt10) };
  if (metric !== 'recall') return { value: percentileOf(metric, operation) };
  return { value: times(recall?.mean), judgedBy: times(isLong ? recall?.mean : recall?.high) };
}

function percentileOf(metric: string, { latencyMs }: OperationResult): number | undefined {
  const isService = metric.startsWith('service.');
  const latency = isService ? latencyMs.service : latencyMs.response;
  return latency?.[metric.replace('service.', '') as 'p50' | 'p90' | 'p95' | 'p99' | 'p999'];
}

/** Why a trial does not count, whatever its conditions say. */
function shortfalls(cell: Cell, operation: OperationResult): string[] {
  const why: string[] = [];
  if (cell.saturated) {
    const offered = formatNumber(cell.streams[0]?.load.rateQps ?? 0);
    const handled = formatNumber(operation.throughputQps);
    why.push(`the store handled ${handled} of ${offered} queries a second`);
  }
  if (cell.status !== 'complete') why.push(cell.failure?.message ?? 'the trial was cut short');
  return why;
}

/** Why a trial that did not pass says nothing of the store. */
function clientReasons({ invalid, clientLimited }: Cell, byPacer: boolean): string[] {
  return [
    ...invalid.map(({ message }) => message),
    ...(clientLimited ? ['the client was at its limit; more --workers carry more'] : []),
    ...(byPacer ? ['the pacer adds more than a tenth of it; --pacer spin lags less'] : []),
  ];
}

/**
 * A value of a metric of an SLO with its unit, as `12.3 ms`, `0.951`, `0.12 %`, `1,200/s`.
 *
 * @param digits significant ones of a time, decimals of a share
 */
export function formatValue(metric: string, value: number, digits = 3): string {
  if (metric === 'qps') return `${formatNumber(value)}/s`;
  if (metric === 'errors') return `${Number((100 * value).toPrecision(digits - 1))} %`;
  if (metric === 'recall' || metric === 'ndcg') return value.toFixed(digits);
  return `${Number(value.toPrecision(digits))} ms`;
}

const mostDigits = 7;

/** With as many digits as tell it from the limit that it misses. */
function formatMiss(metric: string, value: number, limit: number): string {
  for (let digits = 3; digits < mostDigits; digits++) {
    const text = formatValue(metric, value, digits);
    if (text !== formatValue(metric, limit, digits)) return text;
  }
  return formatValue(metric, value, mostDigits);
}
