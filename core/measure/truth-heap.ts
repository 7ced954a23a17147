/**
 * The best rows seen so far, at most `capacity` of them: a binary heap with the worst on top. Rows
 * must be offered in ascending order; of equal scores the lower row is then the better one.
 */
export class TruthHeap {
  /** A row must score above this to get in; -Infinity until the heap is full. */
  threshold = -Infinity;
  size = 0;
  private readonly scores: Float64Array;
  private readonly rows: Int32Array;

  constructor(readonly capacity: number) {
    this.scores = new Float64Array(capacity);
    this.rows = new Int32Array(capacity);
  }

  /** Takes a row whose score is above the threshold, and drops the worst when full. */
  offer(score: number, row: number): void {
    if (this.size < this.capacity) {
      this.size += 1;
      this.rise(score, row);
    } else {
      this.sink(score, row);
    }
    if (this.size === this.capacity) this.threshold = this.scores[0] as number;
  }

  /** The rows inside, in no order. */
  content(): Int32Array {
    return this.rows.slice(0, this.size);
  }

  /** Empties the heap for the next query. */
  clear(): void {
    this.size = 0;
    this.threshold = -Infinity;
  }

  private rise(score: number, row: number): void {
    let at = this.size - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.isWorse(parent, score, row)) break;
      this.move(parent, at);
      at = parent;
    }
    this.scores[at] = score;
    this.rows[at] = row;
  }

  private sink(score: number, row: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size) {
        const right = child + 1;
        if (this.isWorse(right, this.scores[child] as number, this.rows[child] as number)) {
          child = right;
        }
      }
      if (!this.isWorse(child, score, row)) break;
      this.move(child, at);
      at = child;
    }
    this.scores[at] = score;
    this.rows[at] = row;
  }

  private isWorse(at: number, score: number, row: number): boolean {
    const own = this.scores[at] as number;
    return own < score || (own === score && (this.rows[at] as number) > row);
  }

  private move(from: number, to: number): void {
    this.scores[to] = this.scores[from] as number;
    this.rows[to] = this.rows[from] as number;
  }
}
