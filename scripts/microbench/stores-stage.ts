import { cacheFolder } from '../../cli/caller.js';
import type { Parameters } from '../../core/adapter.js';
import { measurementOf } from '../../core/calibrate/bench.js';
import type { Measurement } from '../../core/calibrate/contest.js';
import type { Dataset } from '../../core/dataset.js';
import { LoadCrew } from '../../core/load/crew.js';
import { makePlan, type Plan, type PlannedBuild, type PlannedCell } from '../../core/plan.js';
import { silentProgress } from '../../core/progress.js';
import { type BuildContext, build, type LiveBuild } from '../../core/run/build.js';
import { measureCell } from '../../core/run/measure-cell.js';
import { type Prepared, prepareDataset } from '../../core/run/prepare.js';
import type { Suite, SuiteIndex } from '../../core/suite.js';
import { nsPerS } from '../../core/units.js';
import { firstRows } from '../../core/vectors.js';
import wikiMovies from '../../datasets/wiki-movies.js';
import type { StoreCase } from './stores-bare.js';

/** Neighbours that a query asks for. */
export const askedK = 10;
/** Requests in flight at which searches are compared. */
export const inFlight = [1, 8] as const;
/** Rows that are stored with a limit for a day are no slower for it. */
const timeoutNs = 600 * nsPerS;

/** The films, or the first of them. */
export async function loadFilms(rows: number): Promise<Dataset> {
  const { name, metric, base, queries } = await wikiMovies.load('wiki-movies', { payload: false });
  return { name, metric, base: firstRows(base, Math.min(rows, base.rows)), queries };
}

/** A store that is filled as `bench run` fills it, and asked by its load workers. */
export interface StoreStage {
  readonly live: LiveBuild;
  /** Parameters of every search. */
  readonly search: Parameters;
  /** A closed load with so many requests in flight. */
  measure(concurrency: number): Promise<Measurement>;
  close(): Promise<void>;
}

/** What one build needs. */
interface Scene {
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly context: BuildContext;
}

async function sceneOf(one: StoreCase, index: SuiteIndex): Promise<Scene> {
  const { target, options } = one;
  const films = await loadFilms(options.rows);
  const load = inFlight.map((concurrency) => ({ kind: 'closed' as const, concurrency }));
  const { warmUpS, durationS } = options;
  const suite: Suite = {
    title: 'stores',
    dataset: films.name,
    targets: [target.name],
    indexes: [index],
    streams: [{ operation: 'search', k: askedK, load }],
    measure: { warmUpS, durationS, repeats: 1 },
  };
  const { name, metric, base, queries } = films;
  const { rows, dimensions, type } = base;
  const dataset = { name, metric, rows, dimensions, queries: queries.rows, type };
  const plan = makePlan({ suiteName: 'stores', suite, dataset, targets: [target], seed: 1 });
  const task = { plan, loadDataset: async () => films, progress: silentProgress };
  const prepared = await prepareDataset({ ...task, cacheFolder: cacheFolder() }, () => undefined);
  const context: BuildContext = {
    runId: `micro_${process.pid}`,
    dataset: prepared.dataset,
    seed: 1,
    buildThreads: 1,
    searchThreads: 1,
    timeoutNs,
    truth: prepared.truth,
    signal: new AbortController().signal,
    progress: silentProgress,
  };
  return { plan, prepared, context };
}

async function buildOf({ plan, context }: Scene): Promise<LiveBuild> {
  const live = await build(plan.builds[0] as PlannedBuild, context, 0);
  if ('store' in live) return live;
  throw new Error(live.record.failure?.message ?? 'it was not built');
}

/** Fills a store with the films. @throws Error when it cannot be filled */
export async function openStage(one: StoreCase): Promise<StoreStage> {
  const scene = await sceneOf(one, one.bare.searched);
  const { plan, prepared, context } = scene;
  const live = await buildOf(scene);
  return {
    live,
    search: plan.cells[0]?.search ?? {},
    async measure(concurrency) {
      const planned = plan.cells.find(({ streams }) =>
        streams.some(({ load }) => load.concurrency === concurrency),
      );
      // A new worker each time: as the bare loops, it comes with nothing compiled.
      const crew = new LoadCrew();
      try {
        const { cell } = await measureCell(planned as PlannedCell, {
          ...{ live, prepared, plan, build: context, crew, attempt: 0, maxJudged: 1000 },
          ...{ lost: undefined, isolated: false, signal: context.signal },
        });
        return measurementOf(cell);
      } finally {
        await crew.close();
      }
    },
    close: () => live.close(),
  };
}

/** Loads rows as `bench run` does. @returns rows a second of what it calls the insertion */
export async function loadByBench(one: StoreCase): Promise<Measurement> {
  const scene = await sceneOf(one, one.bare.loaded);
  const live = await buildOf(scene);
  const { rows, phases } = live.record;
  await live.close();
  const inserted = phases.find(({ name }) => name === 'insert' || name === 'add');
  if (inserted === undefined) throw new Error('the insertion was not timed');
  return { requests: rows, requestsPerS: rows / inserted.s, errors: 0 };
}
