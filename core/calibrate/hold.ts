import { timestamp } from '../clock.js';
import { BenchError } from '../errors.js';
import type { Progress } from '../progress.js';
import type { Note } from '../result.js';
import type { Contest, Contestant, ContestInput, Found, OpenContest } from './contest.js';
import type { ContestantResult, ContestResult } from './result.js';
import { figuresOf, own, playRounds, type Rounds, ratiosOf } from './rounds.js';

/** What a contest is held with. */
export interface HoldInput extends ContestInput {
  readonly rounds: number;
  readonly progress: Progress;
}

/**
 * Holds one contest: starts its server, lets bench and every tool that is there measure in
 * alternating rounds, and puts the rounds together.
 *
 * @throws BenchError when the server does not start, a contestant meets an error, or there is no
 *   other contestant
 */
export async function holdContest(contest: Contest, input: HoldInput): Promise<ContestResult> {
  const { progress } = input;
  progress.phase(`start ${contest.name}`);
  const opened = await contest.open(input);
  let held: ContestResult;
  try {
    held = await hold(contest, opened, input);
  } catch (error) {
    // Why it could not be held is what is told.
    await opened.close().catch(() => undefined);
    throw error;
  } finally {
    progress.end();
  }
  await opened.close();
  return held;
}

interface Known {
  readonly contestant: Contestant;
  readonly found: Found;
}

async function hold(
  contest: Contest,
  opened: OpenContest,
  input: HoldInput,
): Promise<ContestResult> {
  const { rounds, seed, progress, conditions } = input;
  const { name, title, against } = contest;
  const known: Known[] = [];
  for (const contestant of opened.contestants) {
    known.push({ contestant, found: await contestant.find() });
  }
  const present = known.flatMap(({ contestant, found }) =>
    'version' in found ? [contestant] : [],
  );
  requireOthers(contest, present);
  progress.phase(`calibrate ${name}`, rounds * present.length);
  const { measured, orders } = await playRounds(present, {
    rounds,
    seed,
    onTurn: (done, turn) => progress.update(done, turn),
  });
  return {
    name,
    title,
    at: timestamp(),
    server: opened.server,
    against,
    ...conditions,
    rounds,
    seed,
    orders,
    contestants: known.map((one) => resultOf(one, measured)),
    warnings: warningsOf(measured),
  };
}

function requireOthers({ name }: Contest, present: readonly Contestant[]): void {
  if (present.some((contestant) => contestant.name !== own)) return;
  throw new BenchError('NO_PACKAGE', `calibrate: ${name}: there is no tool to compare with`, {
    hint: 'bench calibrate --help names the tools',
  });
}

function resultOf({ contestant, found }: Known, measured: Rounds): ContestantResult {
  const { name, title, definitions } = contestant;
  const rounds = measured[name] ?? [];
  return {
    name,
    title,
    ...found,
    definitions: [...definitions],
    figures: figuresOf(rounds),
    ratios: name === own ? {} : ratiosOf(measured[own] ?? [], rounds),
  };
}

/** Each once, with the number of measurements that have it. */
function warningsOf(measured: Rounds): Note[] {
  const notes = Object.values(measured).flatMap((rounds) =>
    rounds.flatMap(({ warnings = [] }) => warnings),
  );
  const codes = [...new Set(notes.map(({ code }) => code))];
  return codes.map((code) => {
    const same = notes.filter((note) => note.code === code);
    const times = same.length === 1 ? '' : ` (and ${same.length - 1} more)`;
    return { code, message: `${same[0]?.message ?? ''}${times}` };
  });
}
