import type { Command } from 'commander';
import type { CapacityTask } from '../core/capacity/find.js';
import type { Prices } from '../core/cost/prices.js';
import { BenchError } from '../core/errors.js';
import { mostRequests, requestBudget, sentOf } from '../core/load/request-budget.js';
import type { Plan, Target } from '../core/plan.js';
import { estimateRequests, leastRequests } from '../core/run/request-estimate.js';
import type { Resolve } from '../core/server/address.js';
import { formatNumber } from '../core/units.js';
import {
  describeElsewhere,
  describeRequests,
  likelyRequests,
  type RequestFacts,
} from './request-text.js';
import type { Elsewhere } from './target-addresses.js';
import { wholeNumber } from './whole-number.js';

/** Options of a command that measures, also what is elsewhere. */
export interface RemoteOptions {
  readonly yesRemote?: boolean;
  readonly maxRequests?: number;
}

/** What a command that measures says of targets elsewhere. */
export interface RemoteRequest {
  readonly options: RemoteOptions;
  readonly prices?: Prices | undefined;
  /** Of a search for the highest rates. */
  readonly task?: CapacityTask;
  /** What the command works with; tests replace it. */
  readonly around?: RemoteSurroundings;
}

/** What finds the addresses of names. */
export interface RemoteSurroundings {
  readonly resolve?: Resolve;
}

/** Adds the option without which nothing is sent elsewhere. */
export function addYesRemote(command: Command): Command {
  return command.option('--yes-remote', 'also to targets outside of loopback and private networks');
}

/** Adds the options without which nothing is measured elsewhere. */
export function addRemoteOptions(command: Command): Command {
  return addYesRemote(command).option(
    '--max-requests <n>',
    'to targets outside, in all; what is finished then is kept',
    wholeNumber(1, mostRequests),
  );
}

/** Targets of which those elsewhere share one budget of requests, where they may be sent any. */
export function withBudget(
  targets: readonly Target[],
  found: readonly Elsewhere[],
  { yesRemote, maxRequests }: RemoteOptions,
): readonly Target[] {
  if (yesRemote !== true || maxRequests === undefined) return targets;
  const budget = requestBudget(maxRequests);
  const isFound = ({ name }: Target): boolean => found.some((one) => one.name === name);
  return targets.map((target) => (isFound(target) ? { ...target, budget } : target));
}

/** What a plan sends elsewhere; undefined where nothing is. */
export function requestFacts(
  plan: Plan,
  found: readonly Elsewhere[],
  { options, prices, task }: RemoteRequest,
): RequestFacts | undefined {
  if (found.length === 0) return undefined;
  const names = found.map(({ name }) => name);
  const estimate = estimateRequests(plan, names, task);
  return { found, estimate, measuringS: plan.measuringS, prices, most: options.maxRequests };
}

/**
 * Says what would be sent elsewhere, and lets it only be sent to where the person wants it.
 *
 * @throws BenchError BAD_ARGUMENT without both options, or when the plan is known to send more
 */
export function allowRequests(facts: RequestFacts, { yesRemote }: RemoteOptions): void {
  process.stderr.write(describeRequests(facts));
  const { found, estimate, most } = facts;
  const names = found.map(({ name }) => name).join(', ');
  const likely = likelyRequests(estimate);
  if (yesRemote !== true || most === undefined) {
    const where = found.map(describeElsewhere).join(', ');
    const lacks = yesRemote === true ? '--max-requests' : '--yes-remote and --max-requests';
    throw new BenchError('BAD_ARGUMENT', `nothing is sent to ${where} without ${lacks}`, {
      hint: `add --yes-remote --max-requests ${likely}, or the most that you want sent`,
    });
  }
  const least = leastRequests(estimate);
  if (least <= most) return;
  const what = `--max-requests ${most}: the plan sends ${names} at least ${formatNumber(least)}`;
  throw new BenchError('BAD_ARGUMENT', what, {
    hint: `take ${likely}, or lower repeats, rates or durations with --set`,
  });
}

/** How many requests were sent elsewhere, in a sentence; undefined where there is nothing. */
export function describeSent(targets: readonly Target[]): string | undefined {
  const budget = targets.find((target) => target.budget !== undefined)?.budget;
  if (budget === undefined) return undefined;
  const sent = formatNumber(sentOf(budget));
  return `${sent} of at most ${formatNumber(budget.most)} requests were sent elsewhere`;
}
