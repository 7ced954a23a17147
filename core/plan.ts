import type { Adapter, IndexContext, IndexSupport, Metric, Parameters } from './adapter.js';
import { BenchError } from './errors.js';
import { checkGates, gatePlaces } from './gates/gate.js';
import { suggestion } from './nearest.js';
import { elementsOf } from './plan/elements.js';
import { lackedFamilies } from './plan/lacked.js';
import { checkPairs, halvesOf } from './plan/pairs.js';
import { checkParameters, combinations, unknownNames, withDefaults } from './plan/parameters.js';
import type { QueryLogs } from './plan/queries.js';
import { checkStreams, loadPoints, type PlannedStream, windowS } from './plan/streams.js';
import { deriveSeed, seededRandom, shuffled } from './random.js';
import type { WatchSpec } from './resources/watch-spec.js';
import type { Cell } from './result.js';
import type { Suite, SuiteIndex } from './suite.js';
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
}

/** One index on one target. */
export interface PlannedBuild {
  readonly id: string;
  readonly target: Target;
  readonly support: IndexSupport;
  readonly params: Parameters;
  /** Every combination of search parameters that is measured on it. */
  readonly searches: readonly Parameters[];
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

// An interpreter with its engine loaded, before any row.
const hostBytes = 120 * 1024 * 1024;

/**
 * Resolves every list of a suite into builds and cells. What several indexes of a suite have in
 * common, down to the last parameter, is built once and searched as all of them ask.
 *
 * @throws BenchError BAD_SUITE with all mistakes at once, each with its place, range and value;
 *   UNSUPPORTED when no target can build anything that the suite asks for
 */
export function makePlan(input: PlanInput): Plan {
  const { suite, dataset, seed, aa = false, queryLogs: logs = new Map() } = input;
  const mistakes = [
    ...checkStreams(suite, { rows: dataset.rows, logs }),
    ...gateMistakes(suite),
    ...(aa ? checkPairs(suite.measure.repeats) : []),
  ];
  const unsupported = lackedFamilies(
    suite,
    input.targets.filter((target) => !isMissing(input, target)),
  );
  const planned = suite.indexes.flatMap((index, number) =>
    planIndex(input, { index, number, mistakes, unsupported }),
  );
  if (mistakes.length > 0) {
    const lines = mistakes.map((mistake) => `suite ${input.suiteName}: ${mistake}`);
    throw new BenchError('BAD_SUITE', lines.join('\n'), {
      hint: 'correct the suite, or the --set that changed it; nothing was run',
    });
  }
  for (const [target, why] of input.missing ?? []) {
    unsupported.push({ target, what: 'every index', why });
  }
  const builds = merged(planned);
  if (builds.length === 0) {
    const lines = unsupported.map(({ target, what, why }) => `${target}: ${what}: ${why}`);
    throw new BenchError('UNSUPPORTED', `no target can run this suite\n${lines.join('\n')}`, {
      hint: 'name a target that can with --target; bench list targets shows what each builds',
    });
  }
  const numbered = builds.map((build, number) => ({
    ...build,
    id: `b${String(number).padStart(2, '0')}-${slug(build.target.name)}-${build.support.family}`,
  }));
  const cells = planCells({ suite, seed, aa, points: loadPoints(suite, logs) }, numbered);
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

/** Builds that differ in nothing are one. */
function merged(builds: readonly PlannedBuild[]): PlannedBuild[] {
  const once = new Map<string, PlannedBuild>();
  for (const build of builds) {
    const { target, support, params, searches } = build;
    const name = JSON.stringify([target.name, support.family, identityOf(params)]);
    const before = once.get(name)?.searches ?? [];
    once.set(name, { ...build, searches: distinct([...before, ...searches]) });
  }
  return [...once.values()];
}

function distinct(searches: readonly Parameters[]): Parameters[] {
  const once = new Map<string, Parameters>();
  for (const search of searches) once.set(identityOf(search), search);
  return [...once.values()];
}

/** The same for the same values, in whatever order they are named. */
function identityOf(params: Parameters): string {
  return JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));
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

interface IndexTask {
  readonly index: SuiteIndex;
  readonly number: number;
  readonly mistakes: string[];
  readonly unsupported: Unsupported[];
}

function planIndex(input: PlanInput, task: IndexTask): PlannedBuild[] {
  const { family } = task.index;
  const able = input.targets.filter(
    (target) => supportOf(target, family) !== undefined && !isMissing(input, target),
  );
  const known = input.targets.flatMap(({ adapter }) => adapter.indexes ?? []);
  const names = [...new Set([...known.map((support) => support.family), ...knownFamilies])];
  if (!names.includes(family)) {
    const place = `indexes[${task.number}].family`;
    task.mistakes.push(`${place} ${family} is not known; ${suggestion(family, names)}`);
    return [];
  }
  return able.flatMap((target) => planTarget(input, task, target));
}

function isMissing({ missing }: PlanInput, { name }: Target): boolean {
  return missing?.has(name) === true;
}

/** The field's families, so that a store that lacks one is told from a name mistyped. */
const knownFamilies = new Set([
  'flat',
  'ivf-flat',
  'pq',
  'ivf-pq',
  'ivf-sq',
  'ivf-rq',
  'ivf-hnsw-sq',
  'hnsw',
  'hnsw-sq',
  'hnsw-pq',
  'diskann',
  'cagra',
  'factory',
]);

function supportOf(target: Target, family: string): IndexSupport | undefined {
  return target.adapter.indexes?.find((support) => support.family === family);
}

function planTarget(input: PlanInput, task: IndexTask, target: Target): PlannedBuild[] {
  const { index, number } = task;
  const { rows, dimensions, metric, type = 'f32' } = input.dataset;
  const support = supportOf(target, index.family) as IndexSupport;
  if (!hasMetric(target.adapter, metric)) {
    const names = target.adapter.metrics.join(', ');
    const why = `${target.adapterName} has ${names}`;
    const what = `${index.family} under the metric ${metric}`;
    task.unsupported.push({ target: target.name, what, why });
    return [];
  }
  const lacking = lackingNames(input, task, support);
  if (lacking.length > 0) {
    task.unsupported.push({
      target: target.name,
      what: `${index.family} with ${lacking.join(', ')}`,
      why: `${target.adapterName} has no such parameter`,
    });
    return [];
  }
  return combinations(index.params ?? {}).map((given) => {
    const params = withDefaults(support.params, given);
    const elements = elementsOf({ target, support, params }, { metric, type });
    const context: IndexContext = { rows, dimensions, metric, params, elements };
    const place = `indexes[${number}]`;
    const note = (mistake: string): void => {
      if (!task.mistakes.includes(mistake)) task.mistakes.push(mistake);
    };
    const at = (part: string) => ({ place: `${place}.${part}`, index: context });
    checkParameters(support.params, given, at('params')).forEach(note);
    for (const broken of support.check?.(context) ?? []) note(`${place}.params: ${broken}`);
    const searches = combinations(index.search ?? {}).map((search) => {
      checkParameters(support.search, search, at('search')).forEach(note);
      return withDefaults(support.search, search, params);
    });
    const rawBytes = rows * dimensions * elementBytes[elements];
    const engineBytes = support.estimateBytes?.(context) ?? rawBytes;
    return { id: '', target, support, params, searches, bytes: engineBytes + hostBytes };
  });
}

/** Under cosine the inner product will do: the harness normalises. */
function hasMetric({ metrics }: Adapter, metric: Metric): boolean {
  return metrics.includes(metric) || (metric === 'cosine' && metrics.includes('ip'));
}

/** Parameters that this target lacks and another target of the run has. */
function lackingNames(input: PlanInput, task: IndexTask, support: IndexSupport): string[] {
  const { params = {}, search = {}, family } = task.index;
  const others = input.targets.flatMap((target) => supportOf(target, family) ?? []);
  const knownElsewhere = (name: string): boolean =>
    others.some((other) => name in other.params || name in other.search);
  const given = (values: object): Parameters => values as Parameters;
  return [
    ...unknownNames(support.params, given(params)),
    ...unknownNames(support.search, given(search)),
  ].filter(knownElsewhere);
}

/** What builds are multiplied by. */
interface CellGrid {
  readonly suite: Suite;
  readonly seed: number;
  readonly aa: boolean;
  readonly points: readonly (readonly PlannedStream[])[];
}

/** Blocks of one repeat or pair each, every block in a random order of its own. */
function planCells(
  { suite, seed, aa, points }: CellGrid,
  builds: readonly PlannedBuild[],
): PlannedCell[] {
  const cells: PlannedCell[] = [];
  for (let repeat = 0; repeat < suite.measure.repeats; repeat++) {
    const block = builds.flatMap((build) =>
      build.searches.flatMap((search, searchIndex) =>
        points.map((streams, point) => ({
          id: `${build.id}-s${searchIndex}-l${point}`,
          build,
          search,
          streams,
        })),
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
