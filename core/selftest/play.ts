import { BenchError } from '../errors.js';
import type { StreamReport, WorkerAssignment } from '../load/assignment.js';
import type { CellOutcome, CellTask, LoadCrew } from '../load/crew.js';
import { makePlan, type Plan, type PlannedBuild, type PlannedCell, type Target } from '../plan.js';
import { silentProgress } from '../progress.js';
import { type BuildContext, build, type LiveBuild } from '../run/build.js';
import type { FinishedCell } from '../run/cell-result.js';
import { measureCell } from '../run/measure-cell.js';
import { type Prepared, prepareDataset } from '../run/prepare.js';
import type { Suite } from '../suite.js';
import { nsPerS } from '../units.js';
import { askedK, type Scenario, type StoreName } from './scenario.js';
import { createServiceLog, readServiceLog, type ServiceRecord } from './service-log.js';
import { syntheticDataset } from './synthetic.js';

/** What all scenarios share. */
export interface PlayContext {
  readonly targets: Readonly<Record<StoreName, Target>>;
  /** Its workers have worked before, so that the warm-up is what the scenario says. */
  readonly crew: LoadCrew;
  readonly runId: string;
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
}

/** A scenario that was played: what the harness made of it, and what the store noted. */
export interface Played {
  readonly scenario: Scenario;
  readonly finished: FinishedCell;
  /** One a worker; empty when the cell failed. */
  readonly reports: readonly StreamReport[];
  readonly assignments: readonly WorkerAssignment[];
  /** Of the store where it meets its caller: in the load worker's own thread. */
  readonly log: ServiceRecord;
  /** Of a server behind it. */
  readonly serverLog: ServiceRecord | undefined;
}

// Requests of a scenario, warm-up counted in; far more than any has.
const logCapacity = 500_000;
// As a run that keeps no ids.
const maxJudged = 100_000;

/**
 * Plays one scenario as `bench run` measures a cell: planned, built, measured by the load workers,
 * merged and judged by the same code.
 *
 * @throws BenchError STORE_FAILED when the store cannot be opened or keeps no log
 */
export async function play(scenario: Scenario, context: PlayContext): Promise<Played> {
  const log = createServiceLog(logCapacity);
  const plan = planOf(scenario, context.targets[scenario.store], log);
  const { runId, cacheFolder, signal } = context;
  const prepared = await prepareDataset(
    { plan, loadDataset: async () => syntheticDataset(), cacheFolder, progress: silentProgress },
    () => undefined,
  );
  const buildContext: BuildContext = {
    runId,
    dataset: prepared.dataset,
    seed: plan.seed,
    buildThreads: 1,
    searchThreads: 1,
    timeoutNs: scenario.timeoutS * nsPerS,
    truth: prepared.truth,
    signal,
    progress: silentProgress,
  };
  const live = await build(plan.builds[0] as PlannedBuild, buildContext, 0);
  if (!('store' in live)) throw notPlayed(scenario, live.record.failure?.message);
  try {
    return await measure({ scenario, context, plan, prepared, buildContext, live, log });
  } finally {
    await live.close();
  }
}

/** A scenario whose store is open. */
interface Stage {
  readonly scenario: Scenario;
  readonly context: PlayContext;
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly buildContext: BuildContext;
  readonly live: LiveBuild;
  readonly log: SharedArrayBuffer;
}

async function measure(stage: Stage): Promise<Played> {
  const { scenario, context, plan, prepared, buildContext, live, log } = stage;
  const crew = new Witness(context.crew);
  const finished = await measureCell(plan.cells[0] as PlannedCell, {
    live,
    prepared,
    plan,
    build: buildContext,
    crew,
    attempt: 0,
    maxJudged,
    lost: undefined,
    isolated: false,
    signal: context.signal,
  });
  const server = await live.store.serviceLog?.();
  if (server === undefined) throw notPlayed(scenario, 'the store keeps no log');
  return {
    scenario,
    finished,
    reports: crew.outcome?.reports.flatMap(({ streams }) => streams) ?? [],
    assignments: crew.task?.assignments ?? [],
    log: readServiceLog(log),
    serverLog: scenario.store === 'null' ? undefined : readServiceLog(server),
  };
}

/** Lets a crew work and keeps what it was given and what it saw. */
class Witness {
  task: CellTask | undefined;
  outcome: CellOutcome | undefined;
  readonly #crew: LoadCrew;

  constructor(crew: LoadCrew) {
    this.#crew = crew;
  }

  async run(task: CellTask): Promise<CellOutcome> {
    this.task = task;
    this.outcome = await this.#crew.run(task);
    return this.outcome;
  }
}

function planOf(scenario: Scenario, target: Target, log: SharedArrayBuffer): Plan {
  const { warmUpS, durationS, timeoutS, workers, pacer, load, batch = 1 } = scenario;
  const suite: Suite = {
    title: scenario.title,
    dataset: 'synthetic',
    targets: [target.name],
    indexes: [{ family: 'flat' }],
    streams: [{ operation: 'search', k: askedK, batch, load: [load] }],
    measure: { warmUpS, durationS, repeats: 1, timeoutS, workers, pacer },
  };
  const { name, metric, base, queries } = syntheticDataset();
  const { rows, dimensions } = base;
  return makePlan({
    suiteName: scenario.name,
    suite,
    dataset: { name, metric, rows, dimensions, queries: queries.rows },
    // The log is memory that the store shares with what reads it.
    targets: [{ ...target, inProcess: true, options: optionsOf(scenario, log) }],
    seed: 1,
  });
}

function optionsOf({ store, options, stalls = [] }: Scenario, log: SharedArrayBuffer): object {
  return { ...options, stalls, log, ...(store === 'null' ? {} : { logCapacity }) };
}

function notPlayed({ name }: Scenario, why = 'no reason was given'): BenchError {
  return new BenchError('STORE_FAILED', `selftest ${name}: the null store: ${why}`, {
    hint: 'bench doctor shows what does not work here',
  });
}
