import type { Prices } from '../cost/prices.js';
import type { Capacity } from '../result.js';
import { median } from '../stats/quantile.js';
import { formatNumber } from '../units.js';
import { formatValue } from './judge-trial.js';

/** One trial of a search for the highest rate. */
export type Trial = Capacity['trials'][number];
/** One condition of the SLO of a search. */
export type CapacityCondition = Capacity['conditions'][number];

/** Whether a condition is about a time, in milliseconds. */
export function isLatency({ metric }: CapacityCondition): boolean {
  return /^(service\.)?p\d+$/.test(metric);
}

/** A condition as a person reads it: `p99 <= 20 ms`, `recall >= 0.95`, `errors <= 0.1 %`. */
export function describeCondition(condition: CapacityCondition): string {
  const { metric, operator } = condition;
  return `${metric} ${operator} ${describeLimit(condition)}`;
}

/** The limit of a condition with its unit; no digit that was asked for is lost. */
export function describeLimit(condition: CapacityCondition): string {
  const { metric, limit } = condition;
  const plain = (value: number): string => String(Number(value.toPrecision(9)));
  if (isLatency(condition)) return `${plain(limit)} ms`;
  if (metric === 'errors') return `${plain(100 * limit)} %`;
  return metric === 'qps' ? `${formatNumber(limit)}/s` : plain(limit);
}

/** What a trial measured of a condition, with its unit; undefined where it was not measured. */
export function describeMeasured(
  { measured }: Trial,
  { metric }: CapacityCondition,
): string | undefined {
  const value = measured[metric];
  return value === undefined ? undefined : formatValue(metric, value);
}

/** Whether a trial failed by this condition: a value alone does not say it (a recall is judged
 * by its interval). */
export function failedBy({ why }: Trial, { metric }: CapacityCondition): boolean {
  return why.some((each) => each.startsWith(`${metric} `) || each.startsWith(`${metric}:`));
}

/** Whether two rates are one: a trial offers its rate with six digits. */
export function isSameRate(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && Math.abs(a / b - 1) < 1e-4;
}

/** The answer of a search in one sentence, without a full stop. */
export function describeAnswer(entry: Capacity): string {
  const { confirmation, confirmedQps, trials } = entry;
  if (confirmedQps === undefined) return unanswered[entry.ending](entry);
  const trial = trials.find(({ cell }) => cell === confirmation);
  const answer = `${perSecond(confirmedQps)}, confirmed${trial === undefined ? '' : over(trial)}`;
  const bound = bounds[entry.ending];
  return bound === undefined ? answer : `at least ${answer}; ${bound}`;
}

function over({ durationS, requests }: Trial): string {
  return ` over ${formatNumber(durationS)} s and ${formatNumber(requests)} requests`;
}

function perSecond(qps: number): string {
  return `${formatNumber(qps)} queries a second`;
}

/** Why a confirmed rate is a lower bound only. */
const bounds: Readonly<Partial<Record<Capacity['ending'], string>>> = {
  'out-of-time': 'the time ended before the limit was found',
  'no-limit': 'no limit was found up to the highest rate that may be offered',
  'client-limit': 'the client could not offer more, the store may carry more',
};

type Sentence = (entry: Capacity) => string;

/** Why there is no confirmed rate. */
const unanswered: Readonly<Record<Capacity['ending'], Sentence>> = {
  confirmed: () => 'no confirmed rate is stored',
  unconfirmed: (entry) => {
    const long = entry.trials.filter(({ kind }) => kind === 'confirm');
    const rates = long.flatMap(({ rateQps }) => rateQps ?? []);
    const where = rates.length === 0 ? '' : `, down to ${perSecond(Math.min(...rates))}`;
    return `no confirmed rate: short trials passed, but no long one${where}`;
  },
  'out-of-time': (entry) => `no confirmed rate: the time ended first${passedWords(entry)}`,
  'nothing-passes': ({ bracket: { failedQps } }) =>
    `no rate meets the SLO${failedQps === undefined ? '' : `, not even ${perSecond(failedQps)}`}`,
  'no-limit': (entry) => `no limit found${passedWords(entry)}, but none is confirmed`,
  'client-limit': (entry) =>
    `no confirmed rate: the client could not offer more${passedWords(entry)}`,
};

/** What short trials say in place of the answer that is missing. */
function passedWords({ bracket: { passedQps } }: Capacity): string {
  const words =
    passedQps === undefined
      ? 'no rate passed'
      : `short trials passed up to ${perSecond(passedQps)}`;
  return `; ${words}`;
}

/** From the highest rate that passed to the lowest that did not; what was not seen is left out. */
export function describeBracket({ bracket }: Capacity): string | undefined {
  const { passedQps, failedQps } = bracket;
  const parts = [
    ...(passedQps === undefined ? [] : [`${formatNumber(passedQps)} passed`]),
    ...(failedQps === undefined ? [] : [`${formatNumber(failedQps)} did not pass`]),
  ];
  if (parts.length === 0) return undefined;
  const isWhole = passedQps !== undefined && failedQps !== undefined;
  const width = isWhole ? ` (${formatNumber(100 * (failedQps / passedQps - 1))} % apart)` : '';
  return `${parts.join(', ')}${width}`;
}

/** What was in the way of more: why trials at the lowest rate that did not pass did not. */
export function describeLimits(entry: Capacity): string | undefined {
  const limiting = limitingTrials(entry);
  // Trials at one rate say the same with other figures: the last of each is enough.
  const reasons = new Map<string, string>();
  for (const each of limiting.flatMap(({ why }) => why)) {
    reasons.set(each.replace(/[\d.]+/g, ''), each);
  }
  if (reasons.size === 0) return undefined;
  const rate = limiting.at(-1)?.rateQps;
  const where = rate === undefined ? '' : `at ${perSecond(rate)}: `;
  return `${where}${[...reasons.values()].join('; ')}`;
}

function limitingTrials({ bracket, trials, tuned, ...entry }: Capacity): readonly Trial[] {
  const against = trials.filter(({ verdict }) => verdict !== 'passed');
  const { failedQps } = bracket;
  if (failedQps !== undefined) return against.filter((one) => isSameRate(one.rateQps, failedQps));
  if (entry.ending !== 'nothing-passes') return [];
  // No rate was offered: the quality of the setting is not enough.
  const probe = tuned?.tried.find(({ search }) => isSameSearch(search, entry.search));
  return against.filter(({ cell }) => probe === undefined || cell === probe.cell).slice(-1);
}

/** One rate of a curve. */
export interface CurvePoint {
  readonly rateQps: number;
  /** The median of its short trials. */
  readonly ms: number;
}

/**
 * A percentile by rate, the median of the short trials at each. Trials that the client spoilt are
 * out, and long ones, which are no repeats of the short.
 */
export function latencyCurve(
  { trials }: Capacity,
  { metric }: CapacityCondition,
): readonly CurvePoint[] {
  const values = new Map<number, number[]>();
  for (const { kind, rateQps, measured, verdict } of trials) {
    const ms = measured[metric];
    const isOut = kind === 'confirm' || verdict === 'client';
    if (rateQps === undefined || ms === undefined || isOut) continue;
    values.set(rateQps, [...(values.get(rateQps) ?? []), ms]);
  }
  return [...values]
    .map(([rateQps, all]) => ({ rateQps, ms: median(all) }))
    .sort((a, b) => a.rateQps - b.rateQps);
}

/** How requests came, but for their rate: `poisson, 1 worker, 64 connections, batch 10`. */
export function describeFlow({ load }: Capacity): string {
  const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
  return [
    ...(load.arrivals === undefined ? [] : [load.arrivals]),
    many(load.workers, 'worker'),
    many(load.connections, 'connection'),
    ...(load.maxInFlight === undefined ? [] : [`at most ${load.maxInFlight} in flight`]),
    ...(load.itemsPerRequest > 1 ? [`batch ${load.itemsPerRequest}`] : []),
    ...(load.pacer === 'spin' ? ['spinning pacer'] : []),
  ].join(', ');
}

const ways = { byHour: 'by the hour', byUse: 'by use', byRequest: 'by the request' } as const;

/** What a million queries take of the store at the confirmed rate, and cost. */
export function describeCost(entry: Capacity, prices: Prices | undefined): string | undefined {
  const { cpuSPerMillion: cpuS, costPerMillion = {} } = entry;
  const costs = Object.entries(ways).flatMap(([way, words]) => {
    const cost = costPerMillion[way as keyof typeof ways];
    if (cost === undefined || prices === undefined) return [];
    return [`${formatNumber(cost)} ${prices.currency} ${words}`];
  });
  const parts = [
    ...(cpuS === undefined ? [] : [`${formatNumber(cpuS)} s of processor time of the store`]),
    ...costs,
  ];
  return parts.length === 0 ? undefined : `a million queries: ${parts.join(', ')}`;
}

/** Whether two settings of a search are one. */
export function isSameSearch(a: Capacity['search'], b: Capacity['search']): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** How many settings there were, how many were tried, and which was taken. */
export function describeTuning(entry: Capacity): string | undefined {
  const { tuned } = entry;
  if (tuned === undefined) return undefined;
  const { names, settings, tried } = tuned;
  const left = settings - tried.length;
  const rest = left === 0 ? 'all tried' : `${tried.length} tried, ${left} not`;
  const values = Object.entries(entry.search).filter(([name]) => names.includes(name));
  const words = values.map(([name, value]) => `${name}=${value}`).join(' ');
  const chosen = tried.find(({ search }) => isSameSearch(search, entry.search));
  const choice =
    chosen?.passed === false ? `none passes, the best is ${words}` : `chosen: ${words}`;
  return `${settings} settings of ${names.join(', ')}, ${rest}; ${choice}`;
}

/** The trials that offered a rate, and the probe where it was not one of several settings. */
export function shownTrials({ trials, tuned }: Capacity): readonly Trial[] {
  return trials.filter(({ kind }) => kind !== 'probe' || tuned === undefined);
}
