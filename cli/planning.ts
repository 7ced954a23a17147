import type { Probe } from '../core/adapter.js';
import type { Dataset } from '../core/dataset.js';
import { BenchError, messageOf } from '../core/errors.js';
import { storedFields } from '../core/plan/payload.js';
import { makePlan, type Plan, type Target } from '../core/plan.js';
import { type Mask, maskError, maskTexts } from '../core/secrets.js';
import type { Suite } from '../core/suite.js';
import { formatBytes, formatSeconds } from '../core/units.js';
import { callerFolder } from './caller.js';
import { loadDatasetEntry } from './dataset-sources.js';
import { type LoadedTargets, loadTargets } from './own-targets.js';
import { withLogPaths } from './query-log-paths.js';
import { loadQueryLogs } from './query-logs.js';
import { allowRequests, type RemoteRequest, requestFacts, withBudget } from './remote-guard.js';
import { describeRequests } from './request-text.js';
import { findElsewhere } from './target-addresses.js';
import { targetFromFolder } from './target-name.js';

/** What is to be planned: a suite with everything that the command line says about it. */
export interface PlanRequest {
  readonly suiteName: string;
  readonly suite: Suite;
  readonly seed: number;
  readonly inProcess: boolean;
  /** Every repeat is a pair of identical halves. */
  readonly aa?: boolean;
  /** A file of targets, from the caller's folder. */
  readonly targetsFile?: string | undefined;
  /** What may be sent elsewhere. */
  readonly remote: RemoteRequest;
}

/** A plan whose targets work here. */
export interface Planned {
  readonly plan: Plan;
  readonly targets: readonly Target[];
  /** The file that the targets are of, absolute. */
  readonly targetsFile: string | undefined;
  /** Hides what came from the environment. */
  readonly mask: Mask;
  /** Reads the dataset of the plan. */
  readonly loadDataset: () => Promise<Dataset>;
}

/** A plan whose targets were not tried yet. */
export interface Planning {
  readonly whole: Plan;
  /** What would be sent elsewhere, in lines; empty where nothing is. */
  readonly requests: string;
  /**
   * Tries the engines, and leaves out those of the suite that are not installed. Before, it says
   * what will be sent elsewhere.
   *
   * @throws BenchError when one that was named does not work, or not a single one does;
   *   BAD_ARGUMENT when something would be sent elsewhere, and the person does not say so
   */
  withoutMissing(): Promise<Planned>;
}

/** Options of a command that change its suite. */
export interface SuiteOptions {
  readonly target?: string[];
  readonly targets?: string;
  readonly dataset?: string;
  readonly set?: string[];
  readonly repeats?: number;
  readonly workers?: number;
  readonly pacer?: 'sleep' | 'spin';
}

/**
 * Plans a suite. Mistakes are told before any engine is tried.
 *
 * @param byName the targets were named by the person, who wants no other
 * @throws BenchError BAD_SUITE, BAD_ARGUMENT, UNKNOWN_NAME, UNSUPPORTED
 */
export async function planRun(request: PlanRequest, byName: boolean): Promise<Planning> {
  const { suiteName, seed, aa = false, remote } = request;
  const suite = withLogPaths(request.suite, callerFolder());
  const { targets: found, mask, file: targetsFile } = await targetsOf(suite, request);
  const elsewhere = await findElsewhere(found, { mask, ...remote.around });
  const targets = withBudget(found, elsewhere, remote.options);
  const entry = await loadDatasetEntry(suite.dataset);
  const { load: loadData, title: _, ...facts } = entry;
  const shape = { name: suite.dataset, ...facts };
  const { payload: columns = {} } = facts;
  const queryLogs = await loadQueryLogs(suite, entry.queries);
  const planned = { suiteName, suite, dataset: shape, targets, seed, aa, queryLogs };
  const whole = makePlan(planned);
  const sending = requestFacts(whole, elsewhere, remote);
  return {
    whole,
    requests: sending === undefined ? '' : describeRequests(sending),
    async withoutMissing() {
      if (sending !== undefined) allowRequests(sending, remote.options);
      const missing = await findMissing(targets, byName, mask);
      return {
        plan: missing.size === 0 ? whole : makePlan({ ...planned, missing }),
        targets: targets.filter(({ name }) => !missing.has(name)),
        targetsFile,
        mask,
        loadDataset: () =>
          loadData(suite.dataset, { payload: storedFields(suite, columns).length > 0 }),
      };
    },
  };
}

/** What the suite itself changes for another dataset. */
export function settingsOn({ on }: Suite, dataset: string | undefined): string[] {
  const own = dataset === undefined ? {} : (on?.[dataset] ?? {});
  return Object.entries(own).map(([place, value]) => `${place}=${JSON.stringify(value)}`);
}

/** Every option that changes the suite, as one --set each. */
export function settingsOf(options: SuiteOptions): string[] {
  const { dataset, set = [], repeats, workers, pacer } = options;
  // A resumed run may be told from another folder.
  const target = options.target?.map((name) => targetFromFolder(callerFolder(), name));
  return [
    ...(dataset === undefined ? [] : [`dataset="${dataset}"`]),
    ...(target === undefined ? [] : [`targets=${JSON.stringify(target)}`]),
    ...set,
    ...(repeats === undefined ? [] : [`measure.repeats=${repeats}`]),
    ...(workers === undefined ? [] : [`measure.workers=${workers}`]),
    ...(pacer === undefined ? [] : [`measure.pacer=${pacer}`]),
  ];
}

async function targetsOf(
  suite: Suite,
  { inProcess, targetsFile }: PlanRequest,
): Promise<LoadedTargets> {
  const loaded = await loadTargets(suite.targets, targetsFile);
  const { targets } = loaded;
  checkNames(targets);
  if (!inProcess) return loaded;
  const refusing = targets.filter(({ adapter }) => adapter.inProcess !== true);
  if (refusing.length > 0) {
    const names = refusing.map(({ name }) => name).join(', ');
    throw new BenchError('BAD_ARGUMENT', `--in-process: ${names} cannot work in this process`, {
      hint: 'leave --in-process out, or name other targets with --target',
    });
  }
  return { ...loaded, targets: targets.map((target) => ({ ...target, inProcess })) };
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

const notHere: readonly string[] = ['NO_PACKAGE', 'NO_PYTHON', 'UNREACHABLE'];

/**
 * Which engines of a suite are not installed, and which servers do not run: those that are there
 * are compared without them. Ends the run, before any data is loaded, when one that was asked for
 * by name does not work, or not a single one.
 */
async function findMissing(
  targets: readonly Target[],
  byName: boolean,
  mask: Mask,
): Promise<ReadonlyMap<string, string>> {
  const missing = new Map<string, string>();
  for (const target of targets) {
    const { name } = target;
    const probe = await probed(target, mask);
    if (probe === undefined || probe.works) continue;
    const { code = 'NO_PACKAGE', detail, hint } = probe;
    missing.set(name, hint === undefined ? detail : `${detail}; ${hint}`);
    const canDoWithout = !byName && missing.size < targets.length && notHere.includes(code);
    if (canDoWithout) continue;
    throw new BenchError(code, `target ${name} does not work here: ${detail}`, {
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return missing;
}

/** What trying an engine comes to, with its texts masked. */
async function probed({ name, adapter, options }: Target, mask: Mask): Promise<Probe | undefined> {
  try {
    const probe = await adapter.probe?.(options);
    return probe && maskTexts(probe, mask);
  } catch (error) {
    throw maskError(isBug(error) ? error : notTried(name, error), mask);
  }
}

/** Clients throw what servers say as it comes; these are no server's words. */
function isBug(error: unknown): boolean {
  return [TypeError, ReferenceError, RangeError].some((kind) => error instanceof kind);
}

function notTried(name: string, cause: unknown): BenchError {
  if (cause instanceof BenchError) return cause;
  const message = `target ${name} does not work here: ${messageOf(cause)}`;
  return new BenchError('STORE_FAILED', message, {
    hint: 'is it this kind of server that listens there, and what does its log say?',
    cause,
  });
}

/** What will be measured, in lines for a person. */
export function describePlan(plan: Plan): string {
  const { builds, cells, suite, dataset } = plan;
  const what = `${dataset.name}: ${dataset.rows} x ${dataset.dimensions}, ${dataset.metric}`;
  const time = `at least ${formatSeconds(plan.measuringS)} of measuring`;
  const pairs = plan.aa === true ? ' in pairs' : '';
  const size = `${builds.length} indexes, ${cells.length} cells${pairs}`;
  const lines = [
    `${suite.title}`,
    `${what}; ${size}; ${time}, about ${formatBytes(plan.bytes)} of memory`,
    ...plan.unsupported.map(({ target, what: lacking, why }) => {
      return `left out, ${target}: ${lacking}: ${why}`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}
