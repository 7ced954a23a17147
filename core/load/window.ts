/** When a window begins and may end. */
export interface WindowTimes {
  readonly startNs: number;
  /** It lasts at least until here. */
  readonly minEndNs: number;
  /** It ends here even if some queries have not been answered. */
  readonly maxEndNs: number;
}

// A worker announces its full pass this far ahead, so that all workers see it before it counts.
const announceNs = 5_000_000;

/**
 * The measured part of a cell. It ends when its time is over and every worker has answered each of
 * its queries once, at the same moment for all workers.
 */
export class MeasureWindow {
  readonly startNs: number;
  /** Infinity while it is open. */
  endNs = Number.POSITIVE_INFINITY;
  /** Whether it ended before its time. */
  isCut = false;
  /** Resolves when it is known when the window ends; `endNs` may lie a little ahead. */
  readonly ending: Promise<void>;
  readonly #times: WindowTimes;
  readonly #passedAtNs: Float64Array;
  readonly #worker: number;
  #announce: () => void = () => undefined;

  constructor(times: WindowTimes, passedAtNs: Float64Array, worker: number) {
    this.startNs = times.startNs;
    this.#times = times;
    this.#passedAtNs = passedAtNs;
    this.#worker = worker;
    this.ending = new Promise((resolve) => {
      this.#announce = resolve;
    });
  }

  /** Notes that this worker has answered each of its queries once. */
  pass(nowNs: number): void {
    if (this.#passedAtNs[this.#worker] === 0) {
      // The end lies outside the window, the answer that completes the pass inside.
      this.#passedAtNs[this.#worker] = nowNs + (this.#passedAtNs.length > 1 ? announceNs : 1);
    }
  }

  /** Whether the window is over at this time. */
  isOver(nowNs: number): boolean {
    if (this.endNs !== Number.POSITIVE_INFINITY) return nowNs >= this.endNs;
    if (nowNs < this.#times.minEndNs) return false;
    this.#close(nowNs);
    return nowNs >= this.endNs;
  }

  #close(nowNs: number): void {
    let lastPassNs = 0;
    let passed = true;
    for (const passedAtNs of this.#passedAtNs) {
      if (passedAtNs === 0) passed = false;
      lastPassNs = Math.max(lastPassNs, passedAtNs);
    }
    if (passed) {
      this.#end(Math.min(Math.max(this.#times.minEndNs, lastPassNs), this.#times.maxEndNs));
    } else if (nowNs >= this.#times.maxEndNs) {
      this.#end(this.#times.maxEndNs);
    }
  }

  #end(atNs: number): void {
    this.endNs = atNs;
    this.#announce();
  }

  /** Ends the window early: the store is lost, or the run is stopped. Never before it began. */
  cut(atNs: number): void {
    const endNs = Math.max(atNs, this.startNs);
    if (endNs >= this.endNs) return;
    this.isCut = true;
    this.#end(endNs);
  }

  /** Whether a time lies inside the window. */
  holds(timeNs: number): boolean {
    return timeNs >= this.startNs && timeNs < this.endNs;
  }
}
