import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CapacityTask } from '../core/capacity/find.js';
import { parseSlo, requestsNeeded, sloPresets } from '../core/capacity/slo.js';
import { BenchError } from '../core/errors.js';
import { spentCode } from '../core/load/request-budget.js';
import { suggestion } from '../core/nearest.js';
import type { Plan } from '../core/plan.js';
import { silentProgress } from '../core/progress.js';
import type { Run } from '../core/result.js';
import { groupsOf } from '../core/run/capacities.js';
import { latestBuild } from '../core/run/document.js';
import type { Suite, SuiteLoad } from '../core/suite.js';
import { formatSeconds } from '../core/units.js';
import { callerFolder, defaultRunsFolder, newFolderName } from './caller.js';
import { formatCapacity } from './capacity-table.js';
import { applySettings } from './overrides.js';
import { describePlan, planRun, type SuiteOptions, settingsOf, settingsOn } from './planning.js';
import { loadPrices } from './prices.js';
import { terminalProgress } from './progress.js';
import { loadSuite } from './registry.js';
import { addRemoteOptions, type RemoteOptions, type RemoteSurroundings } from './remote-guard.js';
import { runAndReport } from './run-and-report.js';
import { wholeNumber } from './whole-number.js';

interface CapacityOptions extends Omit<SuiteOptions, 'repeats'>, RemoteOptions {
  readonly suite: string;
  readonly slo: string;
  readonly price?: string;
  readonly tune?: string[];
  readonly budget: number;
  readonly from?: number;
  readonly seed: number;
  readonly isolate?: boolean;
  readonly inProcess?: boolean;
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

const presets = Object.entries(sloPresets)
  .map(([name, text]) => `  ${name.padEnd(18)} ${text}`)
  .join('\n');

const help = `
An SLO is conditions with commas between, all of which must hold:
  p50, p90, p95, p99, p999 <=   response: from the moment a request was due; 20ms, 800us, 1.5s
  service.p50 ... <=            from sending to answer
  recall, ndcg >=               recall@k, NDCG@10; 0.95 or 95%
  errors <=                     share of requests that failed or were never sent; 0.1%
  qps >=                        at least this rate must pass, nothing below is tried
or one of these, as production systems have published them:
${presets}

Examples:
  $ bench capacity --suite smoke --slo "p99<=20ms,recall>=0.95,errors<=0.1%"
  $ bench capacity --suite ivfpq --tune nprobe,kFactor --slo "p99<=10ms,recall>=0.9"
  $ bench capacity --suite hnsw --slo vector-search --budget 60s`;

/** `bench capacity`: the highest rate at which an SLO is met. */
export function capacityCommand(program: Command, around: RemoteSurroundings = {}): void {
  const command = program
    .command('capacity')
    .description('find the highest rate at which a store still meets an SLO')
    .requiredOption('--suite <name>', 'whose indexes and queries: of bench list suites, or a file')
    .requiredOption('--slo <conditions>', 'as "p99<=20ms,recall>=0.95", or the name of one')
    .option('--target <name>', 'what to measure it on, by name or file; repeatable', collect)
    .option('--targets <file>', 'targets with settings, by name, for --target and the suite')
    .option('--dataset <name>', 'the data, instead of that of the suite; bench list datasets')
    .option('--set <key=value>', 'another value for anything in the suite; repeatable', collect)
    .option('--tune <names>', 'search parameters of which the fastest that passes is found', names)
    .option('--budget <time>', 'for the answer of one setting: 90s, 5m', duration, 120)
    .option('--from <qps>', 'rate of the first trial', wholeNumber(1, 10_000_000))
    .option('--price <file>', 'what is paid, for the cost of a million queries')
    .option('--seed <n>', 'seed of orders and training', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('--workers <n>', 'load workers, each a thread of its own; 1', wholeNumber(1, 64))
    .addOption(new Option('--pacer <kind>', 'how the load waits').choices(['sleep', 'spin']))
    .option('--isolate', 'give client and engine cores of their own while measuring')
    .option('--no-isolate', 'let them share; when neither is given: isolate if there are enough')
    .option('--in-process', 'without an engine host, where the adapter allows it');
  addRemoteOptions(command)
    .option('--out <folder>', 'where the result goes; in reports/out when not given')
    .option('--dry-run', 'check everything, say how long it takes, and stop')
    .option('--json', 'print what was found and the folder as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', help)
    .action(async (options: CapacityOptions) => {
      process.exitCode = await findCapacity(options, around);
    });
}

function names(text: string): string[] {
  const all = text.split(',').map((name) => name.trim());
  if (all.includes('')) throw new InvalidArgumentError(`must be names with commas, got ${text}`);
  return all;
}

const shortestBudgetS = 10;
const longestBudgetS = 86_400;
const unitS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

function duration(text: string): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text) ?? [];
  const seconds = Number(digits) * (unitS[unit] as number);
  if (seconds >= shortestBudgetS && seconds <= longestBudgetS) return seconds;
  throw new InvalidArgumentError(`must be 10s..24h, as 90s, 5m or 1h, got ${text}`);
}

async function findCapacity(options: CapacityOptions, around: RemoteSurroundings): Promise<number> {
  const { suite: given, seed, budget: budgetS, tune = [], from: fromQps } = options;
  const slo = parseSlo(options.slo);
  const task: CapacityTask = { slo, budgetS, tune, ...(fromQps !== undefined && { fromQps }) };
  const { name: suiteName, suite: stored } = await loadSuite(given);
  const settings = [...settingsOn(stored, options.dataset), ...settingsOf(options)];
  const suite = underOneRate(applySettings(suiteName, stored, settings));
  const { inProcess = false, targets: targetsFile } = options;
  const prices = options.price === undefined ? undefined : await loadPrices(options.price);
  const remote = { options, prices, task, around };
  const request = { suiteName, suite, seed, inProcess, targetsFile, remote };
  const planning = await planRun(request, options.target !== undefined);
  checkTuned(task, planning.whole);
  if (options.dryRun === true) {
    process.stdout.write(`${describe(planning.whole, task)}${planning.requests}`);
    return 0;
  }
  const planned = await planning.withoutMissing();
  const progress = options.quiet === true ? silentProgress : terminalProgress(process.stderr);
  progress.note(describe(planned.plan, task).trimEnd());
  const runId = newFolderName(`capacity-${suiteName}`);
  const folder = resolve(callerFolder(), options.out ?? join(defaultRunsFolder(), runId));
  const { document, report } = await runAndReport({
    ...planned,
    suiteName,
    folder,
    runId,
    resume: false,
    keepIds: false,
    isolate: options.isolate,
    onStoreLost: 'continue',
    capacity: task,
    prices,
    progress,
  });
  print(document, { folder, report, json: options.json === true });
  return exitCodeOf(document);
}

/** The suite with an open load in place of those of its first stream, measured once. */
function underOneRate(suite: Suite): Suite {
  const [first, ...others] = suite.streams as [Suite['streams'][number]];
  const rate: SuiteLoad = { kind: 'open', rateQps: 1, ...flowOf(first.load) };
  return {
    ...suite,
    streams: [{ ...first, load: [rate] }, ...others],
    measure: { ...suite.measure, repeats: 1 },
    gates: [],
  };
}

/** How requests of the suite's own open load arrive, where it has one. */
function flowOf(loads: readonly SuiteLoad[]) {
  for (const load of loads) {
    if (load.kind === 'closed') continue;
    const { arrivals, maxInFlight } = load;
    return {
      ...(arrivals !== undefined && { arrivals }),
      ...(maxInFlight !== undefined && { maxInFlight }),
    };
  }
  return {};
}

/** @throws BenchError BAD_ARGUMENT for a tuned parameter that is none, or nothing to choose by */
function checkTuned({ tune, slo }: CapacityTask, { cells }: Plan): void {
  if (tune.length === 0) return;
  const known = [...new Set(cells.flatMap(({ search }) => Object.keys(search)))];
  for (const name of tune) {
    if (known.includes(name)) continue;
    const near = known.length === 0 ? 'the suite has none' : suggestion(name, known);
    throw new BenchError('BAD_ARGUMENT', `--tune: ${name} is no search parameter; ${near}`, {
      hint: 'bench run --suite NAME --dry-run shows what a suite measures',
    });
  }
  if (slo.conditions.some(({ metric }) => metric === 'recall' || metric === 'ndcg')) return;
  throw new BenchError('BAD_ARGUMENT', `--tune needs a recall or ndcg in --slo, got ${slo.text}`, {
    hint: 'without one the fastest setting is the one that finds nothing; add recall>=0.9',
  });
}

function describe(plan: Plan, task: CapacityTask): string {
  const [title, facts, ...leftOut] = describePlan(plan).trimEnd().split('\n');
  const settings = groupsOf(plan.cells, task.tune).length;
  const most = formatSeconds(settings * task.budgetS);
  const needs = `a trial has ${requestsNeeded(task.slo)} requests or more`;
  const answers = settings === 1 ? '1 answer' : `${settings} answers`;
  const lines = [
    `capacity under ${task.slo.text}: ${title}`,
    `${facts?.split(';')[0]}; ${answers}, at most ${most} of searching; ${needs}`,
    ...leftOut,
  ];
  return `${lines.join('\n')}\n`;
}

function print(run: Run, to: { folder: string; report: string; json: boolean }): void {
  const { runId, status, capacity } = run;
  const { folder, report } = to;
  const text = to.json
    ? JSON.stringify({ runId, status, folder, report, capacity }, null, 2)
    : `${formatCapacity(run)}\n${report}`;
  process.stdout.write(`${text}\n`);
}

/** 130 for a search that a person cut short, 3 for what failed, else 0: any answer is one. */
function exitCodeOf({ status, stopped, builds }: Run): number {
  if (stopped?.code === 'INTERRUPTED' || stopped?.code === spentCode) return 130;
  const broken = builds.some(({ id }) => latestBuild(builds, id)?.status === 'failed');
  return broken || status === 'partial' ? 3 : 0;
}
