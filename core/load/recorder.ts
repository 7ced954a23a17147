import type { Histogram } from 'hdr-histogram-js';
import type { Hits } from '../adapter.js';
import { createHistogram, encodeHistogram, recordNs } from '../measure/histogram.js';
import { AnswerLog } from './answer-log.js';
import { type MomentName, outcomes, type StreamReport } from './assignment.js';
import { lostCode } from './closed.js';
import type { Flight } from './flight.js';
import { OutcomeLog } from './outcome-log.js';
import { Timeline } from './timeline.js';
import type { MeasureWindow } from './window.js';

/** What a recorder needs to know of its stream. */
export interface RecorderOptions {
  readonly name: string;
  /** Under closed load there is no intended time: service is the only figure. */
  readonly kind: 'closed' | 'open';
  readonly k: number;
  /** Queries in one request. */
  readonly batch: number;
  /** Queries of the dataset. */
  readonly queries: number;
  /** The number of the batch of the dataset that each body holds. */
  readonly batches: readonly number[];
  readonly maxJudged: number | undefined;
  readonly seed: number;
  /** Queries come in an order of their own, in which a full pass is not waited for. */
  readonly isSkewed?: boolean;
  /** Keeps intended start, response and outcome of every request. */
  readonly keepOutcomes?: boolean;
}

/** What only open loads have. */
interface OpenHistograms {
  readonly response: Histogram;
  readonly queueWait: Histogram;
  readonly pacerLag: Histogram;
  readonly firedToDone: Histogram;
  /** Counts, not times. */
  readonly bursts: Histogram;
}

function openHistograms(): OpenHistograms {
  return {
    response: createHistogram(),
    queueWait: createHistogram(),
    pacerLag: createHistogram(),
    firedToDone: createHistogram(),
    bursts: createHistogram(),
  };
}

/**
 * Counts and times the requests of one stream in one worker. Percentiles are of requests that were
 * sent inside the window (intended, under open load), however late their answers came; throughput
 * and answers are of requests answered inside it.
 */
export class StreamRecorder {
  readonly #options: RecorderOptions;
  readonly #window: MeasureWindow;
  readonly #histograms = new Map<MomentName, Histogram>();
  readonly #service = createHistogram();
  readonly #open: OpenHistograms | undefined;
  readonly #answers: AnswerLog;
  readonly #errors = new Map<string, { count: number; example: string }>();
  readonly #timeline: Timeline;
  readonly #outcomes: OutcomeLog | undefined;
  #completed = 0;
  #failed = 0;
  #dropped = 0;
  #answered = 0;
  /** Which bodies have ended inside the window, and how many have not. */
  readonly #passed: Uint8Array;
  #missing: number;

  constructor(options: RecorderOptions, window: MeasureWindow) {
    this.#options = options;
    this.#window = window;
    this.#histograms.set('service', this.#service);
    if (options.kind === 'open') {
      const { bursts, ...moments } = openHistograms();
      this.#open = { bursts, ...moments };
      for (const [name, histogram] of Object.entries(moments)) {
        this.#histograms.set(name as MomentName, histogram);
      }
    }
    this.#answers = new AnswerLog(options);
    this.#passed = new Uint8Array(options.batches.length);
    this.#missing = options.isSkewed === true ? Infinity : options.batches.length;
    this.#timeline = new Timeline(window.startNs);
    this.#outcomes = options.keepOutcomes === true ? new OutcomeLog(window) : undefined;
  }

  /** Whether a request with each body has ended inside the window, failed ones too. */
  get hasPassed(): boolean {
    return this.#missing === 0;
  }

  /** Records an answered request; `flight.doneNs` is set. */
  succeed(flight: Flight, hits: Hits): void {
    const { doneNs } = flight;
    if (this.#window.holds(doneNs)) {
      this.#answered += 1;
      const { batches, batch } = this.#options;
      this.#answers.add((batches[flight.body] as number) * batch, hits.ids);
      this.#end(flight, true);
    }
    if (!this.#window.holds(this.#origin(flight))) return;
    this.#completed += 1;
    this.#outcomes?.add(flight, outcomes.completed);
    const serviceNs = this.#recordMoments(flight);
    if (hits.engineNs === undefined) return;
    this.#record('engine', hits.engineNs);
    this.#record('overhead', serviceNs - hits.engineNs);
    if (hits.hostQueueNs !== undefined) this.#record('hostQueue', hits.hostQueueNs);
  }

  /** Records a failed or timed-out request with all the time that it took. */
  fail(flight: Flight, code: string, message: string): void {
    if (this.#window.holds(flight.doneNs)) this.#end(flight, false);
    const counts = this.#window.holds(this.#origin(flight));
    // Why nothing follows is kept, whenever the request was sent.
    if (counts || code === lostCode) this.#note(code, message);
    if (!counts) return;
    this.#failed += 1;
    this.#outcomes?.add(flight, outcomes.failed);
    this.#recordMoments(flight);
  }

  /** Counts a request that was never sent; its response is at least what it waited. */
  drop(intendedNs: number, nowNs: number): void {
    if (!this.#window.holds(intendedNs)) return;
    this.#dropped += 1;
    this.#outcomes?.add({ intendedNs, doneNs: nowNs }, outcomes.dropped);
    if (this.#open !== undefined) recordNs(this.#open.response, nowNs - intendedNs);
  }

  /** Notes how many requests one wake of the pacer fired; the first was intended then. */
  fire(intendedNs: number, count: number): void {
    if (this.#open !== undefined && this.#window.holds(intendedNs)) {
      recordNs(this.#open.bursts, count);
    }
  }

  #note(code: string, message: string): void {
    const error = this.#errors.get(code);
    if (error === undefined) this.#errors.set(code, { count: 1, example: message });
    else error.count += 1;
  }

  #origin(flight: Flight): number {
    return this.#open === undefined ? flight.sentNs : flight.intendedNs;
  }

  #recordMoments(flight: Flight): number {
    const serviceNs = flight.doneNs - flight.sentNs;
    recordNs(this.#service, serviceNs);
    const open = this.#open;
    if (open !== undefined) {
      recordNs(open.response, flight.doneNs - flight.intendedNs);
      recordNs(open.queueWait, flight.sentNs - flight.firedNs);
      recordNs(open.pacerLag, flight.firedNs - flight.intendedNs);
      recordNs(open.firedToDone, flight.doneNs - flight.firedNs);
    }
    return serviceNs;
  }

  #record(moment: MomentName, ns: number): void {
    let histogram = this.#histograms.get(moment);
    if (histogram === undefined) {
      histogram = createHistogram();
      this.#histograms.set(moment, histogram);
    }
    recordNs(histogram, ns);
  }

  #end(flight: Flight, completed: boolean): void {
    if (this.#passed[flight.body] === 0) {
      this.#passed[flight.body] = 1;
      this.#missing -= 1;
    }
    this.#timeline.add(flight.doneNs, flight.doneNs - this.#origin(flight), completed);
  }

  /** What was recorded. Call once, when the window is closed and nothing is in flight. */
  report(): StreamReport {
    const windowNs = this.#window.endNs - this.#window.startNs;
    const histograms: Partial<Record<MomentName, Uint8Array>> = {};
    for (const [moment, histogram] of this.#histograms) {
      if (histogram.totalCount > 0) histograms[moment] = encodeHistogram(histogram);
      histogram.destroy();
    }
    const bursts = this.#open === undefined ? undefined : encodeHistogram(this.#open.bursts);
    this.#open?.bursts.destroy();
    return {
      name: this.#options.name,
      startNs: this.#window.startNs,
      windowNs,
      requests: {
        sent: this.#completed + this.#failed,
        completed: this.#completed,
        failed: this.#failed,
        dropped: this.#dropped,
      },
      answered: { requests: this.#answered, items: this.#answered * this.#options.batch },
      errors: Object.fromEntries(this.#errors),
      histograms,
      ...this.#timeline.report(windowNs),
      answers: this.#answers.records(),
      ...(bursts === undefined ? {} : { bursts }),
      ...(this.#outcomes === undefined ? {} : { outcomes: this.#outcomes.records() }),
    };
  }
}
