import { timestamp } from '../clock.js';
import { judge } from '../gates/gate.js';
import type { JournalHeader } from '../journal.js';
import type { QueryScores } from '../measure/scores.js';
import type { Plan, PlannedCell, Target, Unsupported } from '../plan.js';
import {
  type Build,
  type Cell,
  type DatasetResult,
  type Environment,
  type Note,
  type Run,
  runSchemaName,
  type TargetResult,
} from '../result.js';
import type { IsolationPlan } from './isolation.js';
import { atRecall, fronts, summarise } from './summarise.js';

/** Everything that a run document is made of. */
export interface DocumentInput {
  readonly plan: Plan;
  readonly suiteName: string;
  readonly targets: readonly Target[];
  readonly tool: Run['tool'];
  readonly header: JournalHeader;
  readonly environment: Environment;
  readonly dataset: DatasetResult;
  readonly builds: readonly Build[];
  readonly cells: readonly Cell[];
  readonly warnings: readonly Note[];
  readonly interleaved: boolean;
  readonly isolation: IsolationPlan | undefined;
  /** Why the run ended before its plan did. */
  readonly stopped: Note | undefined;
  /** Stored scores by cell and stream. */
  readonly scores: ReadonlyMap<string, Readonly<Record<string, QueryScores>>>;
}

/** Whether a finished cell is an attempt at a planned one. */
export function isSameCell(done: Cell, cell: PlannedCell): boolean {
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
    cells,
    builds,
    scoresOf: (cell, stream) => input.scores.get(cell.id)?.[stream],
    seed: plan.seed,
  });
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
    datasets: [input.dataset],
    targets: targets.map((target) => targetResult(target, builds)),
    unsupported: [...plan.unsupported, ...unsupportedCells(input)].map((one) => ({ ...one })),
    interleaved: input.interleaved,
    ...(input.isolation === undefined ? {} : { isolation: isolationResult(input.isolation) }),
    ...(input.stopped === undefined ? {} : { stopped: input.stopped }),
    warnings: [...input.warnings],
    builds: [...builds],
    cells: [...cells],
    summaries,
    fronts: fronts(summaries, targets),
    atRecall: atRecall(summaries, targets),
    capacity: [],
    gates: judge(plan.suite.gates ?? [], summaries),
  };
}

/** Every planned cell was tried, but for those of builds that came to nothing. */
function isWhole({ plan, builds, cells, stopped }: DocumentInput): boolean {
  if (stopped !== undefined) return false;
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
    transport: adapter.transports[0] ?? 'client',
    ...(latest === undefined ? {} : { version: latest.version }),
    ...(latest?.client === undefined ? {} : { client: latest.client }),
    settings: Object.fromEntries(settings),
    warnings: [...(latest?.warnings ?? [])],
    standIn: adapter.standIn === true,
  };
}
