import type { Flight } from './flight.js';

const firstCapacity = 1024;

/** Requests that wait for a slot in flight, first come, first served: intended and fired times. */
export class WaitingLine {
  #times = new Float64Array(2 * firstCapacity);
  #head = 0;
  /** Requests in line. */
  length = 0;

  push(intendedNs: number, firedNs: number): void {
    const capacity = this.#times.length / 2;
    if (this.length === capacity) this.#grow();
    const at = 2 * ((this.#head + this.length) % (this.#times.length / 2));
    this.#times[at] = intendedNs;
    this.#times[at + 1] = firedNs;
    this.length += 1;
  }

  /** Writes the times of the first in line into a flight. The line must not be empty. */
  shift(flight: Flight): void {
    flight.intendedNs = this.#times[2 * this.#head] as number;
    flight.firedNs = this.#times[2 * this.#head + 1] as number;
    this.#head = (this.#head + 1) % (this.#times.length / 2);
    this.length -= 1;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#times.length);
    const head = this.#times.subarray(2 * this.#head);
    larger.set(head);
    larger.set(this.#times.subarray(0, 2 * this.#head), head.length);
    this.#times = larger;
    this.#head = 0;
  }
}
