import type { Command } from 'commander';
import type { Contest } from '../core/calibrate/contest.js';
import { contests } from '../core/calibrate/contests.js';
import { holdContest } from '../core/calibrate/hold.js';
import { keepContests, readCalibration } from '../core/calibrate/record.js';
import type { ContestResult } from '../core/calibrate/result.js';
import { BenchError } from '../core/errors.js';
import { suggestion } from '../core/nearest.js';
import { silentProgress } from '../core/progress.js';
import { formatContest } from './calibration-table.js';
import { cacheFolder, describeTool } from './caller.js';
import { terminalProgress } from './progress.js';
import { loadTarget } from './registry.js';
import { seconds } from './seconds.js';
import { withSignals } from './signals.js';
import { wholeNumber } from './whole-number.js';

interface CalibrateOptions {
  readonly rounds: number;
  readonly duration: number;
  readonly connections: number;
  readonly only?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const warmUpS = 1;
const seed = 1;

const help = `
Contests:
${contests.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join('\n')}

A bare undici loop and autocannon come with bench; wrk takes part where it is on the PATH. What is
found is kept for this machine: later runs and bench doctor cite it.

Examples:
  $ bench calibrate
  $ bench calibrate --rounds 10 --duration 2 --connections 8
  $ bench calibrate --only null-http --json`;

/** `bench calibrate`: bench beside native tools on one server, in alternating rounds. */
export function calibrateCommand(program: Command): void {
  program
    .command('calibrate')
    .description('show what bench carries on this machine beside native tools')
    .option('--rounds <n>', 'how often each of them measures', wholeNumber(1, 100), 5)
    .option('--duration <s>', 'seconds of a measurement', seconds(0.2, 60), 4)
    .option('--connections <n>', 'requests in flight', wholeNumber(1, 1000), 50)
    .option('--only <contest>', 'one contest in place of all')
    .option('--json', 'print everything as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', help)
    .action(async (options: CalibrateOptions) => {
      process.exitCode = await calibrate(options);
    });
}

async function calibrate(options: CalibrateOptions): Promise<number> {
  const chosen = chosenContests(options.only);
  const { damaged } = await readCalibration();
  if (damaged !== undefined) {
    process.stderr.write(
      `the calibration of this machine is made anew; it was damaged: ${damaged}\n`,
    );
  }
  const { held, failures } = await withSignals((signal) => hold(chosen, options, signal));
  if (held.length > 0) await keepAndPrint(held, options);
  for (const failure of failures) process.stderr.write(`${failure.format()}\n`);
  return failures[0]?.exitCode ?? 0;
}

function chosenContests(only: string | undefined): readonly Contest[] {
  if (only === undefined) return contests;
  const found = contests.filter(({ name }) => name === only);
  if (found.length > 0) return found;
  const names = contests.map(({ name }) => name);
  const what = `there is no contest ${only}; ${suggestion(only, names)}`;
  throw new BenchError('UNKNOWN_NAME', what, { hint: 'bench calibrate --help names them all' });
}

/** A contest that fails keeps no other from being held; one that was stopped does. */
async function hold(
  chosen: readonly Contest[],
  options: CalibrateOptions,
  signal: AbortSignal,
): Promise<{ readonly held: ContestResult[]; readonly failures: BenchError[] }> {
  const { rounds, duration: durationS, connections } = options;
  const held: ContestResult[] = [];
  const failures: BenchError[] = [];
  for (const contest of chosen) {
    try {
      const found = await holdContest(contest, {
        conditions: { connections, warmUpS, durationS },
        rounds,
        seed,
        tool: describeTool(),
        loadTarget,
        cacheFolder: cacheFolder(),
        progress: options.quiet === true ? silentProgress : terminalProgress(process.stderr),
        signal,
      });
      held.push(found);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof BenchError)) throw error;
      failures.push(error);
    }
  }
  return { held, failures };
}

async function keepAndPrint(held: readonly ContestResult[], options: CalibrateOptions) {
  const { path, calibration } = await keepContests(held, describeTool());
  const text =
    options.json === true
      ? JSON.stringify({ ...calibration, contests: held }, null, 2)
      : [...held.map(formatContest), path].join('\n');
  process.stdout.write(`${text}\n`);
}
