/**
 * Rows in order, as many as there is room for. When it is full every second row is left out, and
 * from then on of those that come only as many are kept: what stays is evenly spaced.
 */
export class SampleBuffer<Row> {
  readonly #most: number;
  #rows: Row[] = [];
  #stride = 1;
  #offered = 0;

  /** @param most rows that are kept, at least 2 */
  constructor(most: number) {
    this.#most = most;
  }

  add(row: Row): void {
    if (this.#offered % this.#stride === 0) this.#rows.push(row);
    this.#offered += 1;
    if (this.#rows.length < this.#most) return;
    this.#rows = this.#rows.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  /** All that is kept; the buffer is empty afterwards. */
  take(): readonly Row[] {
    const rows = this.#rows;
    this.#rows = [];
    this.#stride = 1;
    this.#offered = 0;
    return rows;
  }
}
