import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Prices } from '../core/cost/prices.js';
import { BenchError } from '../core/errors.js';
import { readJournal } from '../core/journal.js';
import { silentProgress } from '../core/progress.js';
import type { Cell, Run } from '../core/result.js';
import { latestBuild } from '../core/run/document.js';
import { callerFolder, defaultRunsFolder, newFolderName } from './caller.js';
import { keepNoiseOf } from './noise-table.js';
import { applySettings } from './overrides.js';
import {
  describePlan,
  type PlanRequest,
  planRun,
  type SuiteOptions,
  settingsOf,
  settingsOn,
} from './planning.js';
import { loadPrices } from './prices.js';
import { terminalProgress } from './progress.js';
import { loadSuite, nameOfSuite } from './registry.js';
import { addRemoteOptions, type RemoteOptions, type RemoteSurroundings } from './remote-guard.js';
import { runAndReport } from './run-and-report.js';
import { formatRun } from './run-table.js';
import { wholeNumber } from './whole-number.js';

interface RunOptions extends SuiteOptions, RemoteOptions {
  readonly suite?: string;
  readonly seed?: number;
  readonly isolate?: boolean;
  readonly inProcess?: boolean;
  readonly onStoreLost: 'stop' | 'continue';
  readonly out?: string;
  readonly resume?: string;
  readonly dryRun?: boolean;
  readonly keepIds?: boolean;
  readonly aa?: boolean;
  readonly price?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

const examples = `
Examples:
  $ bench run --suite ivfpq
  $ bench run --suite hnsw --dataset siftsmall --repeats 5
  $ bench run --suite ivf --set measure.durationS=1 --set indexes[2].search.nprobe=8,128
  $ bench run --suite ivfpq --dry-run
  $ bench run --suite ivfpq --targets targets.yaml --target mine --price prices.yaml
  $ bench run --aa --suite smoke --repeats 12
  $ bench run --resume reports/out/my-run`;

/** `bench run`: runs a suite, writes the result and its report. */
export function runCommand(program: Command, around: RemoteSurroundings = {}): void {
  const command = program
    .command('run')
    .description('run a suite and write its result and HTML report')
    .option('--suite <name>', 'what to measure: one of bench list suites, or a file')
    .option('--target <name>', 'what to measure it on, by name or file; repeatable', collect)
    .option('--targets <file>', 'targets with settings, by name, for --target and the suite')
    .option('--dataset <name>', 'the data, instead of that of the suite; bench list datasets')
    .option('--set <key=value>', 'another value for anything in the suite; repeatable', collect)
    .option('--repeats <n>', 'how often every point is measured', wholeNumber(1, 100))
    .option('--seed <n>', 'seed of orders, samples and training; 1', wholeNumber(0, 2 ** 31 - 1))
    .option('--workers <n>', 'load workers, each a thread of its own; 1', wholeNumber(1, 64))
    .addOption(new Option('--pacer <kind>', 'how open loads wait').choices(['sleep', 'spin']))
    .option('--isolate', 'give client and engine cores of their own while measuring')
    .option('--no-isolate', 'let them share; when neither is given: isolate if there are enough')
    .option('--in-process', 'without an engine host, where the adapter allows it')
    .addOption(
      new Option('--on-store-lost <what>', 'what becomes of the others when a store is lost')
        .choices(['stop', 'continue'])
        .default('continue'),
    )
    .option('--out <folder>', 'where the run is written; a new folder below reports/out')
    .option('--resume <folder>', 'go on with a run that was cut off')
    .option('--dry-run', 'check suite and targets, print the plan, and stop')
    .option('--keep-ids', 'keep every answer in ids/')
    .option('--aa', 'measure identical halves in pairs: the noise')
    .option('--price <file>', 'what is paid, for the cost of a million queries');
  addRemoteOptions(command)
    .option('--json', 'print summaries, gates and the folder as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', examples)
    .action(async (options: RunOptions) => {
      process.exitCode = await runSuite(options, around);
    });
}

/** A suite with everything that the command line says about it. */
interface Request extends Omit<PlanRequest, 'remote'> {
  readonly keepIds: boolean;
  readonly prices: Prices | undefined;
  /** The folder to go on in; undefined begins a new run. */
  readonly resume: string | undefined;
}

async function requestOf(options: RunOptions): Promise<Request> {
  if (options.resume !== undefined) return resumedRequest(options, options.resume);
  const { suite: given = missingSuite(), seed = 1, keepIds = false, dataset } = options;
  const { name, suite } = await loadSuite(given);
  return {
    suiteName: name,
    suite: applySettings(name, suite, [...settingsOn(suite, dataset), ...settingsOf(options)]),
    seed,
    keepIds,
    aa: options.aa === true,
    inProcess: options.inProcess === true,
    targetsFile: options.targets,
    prices: options.price === undefined ? undefined : await loadPrices(options.price),
    resume: undefined,
  };
}

/** What the journal says, unless the command line says otherwise, which is then refused. */
async function resumedRequest(options: RunOptions, given: string): Promise<Request> {
  if (options.out !== undefined) {
    throw new BenchError('BAD_ARGUMENT', 'bench run takes --resume or --out, not both', {
      hint: 'a resumed run goes on in its own folder',
    });
  }
  const resume = resolve(callerFolder(), given);
  const { header } = await readJournal(resume);
  if (options.aa === true && header.aa !== true) throw notPaired(header.runId);
  const suiteName = options.suite === undefined ? header.suiteName : nameOfSuite(options.suite);
  return {
    suiteName,
    suite: applySettings(suiteName, header.suite, settingsOf(options)),
    seed: options.seed ?? header.seed,
    keepIds: options.keepIds ?? header.keepIds,
    aa: header.aa === true,
    // The option is for all; a single one has it from the file of targets.
    inProcess: options.inProcess ?? header.targets.every((target) => target.inProcess === true),
    targetsFile: options.targets ?? header.targetsFile,
    prices: options.price === undefined ? header.prices : await loadPrices(options.price),
    resume,
  };
}

function notPaired(runId: string): BenchError {
  return new BenchError('RESUME_DIFFERS', `resuming ${runId}: it was begun without --aa`, {
    hint: 'leave --aa away, or begin a new run with another --out',
  });
}

function missingSuite(): never {
  throw new BenchError('BAD_ARGUMENT', 'bench run needs --suite or --resume', {
    hint: 'bench list suites shows what there is, for example bench run --suite ivfpq',
  });
}

async function runSuite(options: RunOptions, around: RemoteSurroundings): Promise<number> {
  const request = await requestOf(options);
  const remote = { options, prices: request.prices, around };
  const progress = options.quiet === true ? silentProgress : terminalProgress(process.stderr);
  const planning = await planRun({ ...request, remote }, options.target !== undefined);
  if (options.dryRun === true) {
    process.stdout.write(`${describePlan(planning.whole)}${planning.requests}`);
    return 0;
  }
  const planned = await planning.withoutMissing();
  const { plan } = planned;
  progress.note(describePlan(plan).trimEnd());
  const { suiteName } = request;
  const runId = newFolderName(suiteName);
  const folder = request.resume ?? folderOf(options, runId);
  const ended = await runAndReport({
    ...planned,
    suiteName,
    folder,
    runId,
    resume: request.resume !== undefined,
    keepIds: request.keepIds,
    isolate: options.isolate,
    onStoreLost: options.onStoreLost,
    prices: request.prices,
    progress,
  });
  return finish({ ...ended, folder, json: options.json === true });
}

function folderOf(options: RunOptions, runId: string): string {
  if (options.out !== undefined) return resolve(callerFolder(), options.out);
  return join(defaultRunsFolder(), runId);
}

interface Ending {
  readonly document: Run;
  readonly folder: string;
  readonly report: string;
  readonly json: boolean;
}

async function finish({ document, folder, report, json }: Ending): Promise<number> {
  const { runId, status, summaries, gates, noise } = document;
  if (json) {
    const printed = { runId, status, folder, report, summaries, gates, noise };
    process.stdout.write(`${JSON.stringify(printed, null, 2)}\n`);
  } else {
    process.stdout.write(formatRun(document));
  }
  const kept = await keepNoiseOf(document);
  if (!json) process.stdout.write(`${kept ?? ''}\n${report}\n`);
  return exitCodeOf(document);
}

/** 130 for a run that a person cut short, 3 for what failed, 1 for a gate, else 0. */
function exitCodeOf(document: Run): number {
  const { builds, cells, stopped } = document;
  if (document.status === 'partial' && stopped?.code !== 'STORE_LOST') return 130;
  const brokenBuild = builds.some(({ id }) => latestBuild(builds, id)?.status === 'failed');
  // A resumed run tries failed and partial cells again.
  const brokenCell = cells.some(
    (cell) => cell.status !== 'complete' && !cells.some((later) => isMendedBy(cell, later)),
  );
  if (brokenBuild || brokenCell) return 3;
  const broken = document.gates.some(({ verdict }) => verdict === 'fail' || verdict === 'no-data');
  return broken ? 1 : 0;
}

function isMendedBy(cell: Cell, later: Cell): boolean {
  const { build, key, repeat } = cell;
  const same = later.build === build && later.key === key && later.repeat === repeat;
  return same && later.status === 'complete';
}
