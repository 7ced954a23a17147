import type { Contest } from '../core/calibrate/contest.js';
import { contests } from '../core/calibrate/contests.js';
import type { ContestResult } from '../core/calibrate/result.js';
import { BenchError } from '../core/errors.js';
import { suggestion } from '../core/nearest.js';
import { isClone } from '../core/paths.js';
import type { Target } from '../core/plan.js';
import { type Mask, maskTexts } from '../core/secrets.js';
import { isNear } from '../core/server/address.js';
import { shownUrl } from '../core/server/connection-error.js';
import { loadTargets } from './own-targets.js';
import { loadTarget } from './registry.js';

/** What the command line says of contests. */
export interface ChoiceOptions {
  /** The name of one. */
  readonly only?: string;
  /** Names of targets: only contests on their servers. */
  readonly target?: readonly string[];
  /** The file that says where those are. */
  readonly targets?: string;
}

/** Which contests are held, and on what. */
export interface ContestChoice {
  readonly contests: readonly Contest[];
  /** Somebody named them: none is left out. */
  readonly isNamed: boolean;
  /** The target of an adapter. */
  readonly loadTarget: (adapterName: string) => Promise<Target>;
  /** Hides what came from the environment. */
  readonly mask: Mask;
}

/**
 * The contests that are asked for.
 *
 * @throws BenchError UNKNOWN_NAME for a contest or a target that there is not, BAD_ARGUMENT for
 *   targets that no contest is held on, BAD_TARGET for a file of targets with mistakes
 */
export async function chooseContests(options: ChoiceOptions): Promise<ContestChoice> {
  const { only, target: names = [] } = options;
  const byName = only === undefined ? contests : [contestOf(only)];
  const { targets, mask } = await loadTargets([...names], options.targets);
  const chosen = names.length === 0 ? byName : byName.filter(isHeldOn(targets));
  for (const target of targets) requireOwn(target, targets, byName);
  await requireNear(targets);
  return {
    contests: chosen,
    isNamed: only !== undefined || names.length > 0,
    loadTarget: async (wanted) =>
      targets.find(({ adapterName }) => adapterName === wanted) ?? loadTarget(wanted),
    mask,
  };
}

function contestOf(only: string): Contest {
  const found = contests.find(({ name }) => name === only);
  if (found !== undefined) return found;
  const names = contests.map(({ name }) => name);
  const what = `there is no contest ${only}; ${suggestion(only, names)}`;
  throw new BenchError('UNKNOWN_NAME', what, { hint: 'bench calibrate --help names them all' });
}

function isHeldOn(targets: readonly Target[]): (contest: Contest) => boolean {
  return ({ target }) => targets.some(({ adapterName }) => adapterName === target);
}

/** @throws BenchError BAD_ARGUMENT for a target without a contest, or with that of another */
function requireOwn(target: Target, all: readonly Target[], asked: readonly Contest[]): void {
  const { name, adapterName } = target;
  if (!asked.some(isHeldOn([target]))) {
    const known = asked.map((contest) => contest.target).join(', ');
    throw new BenchError(
      'BAD_ARGUMENT',
      `--target ${name}: there is no contest on ${adapterName}`,
      {
        hint: `there are on: ${known}`,
      },
    );
  }
  const others = all.filter((other) => other.adapterName === adapterName);
  if (others.length === 1) return;
  const both = others.map((other) => other.name).join(' and ');
  throw new BenchError('BAD_ARGUMENT', `--target ${both}: one server a contest`, {
    hint: 'hold the contest on one after the other',
  });
}

/**
 * All that take part send as much as they can, and nobody counts it: that is for servers of one's
 * own.
 *
 * @throws BenchError BAD_ARGUMENT for a target outside of loopback and private networks
 */
async function requireNear(targets: readonly Target[]): Promise<void> {
  for (const { name, options } of targets) {
    const { url } = options as { readonly url?: unknown };
    if (typeof url !== 'string' || (await isNear(url))) continue;
    const what = `--target ${name}: ${shownUrl(url)} is elsewhere, and a contest floods its server`;
    throw new BenchError('BAD_ARGUMENT', what, {
      hint: 'take a server on this machine or in its private network',
    });
  }
}

/** A server that does not run, and a client that is not installed. */
const notThere: readonly string[] = ['UNREACHABLE', 'NO_PACKAGE'];

/** Why a contest is left out that nobody named; undefined where its error is one. */
export function leftOutLine(
  { name, target, startsServer }: Contest,
  { code, message, hint }: BenchError,
  { isNamed }: Pick<ContestChoice, 'isNamed'>,
): string | undefined {
  if (isNamed || startsServer || !notThere.includes(code)) return undefined;
  const why = message.replace(/^calibrate: /, '');
  return `left out ${name}: ${why} (${howTo(code, target) ?? hint})`;
}

function howTo(code: string, target: string): string | undefined {
  if (code !== 'UNREACHABLE') return undefined;
  const withoutContainers = isClone() ? `, or node scripts/stores.mjs up ${target}` : '';
  return `bench up ${target}${withoutContainers}`;
}

/** A contest with its texts masked. */
export function maskContest(held: ContestResult, mask: Mask): ContestResult {
  return { ...maskTexts(held, mask), server: mask(held.server) };
}
