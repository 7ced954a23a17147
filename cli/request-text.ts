import { type Prices, priceNames } from '../core/cost/prices.js';
import {
  assumedAnswerS,
  leastRequests,
  type RequestEstimate,
} from '../core/run/request-estimate.js';
import { formatNumber, formatSeconds } from '../core/units.js';
import type { Elsewhere } from './target-addresses.js';

/** What is said before anything is sent elsewhere. */
export interface RequestFacts {
  readonly found: readonly Elsewhere[];
  readonly estimate: RequestEstimate;
  /** Seconds of warm-up and windows of the whole plan, at least. */
  readonly measuringS: number;
  readonly prices?: Prices | undefined;
  /** Of --max-requests. */
  readonly most?: number | undefined;
}

/** What a search for the highest rate sends is not known before: taken where it is about this. */
const assumedPerS = 1000;

/** Targets elsewhere, what the plan would send there, and what it would cost, in lines. */
export function describeRequests(facts: RequestFacts): string {
  const { found } = facts;
  const names = found.map(describeElsewhere).join(', ');
  const lines = [
    `outside of loopback and private networks: ${names}`,
    'what the plan sends there, when each cell is measured once:',
    ...requestLines(facts.estimate).map((line) => `  ${line}`),
    ...costLines(facts),
  ];
  return `${lines.join('\n')}\n`;
}

/** A target elsewhere, with its addresses. */
export function describeElsewhere({ name, addresses }: Elsewhere): string {
  return `${name} (${addresses.join(', ')})`;
}

function requestLines({ builds, inserts, verifying, ...loads }: RequestEstimate): string[] {
  const indexes = builds === 1 ? '1 index' : `${builds} indexes`;
  return [
    `inserts of rows into ${indexes}: ${formatNumber(inserts)} (a client may split them)`,
    `searches that verify ${indexes}: ${rangeOf(verifying)}`,
    ...openLines(loads),
    ...closedLines(loads),
    ...capacityLines(loads),
    'connecting, making and dropping indexes come on top; invalid cells are measured up to 3 times',
  ];
}

type Loads = Pick<RequestEstimate, 'scheduled' | 'closed' | 'capacity'>;

function rangeOf({ least, most }: { readonly least: number; readonly most: number }): string {
  return [...new Set([least, most].map(formatNumber))].join(' to ');
}

function openLines({ scheduled }: Loads): string[] {
  const { cells } = scheduled;
  return cells === 0 ? [] : [`searches of open loads, ${countOf(cells)}: ${rangeOf(scheduled)}`];
}

function closedLines({ closed: { cells, connectionS, assumed } }: Loads): string[] {
  if (cells === 0) return [];
  const seconds = `${formatNumber(connectionS)} s of one connection`;
  const what = `searches of closed loads, ${countOf(cells)}: as many as are answered in ${seconds}`;
  return [
    `${what}, and each query once; ${formatNumber(assumed)} at ${assumedAnswerS * 1000} ms each`,
  ];
}

function capacityLines({ capacity }: Loads): string[] {
  if (capacity === undefined) return [];
  const { seconds, least } = capacity;
  const example = `${formatNumber(assumedPerS * seconds)} at ${formatNumber(assumedPerS)} a second`;
  const carried = `as many as are carried in ${formatSeconds(seconds)}`;
  const what = `searches for the highest rates: ${carried}, ${formatNumber(least)} or more`;
  return [`${what}; ${example}`];
}

function countOf(cells: number): string {
  return cells === 1 ? '1 cell' : `${cells} cells`;
}

function costLines({ prices, estimate, measuringS, most }: RequestFacts): string[] {
  if (prices === undefined) return [];
  const { currency, perMillionRequests, perHour } = prices;
  const money = (amount: number): string => `${formatNumber(amount)} ${currency}`;
  const byUse = priceNames.filter((name) => name === 'perCoreHour' || name === 'perGiBHour');
  const costs: string[] = [];
  if (perMillionRequests !== undefined) {
    const of = (count: number): string => money((count / 1e6) * perMillionRequests);
    const least = leastRequests(estimate);
    costs.push(`at least ${of(least)} for ${formatNumber(least)} requests`);
    if (most !== undefined) costs.push(`at most ${of(most)} for ${formatNumber(most)}`);
  }
  if (perHour !== undefined) {
    const seconds = estimate.capacity?.seconds ?? measuringS;
    costs.push(`${money((seconds / 3600) * perHour)} for ${formatSeconds(seconds)} of measuring`);
  }
  if (byUse.some((name) => prices[name] !== undefined)) {
    costs.push('cores and memory by what is used, which is not known before');
  }
  return [`cost: ${costs.join('; ')}`];
}

/** How many requests the plan may come to, rounded up: what is not known is as the text says. */
export function likelyRequests(estimate: RequestEstimate): number {
  const { inserts, verifying, scheduled, closed, capacity } = estimate;
  const known = inserts + verifying.most + scheduled.most;
  const likely = Math.max(1, known + closed.assumed + (capacity?.seconds ?? 0) * assumedPerS);
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(likely)) - 1);
  return Math.ceil(likely / unit) * unit;
}
