import { loadTarget } from '../../cli/registry.js';
import { LoadCrew } from '../../core/load/crew.js';
import {
  makePlan,
  type Plan,
  type PlannedBuild,
  type PlannedCell,
  type Target,
} from '../../core/plan.js';
import { silentProgress } from '../../core/progress.js';
import { Sampler } from '../../core/resources/sampler.js';
import { type BuildContext, build, type LiveBuild } from '../../core/run/build.js';
import { measureCell } from '../../core/run/measure-cell.js';
import { prepareDataset } from '../../core/run/prepare.js';
import { type Pair, pairedRatio } from '../../core/stats/paired.js';
import type { Suite, SuiteIndex } from '../../core/suite.js';
import { nsPerS } from '../../core/units.js';
import wikiMovies from '../../datasets/wiki-movies.js';
import { print, roundsOf, withOut } from './runs.js';

const hz = 5;
/** The difference is below the noise of a window, so there are many. */
const pairCount = roundsOf(60);
const windowS = 0.5;

interface Scene {
  readonly target: string;
  readonly index: SuiteIndex;
}

const ivf = { family: 'ivf-flat', params: { nlist: 128 }, search: { nprobe: 4 } };
const scenes: readonly Scene[] = [
  { target: 'null', index: { family: 'flat' } },
  { target: 'faiss', index: ivf },
];

/**
 * What sampling resources costs: throughput with it over without, in alternating windows of one
 * store and the same load worker, and the processor time of its thread.
 */
export async function samplerCost(): Promise<void> {
  for (const scene of scenes) await withOut((folder) => play(scene, folder));
}

/** A store that can be asked again and again by the same load worker. */
interface Stage {
  readonly live: LiveBuild;
  throughput(): Promise<number>;
  close(): Promise<void>;
}

function planOf({ target, index }: Scene, adapter: Target): Plan {
  const { load: _, title: __, ...facts } = wikiMovies;
  const suite: Suite = {
    title: 'sampler',
    dataset: 'wiki-movies',
    targets: [target],
    indexes: [index],
    streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: 1 }] }],
    measure: { warmUpS: 0.1, durationS: windowS, repeats: 1 },
  };
  const dataset = { name: 'wiki-movies', ...facts };
  return makePlan({ suiteName: 'sampler', suite, dataset, targets: [adapter], seed: 1 });
}

async function open(scene: Scene, cacheFolder: string): Promise<Stage> {
  const plan = planOf(scene, await loadTarget(scene.target));
  const loadDataset = () => wikiMovies.load('wiki-movies');
  const task = { plan, loadDataset, cacheFolder, progress: silentProgress };
  const prepared = await prepareDataset(task, () => undefined);
  const context: BuildContext = {
    runId: 'micro',
    dataset: prepared.dataset,
    seed: 1,
    buildThreads: 1,
    searchThreads: 1,
    timeoutNs: 10 * nsPerS,
    truth: prepared.truth,
    signal: new AbortController().signal,
    progress: silentProgress,
  };
  const live = await build(plan.builds[0] as PlannedBuild, context, 0);
  if (!('store' in live)) throw new Error(live.record.failure?.message);
  const crew = new LoadCrew();
  const { signal } = context;
  const given = { live, prepared, plan, build: context, crew, attempt: 0, signal };
  const rest = { maxJudged: 1000, lost: undefined, isolated: false };
  return {
    live,
    async throughput() {
      const { cell } = await measureCell(plan.cells[0] as PlannedCell, { ...given, ...rest });
      return cell.streams[0]?.operations.search?.throughputQps ?? 0;
    },
    async close() {
      await crew.close();
      await live.close();
    },
  };
}

async function play(scene: Scene, cacheFolder: string): Promise<void> {
  const stage = await open(scene, cacheFolder);
  const sampler = new Sampler({ hz, warn: (message) => print('sampler', message) });
  const spent = { cpuNs: 0, lastedNs: 0 };
  const sampled = async (): Promise<number> => {
    sampler.watch(stage.live.watched.subject({ phase: 'window' }));
    const qps = await stage.throughput();
    const samples = await sampler.take();
    const [first, last] = [samples[0], samples.at(-1)];
    spent.cpuNs += (last?.samplerCpuNs ?? 0) - (first?.samplerCpuNs ?? 0);
    spent.lastedNs += (last?.atNs ?? 0) - (first?.atNs ?? 0);
    return qps;
  };
  await stage.throughput();
  const pairs: Pair[] = [];
  for (let pair = 0; pair < pairCount; pair++) {
    const isOnFirst = pair % 2 === 0;
    const first = await (isOnFirst ? sampled() : stage.throughput());
    const second = await (isOnFirst ? stage.throughput() : sampled());
    pairs.push(isOnFirst ? { base: second, head: first } : { base: first, head: second });
  }
  await sampler.end();
  await stage.close();
  printCost(scene.target, pairs, spent.cpuNs / spent.lastedNs);
}

function printCost(name: string, pairs: readonly Pair[], share: number): void {
  const paired = pairedRatio(pairs);
  if (paired === undefined) throw new Error('a window without answers');
  const { low, high } = paired.interval;
  const interval = `95 % ${low.toFixed(4)}..${high.toFixed(4)}, ${paired.pairs} pairs`;
  print(`sampler: throughput on / off, ${name}`, `${paired.ratio.toFixed(4)} (${interval})`);
  const text = `${(100 * share).toFixed(2)} % of a core`;
  print(`sampler: processor time of its thread, ${name}`, text);
}
