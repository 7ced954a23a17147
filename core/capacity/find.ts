import { nowNs } from '../clock.js';
import type { PlannedCell } from '../plan.js';
import type { Capacity, Cell } from '../result.js';
import { nsPerS } from '../units.js';
import { type Judgement, judgeTrial, operationOf } from './judge-trial.js';
import { kneeOf } from './knee.js';
import { type FoundRate, searchRate, type TrialKind } from './rate-search.js';
import { conditionOn, type Slo } from './slo.js';
import { surenessOf } from './sureness.js';
import {
  leastRateQps,
  probeCell,
  type TrialPlan,
  type TrialTiming,
  trialCell,
  trialTakesS,
  trialTiming,
} from './trials.js';
import { chooseSetting, type Tuned } from './tune.js';

/** What `bench capacity` was asked for. */
export interface CapacityTask {
  readonly slo: Slo;
  /** Seconds for the answer of one setting. */
  readonly budgetS: number;
  /** Search parameters of which the fastest setting that passes is chosen; none: every setting. */
  readonly tune: readonly string[];
  /** Queries a second of the first trial; half of what a few callers got when not given. */
  readonly fromQps?: number;
}

/** What is measured with: a run. */
export interface TrialBench {
  /** Measures a cell and keeps it. */
  measure(cell: PlannedCell, timing: TrialTiming): Promise<Cell>;
  /** Says what was found. */
  note(line: string): void;
}

/** Cells that differ in the tuned search parameters only; one where none is tuned. */
export type Settings = readonly [PlannedCell, ...PlannedCell[]];

const tolerance = 0.03;
const mostQps = 10_000_000;
const probeS = 1;
/** Of what a few callers got without a pause: a rate that should pass. */
const fromShare = 0.7;

const clearlyBehind = 0.9;

type Trial = Capacity['trials'][number];

/** The highest rate at which a setting meets an SLO, or the fastest of several that can. */
export async function findCapacity(
  task: CapacityTask,
  settings: Settings,
  bench: TrialBench,
): Promise<Capacity> {
  return new Search(task, settings, bench).run();
}

class Search {
  readonly #task: CapacityTask;
  readonly #settings: Settings;
  readonly #bench: TrialBench;
  readonly #plan: TrialPlan;
  readonly #beganNs = nowNs();
  readonly #trials: Trial[] = [];
  #confirmation: Cell | undefined;
  #number = 0;

  constructor(task: CapacityTask, settings: Settings, bench: TrialBench) {
    this.#task = task;
    this.#settings = settings;
    this.#bench = bench;
    const itemsPerRequest = settings[0].streams[0]?.load.itemsPerRequest ?? 1;
    this.#plan = { slo: task.slo, budgetS: task.budgetS, itemsPerRequest };
  }

  async run(): Promise<Capacity> {
    const tuned = await chooseSetting(this.#settings, (cell) => this.#probe(cell));
    const { chosen, probe } = tuned;
    const found = probe.passed ? await this.#search(chosen, probe.qps) : nothingPasses;
    return this.#result(chosen, tuned, found);
  }

  /** What a few callers get, and whether the quality that the SLO wants is there at all. */
  async #probe(cell: PlannedCell) {
    const planned = probeCell(cell, this.#number++);
    const measured = await this.#bench.measure(planned, { warmUpS: 0.3, durationS: probeS });
    const { slo } = this.#task;
    const quality = ['recall', 'ndcg'].flatMap((metric) => conditionOn(slo, metric) ?? []);
    const rule = { slo: { ...slo, conditions: quality }, isLong: true };
    const judgement = judgeTrial(measured, rule);
    this.#keep(measured, 'probe', judgement);
    const qps = operationOf(measured)?.throughputQps ?? 0;
    const recall = operationOf(measured)?.recall?.mean;
    return { passed: judgement.verdict === 'passed', qps, recall, cell: measured.id };
  }

  async #search(cell: PlannedCell, probedQps: number): Promise<FoundRate> {
    const least = leastRateQps(this.#plan);
    const wanted = conditionOn(this.#task.slo, 'qps')?.limit ?? 0;
    return searchRate({
      tryRate: (rateQps, kind) => this.#try(cell, rateQps, kind),
      hasTime: (rateQps, kind) => this.#hasTime(rateQps, kind),
      fromQps: this.#task.fromQps ?? fromShare * probedQps,
      leastQps: Math.max(least, wanted),
      mostQps: Math.max(mostQps, wanted),
      tolerance,
    });
  }

  async #try(cell: PlannedCell, rateQps: number, kind: TrialKind) {
    const planned = trialCell(cell, { number: this.#number++, rateQps });
    const measured = await this.#bench.measure(planned, trialTiming(this.#plan, rateQps, kind));
    const rule = { slo: this.#task.slo, isLong: kind === 'confirm' };
    const judgement = judgeTrial(measured, rule);
    this.#keep(measured, kind, judgement);
    if (kind === 'confirm' && judgement.verdict === 'passed') this.#confirmation = measured;
    return { verdict: judgement.verdict, isClear: isFarBehind(measured) };
  }

  /** Whatever narrows the bracket leaves time for the long trial. */
  #hasTime(rateQps: number, kind: TrialKind): boolean {
    const long = trialTakesS(this.#plan, rateQps, 'confirm');
    const more = kind === 'confirm' ? 0 : trialTakesS(this.#plan, rateQps, kind);
    return this.#elapsedS() + more + long <= this.#task.budgetS;
  }

  #elapsedS(): number {
    return (nowNs() - this.#beganNs) / nsPerS;
  }

  #keep(cell: Cell, kind: Trial['kind'], { verdict, why, measured }: Judgement): void {
    const operation = operationOf(cell);
    const rateQps = cell.streams[0]?.load.rateQps;
    this.#trials.push({
      cell: cell.id,
      kind,
      ...(rateQps !== undefined && { rateQps }),
      achievedQps: operation?.throughputQps ?? 0,
      verdict,
      why: [...why],
      measured: { ...measured },
      saturated: cell.saturated,
      requests: operation?.requests.offered ?? 0,
      durationS: cell.durationS,
    });
    const at = rateQps === undefined ? 'probe' : `${kind} ${Math.round(rateQps)}/s`;
    const reason = why.length === 0 ? '' : `: ${why[0]}`;
    this.#bench.note(`${at} ${verdict}${reason}`);
  }

  #result(cell: PlannedCell, tuned: Tuned, found: FoundRate): Capacity {
    const { slo, budgetS, tune } = this.#task;
    const { build, search, streams } = cell;
    const { ending, confirmedQps, passedQps, failedQps } = found;
    const { name: stream, load } = streams[0] as PlannedCell['streams'][number];
    const { rateQps: _, ...flow } = load;
    const knee = kneeOf(this.#trials);
    return {
      target: build.target.name,
      build: build.id,
      family: build.support.family,
      params: { ...build.params },
      search: { ...search },
      stream,
      load: flow,
      slo: slo.text,
      conditions: slo.conditions.map(({ metric, operator, limit }) => ({
        metric,
        operator,
        limit,
      })),
      ending,
      ...(confirmedQps !== undefined && { confirmedQps }),
      bracket: {
        ...(passedQps !== undefined && { passedQps }),
        ...(failedQps !== undefined && { failedQps }),
      },
      ...(knee !== undefined && { kneeQps: knee }),
      ...(this.#confirmation !== undefined && { confirmation: this.#confirmation.id }),
      trials: this.#trials,
      ...(tune.length > 0 && {
        tuned: { names: [...tune], settings: tuned.settings, tried: [...tuned.tried] },
      }),
      budgetS,
      tookS: this.#elapsedS(),
      sureness: surenessOf({
        slo,
        budgetS,
        found,
        trials: this.#trials,
        confirmation: this.#confirmation,
      }),
    };
  }
}

/** A store that carries the rate makes up for a pause; this one did nine tenths of it at most. */
function isFarBehind(cell: Cell): boolean {
  const rateQps = cell.streams[0]?.load.rateQps ?? 0;
  const achievedQps = operationOf(cell)?.throughputQps ?? 0;
  return cell.saturated && achievedQps < clearlyBehind * rateQps;
}

const nothingPasses: FoundRate = { ending: 'nothing-passes' };
