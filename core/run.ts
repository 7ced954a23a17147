import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CapacityTask } from './capacity/find.js';
import { requireMeasurable } from './capacity/measurable.js';
import { timestamp } from './clock.js';
import type { Prices } from './cost/prices.js';
import type { Dataset } from './dataset.js';
import { BenchError, messageOf } from './errors.js';
import { fileError, writeWhole } from './files.js';
import { Journal, type JournalHeader, refuseOtherRun } from './journal.js';
import { endsRun } from './load/request-budget.js';
import { describeMachine } from './measure/environment.js';
import {
  datasetBytes,
  type Plan,
  type PlannedBuild,
  type PlannedCell,
  type Target,
} from './plan.js';
import type { Progress } from './progress.js';
import { availableMemoryBytes } from './resources/process.js';
import {
  type Build,
  type Capacity,
  type Cell,
  type Environment,
  type Note,
  type Run,
  runSchema,
} from './result.js';
import { type BuildContext, build, failed, type LiveBuild } from './run/build.js';
import { findCapacities, groupsOf } from './run/capacities.js';
import { citedCalibration } from './run/cited-calibration.js';
import { latestBuild, makeDocument } from './run/document.js';
import { headerOf } from './run/header.js';
import {
  applyIsolation,
  coresBySibling,
  type Isolation,
  type IsolationPlan,
  liftIsolation,
  planIsolation,
} from './run/isolation.js';
import { judgingOf } from './run/judging.js';
import { Measuring } from './run/measuring.js';
import { type Prepared, prepareDataset } from './run/prepare.js';
import { checkResume } from './run/resume.js';
import { loadScores } from './run/store.js';
import { verify } from './run/verify.js';
import { resolveWatched, usualHz, type WatchedTargets, Watching } from './run/watching.js';
import { type Mask, maskError, maskProgress, maskTexts, noMask } from './secrets.js';
import { formatBytes, nsPerS } from './units.js';

/** Everything that one `bench run` needs. */
export interface RunInput {
  readonly plan: Plan;
  readonly suiteName: string;
  readonly targets: readonly Target[];
  /** Reads the dataset of the plan. */
  readonly loadDataset: () => Promise<Dataset>;
  /** The folder of the run; it is made, and nothing in it is overwritten. */
  readonly folder: string;
  readonly runId: string;
  /** Goes on with the run in the folder. */
  readonly resume: boolean;
  readonly keepIds: boolean;
  /** Cores of their own for client and engines; undefined where there are enough. */
  readonly isolate: boolean | undefined;
  /** What becomes of the others when a store is lost. */
  readonly onStoreLost: 'stop' | 'continue';
  /** Instead of the cells of the plan: the highest rate of each of its settings. */
  readonly capacity?: CapacityTask;
  readonly command: readonly string[];
  readonly tool: Run['tool'];
  /** The file that the targets are of, for a run that is resumed; absolute. */
  readonly targetsFile?: string | undefined;
  /** What is paid for the stores; without them there are no costs. */
  readonly prices?: Prices | undefined;
  /** Hides secrets in all that is written; nothing is hidden without it. */
  readonly mask?: Mask | undefined;
  readonly cacheFolder: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const defaultTimeoutS = 10;
/** The share of the free memory that a run may plan with. */
const memoryShare = 0.8;

/**
 * Prepares, builds, verifies, measures, summarises, judges and writes `run.json` into the folder.
 *
 * @returns the run as it was written; `status` is partial when it was interrupted
 * @throws BenchError NO_MEMORY, BAD_DATA, NOT_WRITABLE, DISK_FULL, RESUME_DIFFERS
 */
export async function run(input: RunInput): Promise<Run> {
  const { mask = noMask, progress } = input;
  const masked = { ...input, progress: maskProgress(progress, mask) };
  try {
    return await new Session(masked, await describeMachine()).run();
  } catch (error) {
    throw maskError(error, mask);
  }
}

/** A run whose data are loaded and whose journal is open. */
interface Opened {
  readonly prepared: Prepared;
  readonly header: JournalHeader;
  readonly journal: Journal;
  readonly measuring: Measuring;
  readonly context: BuildContext;
  readonly watching: Watching;
}

/** One run, from its first line to its last. */
class Session {
  readonly #input: RunInput;
  readonly #startedAt = timestamp();
  readonly #environment: Environment;
  readonly #warnings: Note[] = [];
  readonly #builds: Build[] = [];
  readonly #live = new Map<string, LiveBuild>();
  readonly #capacities: Capacity[] = [];
  #isolation: IsolationPlan | undefined;
  #interleaved = true;

  constructor(input: RunInput, environment: Environment) {
    this.#input = input;
    this.#environment = environment;
  }

  async run(): Promise<Run> {
    const { plan, progress } = this.#input;
    this.#interleaved = this.#checkMemory();
    const planned = [...new Set(plan.builds.map(({ target }) => target))];
    const watched = await resolveWatched(planned, (note) => this.#warnings.push(note));
    if (!this.#input.resume) await this.#makeFolders();
    const prepared = await prepareDataset(this.#input, (note) => this.#warnings.push(note));
    const { capacity } = this.#input;
    if (capacity !== undefined) requireMeasurable(capacity.slo, prepared.dataset);
    const opened = await this.#open(prepared, watched);
    const { measuring, watching } = opened;
    try {
      const groups = this.#interleaved ? [plan.builds] : plan.builds.map((one) => [one]);
      for (const group of groups) {
        if (measuring.stopped === undefined) await this.#buildAndMeasure(group, opened);
      }
    } catch (error) {
      measuring.end(error);
    } finally {
      progress.end();
      await measuring.close();
      await this.#closeBuilds();
      await watching.close();
      await opened.journal.close();
    }
    return this.#write(opened);
  }

  /** Whether all builds fit at once. @throws BenchError NO_MEMORY when not even one does */
  #checkMemory(): boolean {
    const { plan } = this.#input;
    const free = availableMemoryBytes() * memoryShare;
    const data = datasetBytes(plan.dataset);
    const largest = Math.max(...plan.builds.map(({ bytes }) => bytes));
    if (data + largest > free) {
      const needs = formatBytes(data + largest);
      const what = `${plan.dataset.name} and its largest index need about ${needs} of memory`;
      throw new BenchError('NO_MEMORY', `${what}, ${formatBytes(free)} may be used`, {
        hint: 'take a smaller dataset or index, or a machine with more memory',
      });
    }
    if (plan.bytes <= free) return true;
    const together = `the builds take about ${formatBytes(plan.bytes)} together`;
    const message = `${together}, more than may be used: they are measured one after the other`;
    this.#warnings.push({ code: 'NOT_INTERLEAVED', message });
    return false;
  }

  /** Before anything is loaded, so that a folder that will not do is told at once. */
  async #makeFolders(): Promise<void> {
    const { folder, keepIds } = this.#input;
    for (const part of ['', 'histograms', ...(keepIds ? ['ids'] : [])]) {
      await makeFolder(join(folder, part));
    }
    refuseOtherRun(folder);
  }

  async #open(prepared: Prepared, watched: WatchedTargets): Promise<Opened> {
    const input = this.#input;
    const begun = { startedAt: this.#startedAt, environment: this.#environment };
    const wanted = headerOf(input, prepared, begun);
    const stored = input.resume ? await this.#resume(wanted) : undefined;
    const header = stored?.header ?? wanted;
    const journal = stored?.journal ?? (await Journal.create(input.folder, header, input.mask));
    const cells = stored?.cells ?? [];
    const watching = await this.#watch(watched, cells);
    const context = { ...this.#buildContext(prepared, header), watching };
    const measuring = new Measuring({ ...input, prepared, build: context, journal, cells });
    return { prepared, header, journal, measuring, context, watching };
  }

  #watch(watched: WatchedTargets, cells: readonly Cell[]): Promise<Watching> {
    const { plan, folder } = this.#input;
    return Watching.open({
      folder,
      hz: plan.suite.measure.sampleHz ?? usualHz,
      journaled: { builds: this.#builds, cells },
      watched,
      warn: (note) => this.#warnings.push(note),
    });
  }

  async #resume(wanted: JournalHeader) {
    const { journal, content } = await Journal.resume(this.#input.folder, this.#input.mask);
    checkResume(content.header, wanted);
    this.#builds.push(...content.builds);
    const done = content.cells.filter(({ status }) => status === 'complete').length;
    this.#input.progress.note(`resuming: ${done} finished cells are kept`);
    return { journal, header: content.header, cells: content.cells };
  }

  async #buildAndMeasure(group: readonly PlannedBuild[], opened: Opened): Promise<void> {
    const { measuring } = opened;
    const wanted = this.#input.plan.cells.filter(
      (cell) => group.includes(cell.build) && !measuring.isDone(cell),
    );
    for (const planned of group) {
      if (wanted.some((cell) => cell.build === planned)) await this.#build(planned, opened);
    }
    const ready = wanted.filter((cell) => this.#live.has(cell.build.id));
    const isolation = await this.#isolate(ready);
    try {
      await this.#measure(ready, measuring, isolation.plan.on);
    } finally {
      await liftIsolation(isolation);
    }
    if (this.#interleaved) return;
    await this.#closeBuilds();
  }

  async #measure(
    cells: readonly PlannedCell[],
    measuring: Measuring,
    isolated: boolean,
  ): Promise<void> {
    const { capacity: task, progress, prices } = this.#input;
    if (task === undefined) return measuring.measure(cells, this.#live, isolated);
    const keep = (found: Capacity): unknown => this.#capacities.push(found);
    const live = this.#live;
    await findCapacities(cells, { task, measuring, live, isolated, progress, prices, keep });
  }

  /** What was found, and whether it is all that could be, but for builds that came to nothing. */
  #foundCapacities(task: CapacityTask) {
    const failed = (id: string) => latestBuild(this.#builds, id)?.status === 'failed';
    const cells = this.#input.plan.cells.filter(({ build: { id } }) => !failed(id));
    const whole = groupsOf(cells, task.tune).length === this.#capacities.length;
    return { found: this.#capacities, whole };
  }

  /** Cores for client and engines, while cells are measured. */
  async #isolate(cells: readonly PlannedCell[]): Promise<Isolation> {
    const embedded = [...this.#live.values()].filter(
      ({ planned }) => planned.target.adapter.kind === 'embedded',
    );
    const { measure } = this.#input.plan.suite;
    const pids = embedded.flatMap(({ info }) => info.pids);
    const { workers, calls } = mostInFlight(cells);
    const plan = planIsolation({
      wanted: this.#input.isolate,
      cores: coresBySibling(),
      workers,
      engineCalls: pids.length === 0 ? 0 : calls * (measure.searchThreads ?? 1),
    });
    const isolation = await applyIsolation(plan, pids);
    this.#isolation = isolation.plan;
    return isolation;
  }

  /** Every build is closed; one that cannot be is said, and stops nothing. */
  async #closeBuilds(): Promise<void> {
    await Promise.all([...this.#live.values()].map((live) => this.#close(live)));
    this.#live.clear();
  }

  async #close(live: LiveBuild): Promise<void> {
    await live.close().catch((error: unknown) => {
      const { name, adapter } = live.planned.target;
      const hint = `something may be left there: bench clean ${name} shows it`;
      const told = adapter.kind === 'embedded' ? {} : { hint };
      this.#warnings.push({ code: 'NOT_CLOSED', message: messageOf(error), ...told });
    });
  }

  async #build(planned: PlannedBuild, { prepared, context, journal }: Opened): Promise<void> {
    const { progress } = this.#input;
    const earlier = this.#builds.filter(({ id }) => id === planned.id);
    const result = await build(planned, context, earlier.length);
    let record = result.record;
    if ('store' in result) {
      try {
        progress.phase(`verify ${planned.id}`);
        await verify(result, context, judgingOf(planned, this.#input.plan, prepared));
        this.#live.set(planned.id, result);
        const { pids: _, ...store } = result.info;
        record.store = { ...store, settings: { ...store.settings }, warnings: [...store.warnings] };
        for (const message of result.info.warnings) {
          record.warnings.push({ code: 'ENGINE', message });
        }
      } catch (error) {
        await this.#close(result);
        if (endsRun(error, this.#input.signal)) throw error;
        record = failed(record, error);
      }
    }
    if (record.failure !== undefined) {
      progress.note(`${planned.id} failed: ${record.failure.message}`);
    }
    this.#builds.push(record);
    await context.watching?.keepRest();
    await journal.append({ type: 'build', build: record });
  }

  #buildContext(prepared: Prepared, { runId }: JournalHeader): BuildContext {
    const { plan, signal, progress } = this.#input;
    const { measure } = plan.suite;
    return {
      runId,
      dataset: prepared.dataset,
      seed: plan.seed,
      buildThreads: measure.buildThreads ?? this.#environment.cpu.cores,
      searchThreads: measure.searchThreads ?? 1,
      timeoutNs: (measure.timeoutS ?? defaultTimeoutS) * nsPerS,
      truth: prepared.truth,
      signal,
      progress,
    };
  }

  async #write({ prepared, header, measuring }: Opened): Promise<Run> {
    const { plan, suiteName, targets, tool, folder, capacity } = this.#input;
    const told = makeDocument({
      plan,
      suiteName,
      targets,
      tool,
      header,
      environment: this.#environment,
      dataset: prepared.record,
      builds: this.#builds,
      cells: measuring.cells,
      known: await citedCalibration((note) => this.#warnings.push(note)),
      warnings: this.#warnings,
      interleaved: this.#interleaved,
      isolation: this.#isolation,
      ...(capacity !== undefined && { capacities: this.#foundCapacities(capacity) }),
      stopped: measuring.stopped,
      scores: await loadScores(folder, measuring.cells),
      prices: this.#input.prices,
    });
    const document = maskTexts(told, this.#input.mask ?? noMask);
    await writeWhole(join(folder, 'run.json'), `${JSON.stringify(runSchema.parse(document))}\n`);
    return document;
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, path);
  });
}

/** The most that is in flight at once, and the workers that send it. */
function mostInFlight(cells: readonly PlannedCell[]): { workers: number; calls: number } {
  const loads = cells.flatMap(({ streams }) => streams.map(({ load }) => load));
  return {
    workers: Math.max(1, ...loads.map(({ workers }) => workers)),
    calls: Math.max(1, ...loads.map(({ connections }) => connections)),
  };
}
