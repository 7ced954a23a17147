import { BenchError } from '../errors.js';
import type { Journal } from '../journal.js';
import { LoadCrew } from '../load/crew.js';
import { endsRun, spentCode } from '../load/request-budget.js';
import { countedPairs } from '../noise/pairs.js';
import type { Plan, PlannedCell } from '../plan.js';
import type { Progress } from '../progress.js';
import type { Cell, Note } from '../result.js';
import type { Measure } from '../suite.js';
import type { BuildContext, LiveBuild } from './build.js';
import { isSameCell } from './document.js';
import { type CellContext, measureCell } from './measure-cell.js';
import type { Prepared } from './prepare.js';
import { saveCell } from './store.js';

/** What measuring the cells of a run needs. */
export interface MeasuringInput {
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly build: BuildContext;
  readonly folder: string;
  readonly journal: Journal;
  readonly keepIds: boolean;
  /** Whether the others go on when a store is lost. */
  readonly onStoreLost: 'stop' | 'continue';
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Those of earlier sessions of the run. */
  readonly cells: readonly Cell[];
}

/** What a trial needs beside its cell. */
export interface TrialContext {
  readonly live: LiveBuild;
  readonly isolated: boolean;
  readonly timing: Pick<Measure, 'warmUpS' | 'durationS'>;
}

/** How often a cell is measured until it is valid, at most. */
export const mostAttempts = 3;
const judgedByDefault = 100_000;
/** A store that is gone, or that did not answer once, is not asked again. */
const lossCodes = ['HOST_DIED', 'UNREACHABLE', 'TIMEOUT', 'NO_ANSWER'];

/** Measures cells and keeps each, on disk, before the next begins. */
export class Measuring {
  /** All attempts, in the order of measuring. */
  readonly cells: Cell[];
  /** Why nothing more is measured. */
  stopped: Note | undefined;
  readonly #input: MeasuringInput;
  readonly #crew = new LoadCrew();
  readonly #lost = new Map<string, Note>();

  constructor(input: MeasuringInput) {
    this.#input = input;
    this.cells = [...input.cells];
  }

  /**
   * Whether a cell was measured in full and validly, or tried as often as it is. The halves of a
   * pair are done together, so that they are measured again together.
   */
  isDone(planned: PlannedCell): boolean {
    const whole = this.#wholeOf(planned);
    if (planned.partner === undefined) {
      return whole.length >= mostAttempts || whole.some(({ invalid }) => invalid.length === 0);
    }
    const others = this.#wholeOf({ id: planned.partner });
    if (Math.max(whole.length, others.length) >= mostAttempts) return true;
    const pairs = countedPairs(this.cells);
    return pairs.some(({ inOrder }) => inOrder.some((half) => isSameCell(half, planned)));
  }

  #wholeOf(planned: Pick<PlannedCell, 'id'>): Cell[] {
    return this.cells.filter((cell) => isSameCell(cell, planned) && cell.status === 'complete');
  }

  /**
   * Measures cells in order; those that turn out invalid are measured again at the end, up to
   * twice, when what disturbed them may have passed.
   *
   * @param isolated client and engines have cores of their own
   * @throws BenchError INTERRUPTED when the signal is given, REQUESTS_SPENT when nothing more may
   *   be sent; the cell that was cut short is kept
   */
  async measure(
    planned: readonly PlannedCell[],
    live: ReadonlyMap<string, LiveBuild>,
    isolated: boolean,
  ): Promise<void> {
    const { progress, signal } = this.#input;
    let wanted = planned;
    for (let round = 0; round < mostAttempts && wanted.length > 0; round++) {
      progress.phase(round === 0 ? 'measure' : 'measure invalid cells again', wanted.length);
      const invalid: PlannedCell[] = [];
      for (const [index, cell] of wanted.entries()) {
        signal.throwIfAborted();
        if (this.stopped !== undefined) return;
        progress.update(index, cell.id);
        const context = this.#context(cell, live.get(cell.build.id) as LiveBuild, isolated);
        const found = await this.#measureOne(cell, context);
        if (found.invalid.length > 0) invalid.push(cell);
      }
      const again = new Set(invalid.flatMap(({ id, partner }) => [id, partner]));
      wanted = wanted.filter(
        (cell) => again.has(cell.id) && !this.#lost.has(cell.build.id) && !this.isDone(cell),
      );
    }
  }

  #context(cell: PlannedCell, live: LiveBuild, isolated: boolean): CellContext {
    const { plan, prepared, build, keepIds, signal } = this.#input;
    return {
      live,
      prepared,
      plan,
      build,
      crew: this.#crew,
      attempt: this.cells.filter((done) => isSameCell(done, cell)).length,
      maxJudged: keepIds ? undefined : (plan.suite.measure.maxJudged ?? judgedByDefault),
      lost: this.#lost.get(cell.build.id),
      isolated,
      signal,
    };
  }

  /**
   * Measures a cell once, for as long as its search for the highest rate wants.
   *
   * @throws BenchError INTERRUPTED when the signal is given, REQUESTS_SPENT when nothing more may
   *   be sent
   */
  async trial(cell: PlannedCell, { live, isolated, timing }: TrialContext): Promise<Cell> {
    this.#input.signal.throwIfAborted();
    const context = this.#context(cell, live, isolated);
    const { suite } = context.plan;
    const plan = { ...context.plan, suite: { ...suite, measure: { ...suite.measure, ...timing } } };
    return this.#measureOne(cell, { ...context, plan });
  }

  /** Why the store of a build is gone, if it is. */
  lossOf(build: string): Note | undefined {
    return this.#lost.get(build);
  }

  async #measureOne(planned: PlannedCell, context: CellContext): Promise<Cell> {
    const { folder, keepIds, journal } = this.#input;
    const finished = await measureCell(planned, context);
    const { cell } = finished;
    this.#noteLoss(planned.build.id, cell.failure);
    await saveCell(folder, finished, keepIds);
    await this.#input.build.watching?.keep(finished.samples);
    await journal.append({ type: 'cell', cell });
    this.cells.push(cell);
    const { failure } = cell;
    if (failure?.code === spentCode) throw new BenchError(spentCode, failure.message);
    return cell;
  }

  #noteLoss(build: string, failure: Note | undefined): void {
    if (failure === undefined || this.#lost.has(build)) return;
    if (!lossCodes.includes(failure.code)) return;
    this.#lost.set(build, failure);
    const { progress, onStoreLost } = this.#input;
    progress.note(`${build} is lost: ${failure.message}`);
    if (onStoreLost === 'continue') return;
    const { message, hint } = failure;
    const told = hint === undefined ? {} : { hint };
    this.stopped = { code: 'STORE_LOST', message: `${build} is lost: ${message}`, ...told };
  }

  /** Notes why the run is over; throws on what does not end it. */
  end(thrown: unknown): void {
    if (!endsRun(thrown, this.#input.signal)) throw thrown;
    const isSpent = thrown instanceof BenchError && thrown.code === spentCode;
    this.stopped ??= isSpent
      ? { code: spentCode, message: thrown.message }
      : { code: 'INTERRUPTED', message: 'the run was stopped' };
  }

  /** Ends the load workers. */
  async close(): Promise<void> {
    await this.#crew.close();
  }
}
