import type { Histogram } from 'hdr-histogram-js';
import type { Hits } from '../adapter.js';
import { createHistogram, encodeHistogram, recordNs } from '../measure/histogram.js';
import { nsPerS } from '../units.js';
import { AnswerLog } from './answer-log.js';
import type { MomentName, StreamReport, TimelineSecond } from './assignment.js';
import { lostCode } from './closed.js';
import type { Flight } from './flight.js';
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
  readonly #response: Histogram | undefined;
  readonly #answers: AnswerLog;
  readonly #errors = new Map<string, { count: number; example: string }>();
  readonly #timeline: TimelineSecond[] = [];
  readonly #second = createHistogram();
  #secondIndex = 0;
  #secondCompleted = 0;
  #secondFailed = 0;
  #completed = 0;
  #failed = 0;
  /** Requests that ended inside the window, failed ones too. */
  ended = 0;
  #answered = 0;

  constructor(options: RecorderOptions, window: MeasureWindow) {
    this.#options = options;
    this.#window = window;
    this.#histograms.set('service', this.#service);
    if (options.kind === 'open') {
      this.#response = createHistogram();
      this.#histograms.set('response', this.#response);
      this.#histograms.set('queueWait', createHistogram());
      this.#histograms.set('pacerLag', createHistogram());
    }
    this.#answers = new AnswerLog(options);
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
    this.#recordMoments(flight);
  }

  #note(code: string, message: string): void {
    const error = this.#errors.get(code);
    if (error === undefined) this.#errors.set(code, { count: 1, example: message });
    else error.count += 1;
  }

  #origin(flight: Flight): number {
    return this.#response === undefined ? flight.sentNs : flight.intendedNs;
  }

  #recordMoments(flight: Flight): number {
    const serviceNs = flight.doneNs - flight.sentNs;
    recordNs(this.#service, serviceNs);
    if (this.#response !== undefined) {
      recordNs(this.#response, flight.doneNs - flight.intendedNs);
      this.#record('queueWait', flight.sentNs - flight.firedNs);
      this.#record('pacerLag', flight.firedNs - flight.intendedNs);
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
    this.ended += 1;
    const second = Math.floor((flight.doneNs - this.#window.startNs) / nsPerS);
    while (this.#secondIndex < second) this.#turnSecond();
    if (completed) this.#secondCompleted += 1;
    else this.#secondFailed += 1;
    recordNs(this.#second, flight.doneNs - this.#origin(flight));
  }

  #turnSecond(): void {
    this.#timeline.push({
      completed: this.#secondCompleted,
      failed: this.#secondFailed,
      histogram: encodeHistogram(this.#second),
    });
    this.#second.reset();
    this.#secondIndex += 1;
    this.#secondCompleted = 0;
    this.#secondFailed = 0;
  }

  /** What was recorded. Call once, when the window is closed and nothing is in flight. */
  report(): StreamReport {
    const windowNs = this.#window.endNs - this.#window.startNs;
    // Seconds in which nothing ended are part of the timeline, at its end too.
    do this.#turnSecond();
    while (this.#secondIndex * nsPerS < windowNs);
    const histograms: Partial<Record<MomentName, Uint8Array>> = {};
    for (const [moment, histogram] of this.#histograms) {
      if (histogram.totalCount > 0) histograms[moment] = encodeHistogram(histogram);
      histogram.destroy();
    }
    this.#second.destroy();
    return {
      name: this.#options.name,
      windowNs,
      requests: {
        sent: this.#completed + this.#failed,
        completed: this.#completed,
        failed: this.#failed,
      },
      answered: { requests: this.#answered, items: this.#answered * this.#options.batch },
      errors: Object.fromEntries(this.#errors),
      histograms,
      timeline: this.#timeline,
      answers: this.#answers.records(),
    };
  }
}
