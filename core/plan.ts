import type { Adapter, IndexSupport, Metric, Parameters, PayloadField } from './adapter.js';
import { BenchError } from './errors.js';
import { checkGates, gatePlaces } from './gates/gate.js';
import type { RequestBudget } from './load/request-budget.js';
import type { PayloadType } from './payload.js';
import type { Attached } from './plan/attached.js';
import { isMissing, planBuilds, type UnnumberedBuild } from './plan/builds.js';
import { lackedBatches, lackedFamilies, lacksBatches } from './plan/lacked.js';
import { checkPairs, halvesOf } from './plan/pairs.js';
import { checkStored, lackedPayload, whyNot } from './plan/payload.js';
import type { QueryLogs } from './plan/queries.js';
import { checkStreams, loadPoints, type PlannedStream, windowS } from './plan/streams.js';
import { deriveSeed, seededRandom, shuffled } from './random.js';
import type { WatchSpec } from './resources/watch-spec.js';
import type { Cell } from './result.js';
import type { Suite } from './suite.js';
import { type ElementType, elementBytes } from './vectors.js';

/** One thing under test: an adapter and how to reach it. */
export interface Target {
  readonly name: string;
  readonly adapterName: string;
  readonly adapter: Adapter;
  /** Where load workers import the adapter from. */
  readonly adapterUrl: string;
  readonly options: unknown;
  /** An embedded engine that can do so works in the load workers, not in a host of its own. */
  readonly inProcess?: boolean;
  /** How the resources of a server are found. */
  readonly watch?: WatchSpec;
  /** A collection of a person's own, which is only read. */
  readonly attach?: Attached;
  /** Of one elsewhere: how many requests may be sent, in all. */
  readonly budget?: RequestBudget;
}

/** What a plan must know of a dataset before it is loaded. */
export interface DatasetShape {
  readonly name: string;
  readonly metric: Metric;
  readonly rows: number;
  readonly dimensions: number;
  readonly queries: number;
  /** How the values are stored; float32 when not said. */
  readonly type?: ElementType;
  readonly licence?: string;
  readonly source?: string;
  /** The columns of its payload and what they hold. */
  readonly payload?: Readonly<Record<string, PayloadType>>;
}

/** One index on one target. */
export interface PlannedBuild {
  readonly id: string;
  readonly target: Target;
  readonly support: IndexSupport;
  readonly params: Parameters;
  /** Every combination of search parameters that is measured on it. */
  readonly searches: readonly Parameters[];
  /** The columns that are stored beside the vectors. */
  readonly payload: readonly PayloadField[];
  /** About what it takes, the process around it counted in. */
  readonly bytes: number;
}

/** One measurement to make. */
export interface PlannedCell {
  readonly id: string;
  readonly build: PlannedBuild;
  readonly search: Parameters;
  readonly streams: readonly PlannedStream[];
  readonly repeat: number;
  /** Its place in the order of measuring, counted from 0. */
  readonly sequence: number;
  /** Of a trial of a search for the highest rate, or a half of a pair. */
  readonly role?: Cell['role'];
  /** Of an A/A run: which pair it is a half of, and the id of the other half. */
  readonly pair?: number;
  readonly partner?: string;
}

/** What a suite needs and a store lacks. */
export interface Unsupported {
  readonly target: string;
  readonly what: string;
  readonly why: string;
}

/** Suite and targets, resolved and checked. */
export interface Plan {
  readonly suite: Suite;
  readonly dataset: DatasetShape;
  readonly seed: number;
  /** Every repeat is a pair of identical halves. */
  readonly aa?: boolean;
  readonly builds: readonly PlannedBuild[];
  /** In the order of measuring. */
  readonly cells: readonly PlannedCell[];
  readonly unsupported: readonly Unsupported[];
  /** Seconds of warm-up and windows, at least. */
  readonly measuringS: number;
  /** Of the dataset and all builds at once. */
  readonly bytes: number;
}

/** What a plan is made of. */
export interface PlanInput {
  readonly suiteName: string;
  readonly suite: Suite;
  readonly dataset: DatasetShape;
  readonly targets: readonly Target[];
  readonly seed: number;
  /** Measures every repeat as a pair of identical halves. */
  readonly aa?: boolean;
  /** Those that streams of the suite name. */
  readonly queryLogs?: QueryLogs;
  /** Why a target does not work here, by its name: nothing is planned on it. */
  readonly missing?: ReadonlyMap<string, string>;
}

/**
 * Resolves every list of a suite into builds and cells. What several indexes of a suite have in
 * common, down to the last parameter, is built once and searched as all of them ask.
 *
 * @throws BenchError BAD_SUITE with all mistakes at once, each with its place, range and value;
 *   UNSUPPORTED when no target can build anything that the suite asks for
 */
export function makePlan(input: PlanInput): Plan {
  const { suite, dataset, seed, aa = false, queryLogs: logs = new Map() } = input;
  const { rows, payload = {} } = dataset;
  const mistakes = [
    ...checkStored(suite, payload),
    ...checkStreams(suite, { rows, payload, logs }),
    ...gateMistakes(suite),
    ...(aa ? checkPairs(suite.measure.repeats) : []),
  ];
  const here = input.targets.filter((target) => !isMissing(input, target));
  const unsupported = lackedFamilies(suite, here);
  const planned = planBuilds(input, { mistakes, unsupported });
  if (mistakes.length > 0) {
    const lines = mistakes.map((mistake) => `suite ${input.suiteName}: ${mistake}`);
    throw new BenchError('BAD_SUITE', lines.join('\n'), {
      hint: 'correct the suite, or the --set that changed it; nothing was run',
    });
  }
  for (const [target, why] of input.missing ?? []) {
    unsupported.push({ target, what: 'every index', why });
  }
  const points = loadPoints(suite, logs);
  const streams = new Map(points.flat().map((stream) => [stream.name, stream]));
  unsupported.push(...lackedPayload(here, { streams: [...streams.values()], types: payload }));
  unsupported.push(...lackedBatches(here, points.flat()));
  const canAnswer: CellGrid['canAnswer'] = (target, streams) =>
    streams.every(
      (stream) => whyNot(target, stream, payload) === undefined && !lacksBatches(target, stream),
    );
  const builds = planned.filter(({ target }) =>
    points.some((streams) => canAnswer(target, streams)),
  );
  if (builds.length === 0) {
    const lines = unsupported.map(({ target, what, why }) => `${target}: ${what}: ${why}`);
    throw new BenchError('UNSUPPORTED', `no target can run this suite\n${lines.join('\n')}`, {
      hint: 'name a target that can with --target; bench list targets shows what each builds',
    });
  }
  const numbered: PlannedBuild[] = builds.map((build: UnnumberedBuild, number) => ({
    ...build,
    id: `b${String(number).padStart(2, '0')}-${slug(build.target.name)}-${build.support.family}`,
  }));
  const cells = planCells({ suite, seed, aa, points, canAnswer }, numbered);
  return {
    suite,
    dataset,
    seed,
    ...(aa && { aa }),
    builds: numbered,
    cells,
    unsupported,
    measuringS: cells.reduce((sum, cell) => sum + secondsOf(cell, suite), 0),
    bytes: datasetBytes(dataset) + numbered.reduce((sum, build) => sum + build.bytes, 0),
  };
}

function secondsOf({ streams }: PlannedCell, suite: Suite): number {
  return suite.measure.warmUpS + windowS(streams, suite);
}

/** Bytes of the vectors of a dataset as they are stored, queries included. */
export function datasetBytes({ rows, queries, dimensions, type }: DatasetShape): number {
  return (rows + queries) * dimensions * elementBytes[type ?? 'f32'];
}

function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function gateMistakes(suite: Suite): string[] {
  const parameters = suite.indexes.flatMap(({ params = {}, search = {} }) => [
    ...Object.keys(params),
    ...Object.keys(search),
  ]);
  return checkGates(suite.gates ?? [], [...gatePlaces, ...parameters]);
}

/** What builds are multiplied by. */
interface CellGrid {
  readonly suite: Suite;
  readonly seed: number;
  readonly aa: boolean;
  readonly points: readonly (readonly PlannedStream[])[];
  /** Whether a target can answer streams as they are asked. */
  readonly canAnswer: (target: Target, streams: readonly PlannedStream[]) => boolean;
}

/** Blocks of one repeat or pair each, every block in a random order of its own. */
function planCells(
  { suite, seed, aa, points, canAnswer }: CellGrid,
  builds: readonly PlannedBuild[],
): PlannedCell[] {
  const cells: PlannedCell[] = [];
  for (let repeat = 0; repeat < suite.measure.repeats; repeat++) {
    const block = builds.flatMap((build) =>
      build.searches.flatMap((search, searchIndex) =>
        points
          .map((streams, point) => ({
            id: `${build.id}-s${searchIndex}-l${point}`,
            build,
            search,
            streams,
          }))
          .filter(({ streams }) => canAnswer(build.target, streams)),
      ),
    );
    const random = seededRandom(deriveSeed(seed, `order/${repeat}`));
    const order = shuffled(block, random).flatMap((point) =>
      aa ? halvesOf(point, repeat, random) : [{ ...point, id: `${point.id}-r${repeat}`, repeat }],
    );
    for (const cell of order) cells.push({ ...cell, sequence: cells.length });
  }
  return cells;
}
