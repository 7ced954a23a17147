import { setMaxListeners } from 'node:events';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { BenchError } from '../core/errors.js';
import { writeWhole } from '../core/files.js';
import { readJournal } from '../core/journal.js';
import { makePlan, type Plan, type Target } from '../core/plan.js';
import { type Progress, silentProgress } from '../core/progress.js';
import type { Cell, Run } from '../core/result.js';
import { latestBuild } from '../core/run/document.js';
import { run } from '../core/run.js';
import type { Suite } from '../core/suite.js';
import { formatBytes, formatSeconds } from '../core/units.js';
import {
  cacheFolder,
  callerFolder,
  defaultRunsFolder,
  describeTool,
  newFolderName,
} from './caller.js';
import { loadDatasetEntry } from './dataset-sources.js';
import { applySettings } from './overrides.js';
import { fromFolder } from './own-file.js';
import { terminalProgress } from './progress.js';
import { withLogPaths } from './query-log-paths.js';
import { loadQueryLogs } from './query-logs.js';
import { load, loadSuite, loadTarget, nameOfSuite } from './registry.js';
import { formatRun } from './run-table.js';
import { wholeNumber } from './whole-number.js';

interface RunOptions {
  readonly suite?: string;
  readonly target?: string[];
  readonly dataset?: string;
  readonly set?: string[];
  readonly repeats?: number;
  readonly seed?: number;
  readonly workers?: number;
  readonly pacer?: 'sleep' | 'spin';
  readonly isolate?: boolean;
  readonly inProcess?: boolean;
  readonly onStoreLost: 'stop' | 'continue';
  readonly out?: string;
  readonly resume?: string;
  readonly dryRun?: boolean;
  readonly keepIds?: boolean;
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
  $ bench run --resume reports/out/my-run`;

/** `bench run`: runs a suite, writes the result and its report. */
export function runCommand(program: Command): void {
  program
    .command('run')
    .description('run a suite and write its result and HTML report')
    .option('--suite <name>', 'what to measure: one of bench list suites, or a file')
    .option('--target <name>', 'what to measure it on, by name or file; repeatable', collect)
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
    .option('--json', 'print summaries, gates and the folder as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', examples)
    .action(async (options: RunOptions) => {
      process.exitCode = await runSuite(options);
    });
}

/** A suite with everything that the command line says about it. */
interface Request {
  readonly suiteName: string;
  readonly suite: Suite;
  readonly seed: number;
  readonly keepIds: boolean;
  readonly inProcess: boolean;
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
    inProcess: options.inProcess === true,
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
  const suiteName = options.suite === undefined ? header.suiteName : nameOfSuite(options.suite);
  return {
    suiteName,
    suite: applySettings(suiteName, header.suite, settingsOf(options)),
    seed: options.seed ?? header.seed,
    keepIds: options.keepIds ?? header.keepIds,
    inProcess: options.inProcess ?? header.targets.some((target) => target.inProcess === true),
    resume,
  };
}

function missingSuite(): never {
  throw new BenchError('BAD_ARGUMENT', 'bench run needs --suite or --resume', {
    hint: 'bench list suites shows what there is, for example bench run --suite ivfpq',
  });
}

/** What the suite itself changes for another dataset. */
function settingsOn({ on }: Suite, dataset: string | undefined): string[] {
  const own = dataset === undefined ? {} : (on?.[dataset] ?? {});
  return Object.entries(own).map(([place, value]) => `${place}=${JSON.stringify(value)}`);
}

/** Every option that changes the suite, as one --set each. */
function settingsOf(options: RunOptions): string[] {
  const { dataset, set = [], repeats, workers, pacer } = options;
  // A resumed run may be told from another folder.
  const target = options.target?.map((name) => fromFolder(callerFolder(), name));
  return [
    ...(dataset === undefined ? [] : [`dataset="${dataset}"`]),
    ...(target === undefined ? [] : [`targets=${JSON.stringify(target)}`]),
    ...set,
    ...(repeats === undefined ? [] : [`measure.repeats=${repeats}`]),
    ...(workers === undefined ? [] : [`measure.workers=${workers}`]),
    ...(pacer === undefined ? [] : [`measure.pacer=${pacer}`]),
  ];
}

async function targetsOf(suite: Suite, inProcess: boolean): Promise<Target[]> {
  const targets = await Promise.all(suite.targets.map(loadTarget));
  checkNames(targets);
  if (!inProcess) return targets;
  const refusing = targets.filter(({ adapter }) => adapter.inProcess !== true);
  if (refusing.length > 0) {
    const names = refusing.map(({ name }) => name).join(', ');
    throw new BenchError('BAD_ARGUMENT', `--in-process: ${names} cannot work in this process`, {
      hint: 'leave --in-process out, or name other targets with --target',
    });
  }
  return targets.map((target) => ({ ...target, inProcess }));
}

/** Results tell targets by their names. */
function checkNames(targets: readonly Target[]): void {
  const names = targets.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new BenchError('BAD_ARGUMENT', `two targets have the same name, ${twice}`, {
    hint: 'name each target once; a file of your own is named by its file',
  });
}

async function runSuite(options: RunOptions): Promise<number> {
  const request = await requestOf(options);
  const progress = options.quiet === true ? silentProgress : terminalProgress(process.stderr);
  const { suiteName, seed } = request;
  const suite = withLogPaths(request.suite, callerFolder());
  const targets = await targetsOf(suite, request.inProcess);
  const entry = await loadDatasetEntry(suite.dataset);
  const { load: loadData, title: _, ...facts } = entry;
  const shape = { name: suite.dataset, ...facts };
  const queryLogs = await loadQueryLogs(suite, entry.queries);
  const planned = { suiteName, suite, dataset: shape, targets, seed, queryLogs };
  // Mistakes are told before any engine is tried.
  const whole = makePlan(planned);
  if (options.dryRun === true) {
    process.stdout.write(describePlan(whole));
    return 0;
  }
  const missing = await findMissing(targets, options.target !== undefined);
  const plan = missing.size === 0 ? whole : makePlan({ ...planned, missing });
  progress.note(describePlan(plan).trimEnd());
  const runId = newFolderName(suiteName);
  const folder = request.resume ?? folderOf(options, runId);
  const document = await withSignals((signal) =>
    run({
      plan,
      suiteName,
      targets: targets.filter(({ name }) => !missing.has(name)),
      loadDataset: () => loadData(suite.dataset),
      folder,
      runId,
      resume: request.resume !== undefined,
      keepIds: request.keepIds,
      isolate: options.isolate,
      onStoreLost: options.onStoreLost,
      command: ['bench', ...process.argv.slice(2)],
      tool: describeTool(),
      cacheFolder: cacheFolder(),
      progress,
      signal,
    }),
  );
  return finish(document, { folder, options, progress });
}

function folderOf(options: RunOptions, runId: string): string {
  if (options.out !== undefined) return resolve(callerFolder(), options.out);
  return join(defaultRunsFolder(), runId);
}

const notInstalled: readonly string[] = ['NO_PACKAGE', 'NO_PYTHON'];

/**
 * Which engines of a suite are not installed, and how they are: those that are there are compared
 * without them. Ends the run, before any data is loaded, when one that was asked for by name does
 * not work, or not a single one.
 */
async function findMissing(
  targets: readonly Target[],
  byName: boolean,
): Promise<ReadonlyMap<string, string>> {
  const missing = new Map<string, string>();
  for (const { name, adapter } of targets) {
    const probe = await adapter.probe?.();
    if (probe === undefined || probe.works) continue;
    const { code = 'NO_PACKAGE', detail, hint } = probe;
    missing.set(name, hint === undefined ? detail : `${detail}; ${hint}`);
    const canDoWithout = !byName && missing.size < targets.length && notInstalled.includes(code);
    if (canDoWithout) continue;
    throw new BenchError(code, `target ${name} does not work here: ${detail}`, {
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return missing;
}

function describePlan(plan: Plan): string {
  const { builds, cells, suite, dataset } = plan;
  const what = `${dataset.name}: ${dataset.rows} x ${dataset.dimensions}, ${dataset.metric}`;
  const time = `at least ${formatSeconds(plan.measuringS)} of measuring`;
  const size = `${builds.length} indexes, ${cells.length} cells`;
  const lines = [
    `${suite.title}`,
    `${what}; ${size}; ${time}, about ${formatBytes(plan.bytes)} of memory`,
    ...plan.unsupported.map(({ target, what: lacking, why }) => {
      return `left out, ${target}: ${lacking}: ${why}`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}

/** Runs until the end or until the person stops it; a second signal ends at once. */
async function withSignals(work: (signal: AbortSignal) => Promise<Run>): Promise<Run> {
  const abort = new AbortController();
  // Every engine host waits for it.
  setMaxListeners(0, abort.signal);
  const stop = (): void => {
    if (abort.signal.aborted) process.exit(130);
    process.stderr.write('\nstopping: what is finished is kept\n');
    abort.abort(new BenchError('INTERRUPTED', 'the run was stopped'));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(abort.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

interface Ending {
  readonly folder: string;
  readonly options: RunOptions;
  readonly progress: Progress;
}

async function finish(document: Run, { folder, options, progress }: Ending): Promise<number> {
  progress.phase('write the report');
  const html = await load('reports', 'html');
  const report = join(folder, 'report.html');
  await writeWhole(report, await html.render([document]));
  progress.end();
  const { runId, status, summaries, gates } = document;
  if (options.json === true) {
    const printed = { runId, status, folder, report, summaries, gates };
    process.stdout.write(`${JSON.stringify(printed, null, 2)}\n`);
  } else {
    process.stdout.write(`${formatRun(document)}\n${report}\n`);
  }
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
