import type { Histogram } from 'hdr-histogram-js';
import { createHistogram, encodeHistogram, recordNs } from '../measure/histogram.js';
import { nsPerS } from '../units.js';
import type { TimelineSecond, WindowSlice } from './assignment.js';

const slicesPerS = 5;
const sliceNs = nsPerS / slicesPerS;

/** What ended in a window by the second, and by the fifth of one, in the order of time. */
export class Timeline {
  readonly #startNs: number;
  readonly #seconds: TimelineSecond[] = [];
  readonly #slices: WindowSlice[] = [];
  readonly #slice: Histogram = createHistogram();
  readonly #second: Histogram = createHistogram();
  /** Where the slice ends that is being filled, after the beginning of the window. */
  #turnNs: number;
  #completed = 0;
  #failed = 0;

  /** @param startNs when the window begins */
  constructor(startNs: number) {
    this.#startNs = startNs;
    this.#turnNs = startNs + sliceNs;
  }

  /** Adds a request that ended inside the window, no earlier than the one before. */
  add(doneNs: number, latencyNs: number, completed: boolean): void {
    while (doneNs >= this.#turnNs) this.#turn();
    if (completed) this.#completed += 1;
    else this.#failed += 1;
    recordNs(this.#slice, latencyNs);
  }

  #turn(): void {
    const ended = this.#slice.totalCount;
    const p50 = ended === 0 ? {} : { p50Ns: this.#slice.getValueAtPercentile(50) };
    this.#slices.push({ ended, ...p50 });
    if (ended > 0) this.#second.add(this.#slice as never);
    this.#slice.reset();
    if (this.#slices.length % slicesPerS === 0) this.#turnSecond();
    this.#turnNs += sliceNs;
  }

  #turnSecond(): void {
    this.#seconds.push({
      completed: this.#completed,
      failed: this.#failed,
      histogram: encodeHistogram(this.#second),
    });
    this.#second.reset();
    this.#completed = 0;
    this.#failed = 0;
  }

  /**
   * All seconds, the last one perhaps not whole, and all whole slices. Seconds in which nothing
   * ended are part of it. Call once, at the end.
   */
  report(windowNs: number): { timeline: TimelineSecond[]; slices: WindowSlice[] } {
    const endNs = this.#startNs + windowNs;
    do this.#turn();
    while (this.#turnNs - sliceNs < endNs || this.#slices.length % slicesPerS !== 0);
    this.#slice.destroy();
    this.#second.destroy();
    const whole = Math.floor(windowNs / sliceNs);
    const seconds = Math.max(Math.ceil(windowNs / nsPerS), 1);
    return { timeline: this.#seconds.slice(0, seconds), slices: this.#slices.slice(0, whole) };
  }
}
