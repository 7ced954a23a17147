import { timestamp } from '../clock.js';
import type { Prices } from '../cost/prices.js';
import { judge } from '../gates/gate.js';
import type { JournalHeader } from '../journal.js';
import type { QueryScores } from '../measure/scores.js';
import { noiseOf } from '../noise/noise.js';
import type { Plan, PlannedCell, Target, Unsupported } from '../plan.js';
import {
  type Build,
  type Capacity,
  type Cell,
  type DatasetResult,
  type Environment,
  type Note,
  type Run,
  runSchemaName,
  type TargetResult,
} from '../result.js';
import type { IsolationPlan } from './isolation.js';
import { samplingCost } from './sampling-cost.js';
import { atRecall, fronts, summarise } from './summarise.js';

/** Everything that a run document is made of. */
export interface DocumentInput {
  readonly plan: Plan;
  readonly suiteName: string;
  readonly targets: readonly Target[];
  readonly tool: Run['tool'];
  readonly header: JournalHeader;
  readonly environment: Environment;
  /** What was found of this machine before, where something was. */
  readonly known: Pick<Run, 'calibration'>;
  readonly dataset: DatasetResult;
  readonly builds: readonly Build[];
  readonly cells: readonly Cell[];
  readonly warnings: readonly Note[];
  readonly interleaved: boolean;
  readonly isolation: IsolationPlan | undefined;
  /** Of a search for the highest rates: what was found, and whether that is all. */
  readonly capacities?: { readonly found: readonly Capacity[]; readonly whole: boolean };
  /** Why the run ended before its plan did. */
  readonly stopped: Note | undefined;
  /** Stored scores by cell and stream. */
  readonly scores: ReadonlyMap<string, Readonly<Record<string, QueryScores>>>;
  readonly prices?: Prices | undefined;
}

/** Whether a finished cell is an attempt at a planned one. */
export function isSameCell(done: Cell, cell: Pick<PlannedCell, 'id'>): boolean {
  return done.id === `${cell.id}-a${done.attempt}`;
}

/** The latest build of an id: an earlier one may have been lost, and built anew. */
export function latestBuild(builds: readonly Build[], id: string): Build | undefined {
  return builds.filter((build) => build.id === id).at(-1);
}

/** Summarises and judges; everything of a run in one document. */
export function makeDocument(input: DocumentInput): Run {
  const { plan, targets, header, builds, cells } = input;
  const summaries = summarise({
    cells: cells.filter(({ role }) => role !== 'trial'),
    builds,
    scoresOf: (cell, stream) => input.scores.get(cell.id)?.[stream],
    seed: plan.seed,
    prices: input.prices,
  });
  const aa = plan.aa === true ? noiseOf({ cells, summaries, seed: plan.seed }) : undefined;
  return {
    schema: runSchemaName,
    runId: header.runId,
    status: isWhole(input) ? 'complete' : 'partial',
    startedAt: header.startedAt,
    finishedAt: timestamp(),
    seed: plan.seed,
    command: [...header.command],
    tool: input.tool,
    suite: { ...plan.suite, name: input.suiteName },
    environment: input.environment,
    ...input.known,
    datasets: [input.dataset],
    targets: targets.map((target) => targetResult(target, builds)),
    unsupported: [...plan.unsupported, ...unsupportedCells(input)].map((one) => ({ ...one })),
    interleaved: input.interleaved,
    ...optionalParts(input),
    warnings: [...input.warnings, ...(aa?.unknown ?? []).map(fewPairs)],
    builds: [...builds],
    cells: [...cells],
    summaries,
    fronts: fronts(summaries, targets),
    atRecall: atRecall(summaries, targets),
    capacity: [...(input.capacities?.found ?? [])],
    ...(aa !== undefined && { aa: true, noise: aa.noise }),
    gates: judge(plan.suite.gates ?? [], summaries),
  };
}

/** What not every run has. */
function optionalParts({ isolation, stopped, prices, cells }: DocumentInput): Partial<Run> {
  const sampling = samplingCost(cells);
  return {
    ...(isolation !== undefined && { isolation: isolationResult(isolation) }),
    ...(stopped !== undefined && { stopped }),
    ...(prices !== undefined && { prices }),
    ...(sampling !== undefined && { sampling }),
  };
}

function fewPairs(message: string): Note {
  return { code: 'FEW_PAIRS', message };
}

/** Every planned cell was tried, but for those of builds that came to nothing. */
function isWhole({ plan, builds, cells, stopped, capacities }: DocumentInput): boolean {
  if (stopped !== undefined) return false;
  if (capacities !== undefined) return capacities.whole;
  return plan.cells.every((cell) => {
    if (latestBuild(builds, cell.build.id)?.status === 'failed') return true;
    return cells.some((done) => isSameCell(done, cell));
  });
}

/** What a store turned out not to do, once for each build. */
function unsupportedCells({ cells, builds }: DocumentInput): Unsupported[] {
  const found = new Map<string, Unsupported>();
  for (const { failure, build: id } of cells) {
    if (failure?.code !== 'UNSUPPORTED') continue;
    const target = latestBuild(builds, id)?.target ?? id;
    found.set(`${id}/${failure.message}`, { target, what: id, why: failure.message });
  }
  return [...found.values()];
}

function isolationResult(plan: IsolationPlan): NonNullable<Run['isolation']> {
  return { ...plan, clientCores: [...plan.clientCores], engineCores: [...plan.engineCores] };
}

/** How a store was spoken to: as the target's settings say, or the adapter's first way. */
function transportOf({ adapter, options }: Target): string {
  const { transport } = (options ?? {}) as { readonly transport?: unknown };
  return typeof transport === 'string' ? transport : (adapter.transports[0] ?? 'client');
}

/** A target as its builds found it; of the settings those that all of them share. */
function targetResult(target: Target, builds: readonly Build[]): TargetResult {
  const { adapter } = target;
  const stores = builds.flatMap((build) =>
    build.target === target.name && build.store !== undefined ? [build.store] : [],
  );
  const latest = stores.at(-1);
  const settings = Object.entries(latest?.settings ?? {}).filter(([name, value]) =>
    stores.every((store) => store.settings[name] === value),
  );
  return {
    name: target.name,
    adapter: target.adapterName,
    kind: adapter.kind,
    transport: transportOf(target),
    ...(latest === undefined ? {} : { version: latest.version }),
    ...(latest?.client === undefined ? {} : { client: latest.client }),
    settings: Object.fromEntries(settings),
    warnings: [...(latest?.warnings ?? [])],
    standIn: adapter.standIn === true,
  };
}
