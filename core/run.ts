import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { timestamp } from './clock.js';
import type { Dataset } from './dataset.js';
import { BenchError, messageOf } from './errors.js';
import { fileError, writeWhole } from './files.js';
import {
  Journal,
  type JournalContent,
  type JournalHeader,
  readJournal,
  refuseOtherRun,
} from './journal.js';
import { LoadCrew } from './load/crew.js';
import { describeEnvironment } from './measure/environment.js';
import { availableMemoryBytes } from './measure/process.js';
import {
  datasetBytes,
  type Plan,
  type PlannedBuild,
  type PlannedCell,
  type Target,
} from './plan.js';
import type { Progress } from './progress.js';
import { type Build, type Cell, type Note, type Run, runSchema } from './result.js';
import { type BuildContext, build, failed, type LiveBuild } from './run/build.js';
import { isSameCell, makeDocument } from './run/document.js';
import { type CellContext, measureCell } from './run/measure-cell.js';
import { type Prepared, prepareDataset } from './run/prepare.js';
import { checkResume } from './run/resume.js';
import { loadScores, saveCell } from './run/store.js';
import { verify } from './run/verify.js';
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
  readonly command: readonly string[];
  readonly tool: Run['tool'];
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
  return new Session(input).run();
}

/** One run, from its first line to its last. */
class Session {
  readonly #input: RunInput;
  readonly #startedAt = timestamp();
  readonly #environment = describeEnvironment();
  readonly #warnings: Note[] = [];
  readonly #builds: Build[] = [];
  readonly #cells: Cell[] = [];
  readonly #live = new Map<string, LiveBuild>();
  readonly #lost = new Map<string, Note>();
  readonly #crew = new LoadCrew();
  #header: JournalHeader | undefined;
  #journal: Journal | undefined;
  #interleaved = true;

  constructor(input: RunInput) {
    this.#input = input;
  }

  async run(): Promise<Run> {
    const { plan, progress } = this.#input;
    this.#interleaved = this.#checkMemory();
    if (!this.#input.resume) await this.#makeFolders();
    const prepared = await prepareDataset(this.#input, (note) => this.#warnings.push(note));
    const journal = await this.#openJournal(prepared);
    this.#journal = journal;
    try {
      const groups = this.#interleaved ? [plan.builds] : plan.builds.map((one) => [one]);
      for (const group of groups) await this.#buildAndMeasure(group, prepared);
    } catch (error) {
      if (!this.#input.signal.aborted) throw error;
    } finally {
      progress.end();
      await this.#crew.close();
      await this.#closeBuilds();
      await journal.close();
    }
    return this.#write(prepared);
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

  async #openJournal(prepared: Prepared): Promise<Journal> {
    const input = this.#input;
    const { folder } = input;
    const header = headerOf(input, prepared, {
      startedAt: this.#startedAt,
      environment: this.#environment,
    });
    if (!input.resume) {
      this.#header = header;
      return Journal.create(folder, header);
    }
    const content = await readJournal(folder);
    checkResume(content.header, header);
    this.#take(content);
    return (await Journal.resume(folder)).journal;
  }

  #take(content: JournalContent): void {
    this.#header = content.header;
    this.#builds.push(...content.builds);
    this.#cells.push(...content.cells);
    const done = content.cells.filter(({ status }) => status === 'complete').length;
    this.#input.progress.note(`resuming: ${done} finished cells are kept`);
  }

  async #buildAndMeasure(group: readonly PlannedBuild[], prepared: Prepared): Promise<void> {
    const wanted = this.#input.plan.cells.filter(
      (cell) => group.includes(cell.build) && !this.#isDone(cell),
    );
    for (const planned of group) {
      if (wanted.some((cell) => cell.build === planned)) await this.#build(planned, prepared);
    }
    const ready = wanted.filter((cell) => this.#live.has(cell.build.id));
    this.#input.progress.phase('measure', ready.length);
    for (const [index, cell] of ready.entries()) {
      this.#input.signal.throwIfAborted();
      this.#input.progress.update(index, cell.id);
      await this.#measure(cell, prepared);
    }
    if (this.#interleaved) return;
    await this.#closeBuilds();
  }

  /** Every build is closed; one that cannot be is said, and stops nothing. */
  async #closeBuilds(): Promise<void> {
    await Promise.all([...this.#live.values()].map((live) => this.#close(live)));
    this.#live.clear();
  }

  async #close(live: LiveBuild): Promise<void> {
    await live.close().catch((error: unknown) => {
      this.#warnings.push({ code: 'NOT_CLOSED', message: messageOf(error) });
    });
  }

  #isDone(cell: PlannedCell): boolean {
    return this.#cells.some((done) => isSameCell(done, cell) && done.status === 'complete');
  }

  async #build(planned: PlannedBuild, prepared: Prepared): Promise<void> {
    const { progress } = this.#input;
    const context = this.#buildContext(prepared);
    const earlier = this.#builds.filter(({ id }) => id === planned.id);
    const result = await build(planned, context, earlier.length);
    let record = result.record;
    if ('store' in result) {
      try {
        progress.phase(`verify ${planned.id}`);
        await verify(result, context, prepared.judgeOf(largestK(this.#input.plan)));
        this.#live.set(planned.id, result);
        const { pids: _, ...store } = result.info;
        record.store = { ...store, settings: { ...store.settings }, warnings: [...store.warnings] };
        for (const message of result.info.warnings) {
          record.warnings.push({ code: 'ENGINE', message });
        }
      } catch (error) {
        await this.#close(result);
        if (this.#input.signal.aborted) throw error;
        record = failed(record, error);
      }
    }
    if (record.failure !== undefined) {
      progress.note(`${planned.id} failed: ${record.failure.message}`);
    }
    this.#builds.push(record);
    await this.#journal?.append({ type: 'build', build: record });
  }

  #buildContext(prepared: Prepared): BuildContext {
    const { plan, signal, progress } = this.#input;
    const { measure } = plan.suite;
    return {
      runId: this.#header?.runId ?? this.#input.runId,
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

  async #measure(cell: PlannedCell, prepared: Prepared): Promise<void> {
    const { plan, keepIds, folder, signal } = this.#input;
    const live = this.#live.get(cell.build.id) as LiveBuild;
    const context: CellContext = {
      live,
      prepared,
      plan,
      build: this.#buildContext(prepared),
      crew: this.#crew,
      attempt: this.#cells.filter((done) => isSameCell(done, cell)).length,
      maxJudged: keepIds ? undefined : (plan.suite.measure.maxJudged ?? 100_000),
      lost: this.#lost.get(cell.build.id),
      signal,
    };
    const finished = await measureCell(cell, context);
    this.#noteLoss(cell.build.id, finished.cell.failure);
    await saveCell(folder, finished, keepIds);
    await this.#journal?.append({ type: 'cell', cell: finished.cell });
    this.#cells.push(finished.cell);
  }

  /** A store that is gone, or did not answer once, is not asked again. */
  #noteLoss(build: string, failure: Note | undefined): void {
    if (failure === undefined || this.#lost.has(build)) return;
    if (!['HOST_DIED', 'TIMEOUT', 'NO_ANSWER'].includes(failure.code)) return;
    this.#lost.set(build, failure);
    this.#input.progress.note(`${build} is lost: ${failure.message}`);
  }

  async #write(prepared: Prepared): Promise<Run> {
    const { plan, suiteName, targets, tool, folder } = this.#input;
    const document = makeDocument({
      plan,
      suiteName,
      targets,
      tool,
      header: this.#header as JournalHeader,
      environment: this.#environment,
      dataset: prepared.record,
      builds: this.#builds,
      cells: this.#cells,
      warnings: this.#warnings,
      interleaved: this.#interleaved,
      scores: await loadScores(folder, this.#cells),
    });
    await writeWhole(join(folder, 'run.json'), `${JSON.stringify(runSchema.parse(document))}\n`);
    return document;
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, path);
  });
}

function largestK(plan: Plan): number {
  return Math.max(...plan.suite.streams.map(({ k }) => k));
}

function headerOf(
  input: RunInput,
  prepared: Prepared,
  begun: Pick<Run, 'startedAt' | 'environment'>,
): JournalHeader {
  return {
    type: 'header',
    runId: input.runId,
    startedAt: begun.startedAt,
    suiteName: input.suiteName,
    suite: { ...input.plan.suite },
    targets: input.targets.map(({ name, adapterName, options }) => ({
      name,
      adapter: adapterName,
      // Settings may hold secrets; their hash tells whether they are the same.
      optionsSha256: createHash('sha256')
        .update(JSON.stringify(options ?? {}))
        .digest('hex'),
    })),
    dataset: { name: prepared.record.name, sha256: prepared.record.sha256 },
    seed: input.plan.seed,
    keepIds: input.keepIds,
    command: [...input.command],
    tool: { ...input.tool },
    environment: { ...begun.environment },
  };
}
