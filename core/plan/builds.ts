import type { Adapter, IndexContext, IndexSupport, Metric, Parameters } from '../adapter.js';
import { suggestion } from '../nearest.js';
import type { PlanInput, PlannedBuild, Target, Unsupported } from '../plan.js';
import type { SuiteIndex } from '../suite.js';
import { elementBytes } from '../vectors.js';
import { elementsOf } from './elements.js';
import { checkParameters, combinations, unknownNames, withDefaults } from './parameters.js';
import { storedFields, takenFields } from './payload.js';

// An interpreter with its engine loaded, before any row.
const hostBytes = 120 * 1024 * 1024;

/** A build before it has a number. */
export type UnnumberedBuild = Omit<PlannedBuild, 'id'>;

/** What is found while builds are planned. */
export interface BuildNotes {
  readonly mistakes: string[];
  readonly unsupported: Unsupported[];
}

/**
 * The builds of a suite. What several of its indexes have in common, down to the last parameter, is
 * built once and searched as all of them ask.
 *
 * @param notes gets a sentence for each mistake, and what targets lack
 */
export function planBuilds(input: PlanInput, notes: BuildNotes): UnnumberedBuild[] {
  const planned = input.suite.indexes.flatMap((index, number) =>
    planIndex(input, { index, number, ...notes }),
  );
  return merged(planned);
}

/** Builds that differ in nothing are one. */
function merged(builds: readonly UnnumberedBuild[]): UnnumberedBuild[] {
  const once = new Map<string, UnnumberedBuild>();
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

interface IndexTask extends BuildNotes {
  readonly index: SuiteIndex;
  readonly number: number;
}

function planIndex(input: PlanInput, task: IndexTask): UnnumberedBuild[] {
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

/** Whether a target does not work here. */
export function isMissing({ missing }: PlanInput, { name }: Target): boolean {
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
  'hnsw-bin',
  'hnsw-rq',
  'dynamic',
  'scann',
  'spann',
  'svs-vamana',
  'diskann',
  'cagra',
  'factory',
]);

/** What a target has of a family; of a collection that is attached only its own. */
function supportOf({ adapter, attach }: Target, family: string): IndexSupport | undefined {
  if (attach !== undefined && attach.family !== family) return undefined;
  return adapter.indexes?.find((support) => support.family === family);
}

function planTarget(input: PlanInput, task: IndexTask, target: Target): UnnumberedBuild[] {
  const { index, number } = task;
  const { rows, dimensions, metric, type = 'f32', payload: types = {} } = input.dataset;
  const support = supportOf(target, index.family) as IndexSupport;
  const given = givenTo(target, index, support);
  if (!hasMetric(target.adapter, metric)) {
    const names = target.adapter.metrics.join(', ');
    const why = `${target.adapterName} has ${names}`;
    const what = `${index.family} under the metric ${metric}`;
    task.unsupported.push({ target: target.name, what, why });
    return [];
  }
  const lacking = lackingNames(input, support, given);
  if (lacking.length > 0) {
    task.unsupported.push({
      target: target.name,
      what: `${index.family} with ${lacking.join(', ')}`,
      why: `${target.adapterName} has no such parameter`,
    });
    return [];
  }
  return combinations(given.params).map((built) => {
    const params = target.attach === undefined ? withDefaults(support.params, built) : {};
    const elements = elementsOf({ target, support, params }, { metric, type });
    const context: IndexContext = { rows, dimensions, metric, params, elements };
    const place = `indexes[${number}]`;
    const note = (mistake: string): void => {
      if (!task.mistakes.includes(mistake)) task.mistakes.push(mistake);
    };
    const at = (part: string) => ({ place: `${place}.${part}`, index: context });
    if (target.attach === undefined) {
      checkParameters(support.params, built, at('params')).forEach(note);
      for (const broken of support.check?.(context) ?? []) note(`${place}.params: ${broken}`);
    }
    const searches = combinations(given.search).map((search) => {
      checkParameters(support.search, search, at('search')).forEach(note);
      return withDefaults(support.search, search, params);
    });
    const rawBytes = rows * dimensions * elementBytes[elements];
    const engineBytes = support.estimateBytes?.(context) ?? rawBytes;
    const payload = takenFields(target, storedFields(input.suite, types));
    const bytes = target.attach === undefined ? engineBytes + hostBytes : 0;
    return { target, support, params, searches, payload, bytes };
  });
}

/** What a suite asks of a target; how an attached collection was built is not its to say. */
function givenTo({ attach }: Target, index: SuiteIndex, support: IndexSupport): Given {
  const given = fixedAtBuild(index, support);
  return attach === undefined ? given : { ...given, params: {} };
}

interface Given {
  readonly params: Swept;
  readonly search: Swept;
}

type Swept = NonNullable<SuiteIndex['params']>;

/** What a suite sweeps per search and a store fixes at build is built once for each value. */
function fixedAtBuild({ params = {}, search = {} }: SuiteIndex, support: IndexSupport): Given {
  const isFixed = (name: string): boolean => name in support.params && !(name in support.search);
  const entries = Object.entries(search);
  return {
    params: { ...params, ...Object.fromEntries(entries.filter(([name]) => isFixed(name))) },
    search: Object.fromEntries(entries.filter(([name]) => !isFixed(name))),
  };
}

/** Under cosine the inner product will do: the harness normalises. */
function hasMetric({ metrics }: Adapter, metric: Metric): boolean {
  return metrics.includes(metric) || (metric === 'cosine' && metrics.includes('ip'));
}

/** Parameters that this target lacks and another target of the run has. */
function lackingNames(input: PlanInput, support: IndexSupport, given: Given): string[] {
  const others = input.targets.flatMap((target) => supportOf(target, support.family) ?? []);
  const knownElsewhere = (name: string): boolean =>
    others.some((other) => name in other.params || name in other.search);
  return [
    ...unknownNames(support.params, given.params as Parameters),
    ...unknownNames(support.search, given.search as Parameters),
  ].filter(knownElsewhere);
}
