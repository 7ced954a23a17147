import type { Flight } from './flight.js';
import type { MeasureWindow } from './window.js';

const fields = 3;
const firstCapacity = 4096;

/** Every request of a window: intended start after the window's, response time, outcome. */
export class OutcomeLog {
  readonly #window: MeasureWindow;
  #values = new Float64Array(fields * firstCapacity);
  #used = 0;

  constructor(window: MeasureWindow) {
    this.#window = window;
  }

  /** Adds a request that has ended. @param outcome one of `outcomes` */
  add({ intendedNs, doneNs }: Pick<Flight, 'intendedNs' | 'doneNs'>, outcome: number): void {
    if (this.#used === this.#values.length) this.#grow();
    this.#values[this.#used] = intendedNs - this.#window.startNs;
    this.#values[this.#used + 1] = doneNs - intendedNs;
    this.#values[this.#used + 2] = outcome;
    this.#used += fields;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#values.length);
    larger.set(this.#values);
    this.#values = larger;
  }

  /** All records in one buffer of their own size. */
  records(): Float64Array {
    return this.#values.slice(0, this.#used);
  }
}
