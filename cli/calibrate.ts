import type { Command } from 'commander';
import { contests } from '../core/calibrate/contests.js';
import { holdContest } from '../core/calibrate/hold.js';
import { keepContests, readCalibration } from '../core/calibrate/record.js';
import type { ContestResult } from '../core/calibrate/result.js';
import { BenchError } from '../core/errors.js';
import { silentProgress } from '../core/progress.js';
import { maskError } from '../core/secrets.js';
import {
  type ContestChoice,
  chooseContests,
  leftOutLine,
  maskContest,
} from './calibration-choice.js';
import { formatContest } from './calibration-table.js';
import { cacheFolder, describeTool } from './caller.js';
import { terminalProgress } from './progress.js';
import { seconds } from './seconds.js';
import { withSignals } from './signals.js';
import { wholeNumber } from './whole-number.js';

interface CalibrateOptions {
  readonly rounds: number;
  readonly duration: number;
  readonly connections: number;
  readonly only?: string;
  readonly target?: string[];
  readonly targets?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const warmUpS = 1;
const seed = 1;

const collect = (value: string, before: string[] = []): string[] => [...before, value];

const contestLines = contests.map(
  ({ name, title, target }) => `  ${name.padEnd(10)} on ${target.padEnd(10)} ${title}`,
);

const help = `
Contests:
${contestLines.join('\n')}

The server of null-http starts with its contest. Others must run, and their clients be installed
(bench doctor --install); a contest whose server does not run is left out, unless it is named by
--only or --target. Bare loops of the clients and autocannon come with bench; wrk, redis-benchmark
and pgbench take part where they are on the PATH, or where BENCH_REDIS_BENCHMARK and BENCH_PGBENCH
name their commands. What is found is kept for this machine: later runs and bench doctor cite it.

Examples:
  $ bench calibrate
  $ bench calibrate --rounds 10 --duration 2 --connections 8
  $ bench calibrate --only null-http --json
  $ bench calibrate --target redis=redis://10.0.0.7:6379 --connections 16`;

/** `bench calibrate`: bench beside native tools on one server, in alternating rounds. */
export function calibrateCommand(program: Command): void {
  program
    .command('calibrate')
    .description('show what bench carries on this machine beside native tools')
    .option('--rounds <n>', 'how often each of them measures', wholeNumber(1, 100), 5)
    .option('--duration <s>', 'seconds of a measurement', seconds(0.2, 60), 4)
    .option('--connections <n>', 'requests in flight', wholeNumber(1, 1000), 50)
    .option('--only <contest>', 'one contest in place of all')
    .option('--target <name>', 'only contests on this server, by name; repeatable', collect)
    .option('--targets <file>', 'targets with settings, by name, for --target')
    .option('--json', 'print everything as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', help)
    .action(async (options: CalibrateOptions) => {
      process.exitCode = await calibrate(options);
    });
}

async function calibrate(options: CalibrateOptions): Promise<number> {
  const choice = await chooseContests(options);
  const { damaged } = await readCalibration();
  if (damaged !== undefined) {
    process.stderr.write(
      `the calibration of this machine is made anew; it was damaged: ${damaged}\n`,
    );
  }
  const { held, failures } = await withSignals((signal) => hold(choice, options, signal));
  if (held.length > 0) await keepAndPrint(held, options);
  for (const failure of failures) process.stderr.write(`${failure.format()}\n`);
  return failures[0]?.exitCode ?? 0;
}

/** A contest that fails keeps no other from being held; one that was stopped does. */
async function hold(
  choice: ContestChoice,
  options: CalibrateOptions,
  signal: AbortSignal,
): Promise<{ readonly held: ContestResult[]; readonly failures: BenchError[] }> {
  const { rounds, duration: durationS, connections } = options;
  const { mask } = choice;
  const held: ContestResult[] = [];
  const failures: BenchError[] = [];
  for (const contest of choice.contests) {
    try {
      const found = await holdContest(contest, {
        conditions: { connections, warmUpS, durationS },
        rounds,
        seed,
        tool: describeTool(),
        loadTarget: choice.loadTarget,
        cacheFolder: cacheFolder(),
        progress: options.quiet === true ? silentProgress : terminalProgress(process.stderr),
        signal,
      });
      held.push(maskContest(found, mask));
    } catch (thrown) {
      signal.throwIfAborted();
      const error = maskError(thrown, mask);
      if (!(error instanceof BenchError)) throw error;
      const line = leftOutLine(contest, error, choice);
      if (line === undefined) failures.push(error);
      else process.stderr.write(`${line}\n`);
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
