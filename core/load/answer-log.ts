import { type Random, seededRandom } from '../random.js';

const growthRecords = 65_536;

/** What an answer log needs to know of its stream. */
export interface AnswerLogOptions {
  readonly k: number;
  readonly batch: number;
  /** Queries of the dataset; a batch at its end goes on at its beginning. */
  readonly queries: number;
  /** Records kept; above it a seeded reservoir stands for all. Undefined keeps all. */
  readonly maxJudged: number | undefined;
  readonly seed: number;
}

/**
 * The answers of a window: one record a query, its row and then k ids, -1 where fewer came.
 *
 * @see Vitter, Random Sampling with a Reservoir (1985), algorithm R
 */
export class AnswerLog {
  readonly #k: number;
  readonly #width: number;
  readonly #options: AnswerLogOptions;
  readonly #random: Random;
  #values: Int32Array;
  #seen = 0;

  constructor(options: AnswerLogOptions) {
    this.#options = options;
    this.#k = options.k;
    this.#width = options.k + 1;
    this.#random = seededRandom(options.seed);
    const records = Math.max(options.maxJudged ?? growthRecords, 1);
    this.#values = new Int32Array(records * this.#width);
  }

  /** Adds an answer. @param ids k for each query of the batch that begins at `firstQuery` */
  add(firstQuery: number, ids: Int32Array): void {
    const { batch, queries } = this.#options;
    for (let item = 0; item < batch; item++) {
      const at = this.#place();
      if (at < 0) continue;
      let query = firstQuery + item;
      if (query >= queries) query %= queries;
      this.#values[at] = query;
      this.#copy(at + 1, ids, item * this.#k);
    }
  }

  #copy(to: number, ids: Int32Array, from: number): void {
    for (let rank = 0; rank < this.#k; rank++) {
      this.#values[to + rank] = from + rank < ids.length ? (ids[from + rank] as number) : -1;
    }
  }

  #place(): number {
    const record = this.#seen;
    this.#seen += 1;
    const { maxJudged } = this.#options;
    if (maxJudged === undefined) {
      if ((record + 1) * this.#width > this.#values.length) this.#grow();
      return record * this.#width;
    }
    if (record < maxJudged) return record * this.#width;
    const slot = Math.floor(this.#random() * this.#seen);
    return slot < maxJudged ? slot * this.#width : -1;
  }

  #grow(): void {
    const larger = new Int32Array(this.#values.length * 2);
    larger.set(this.#values);
    this.#values = larger;
  }

  /** The records kept, in one buffer of their own size. */
  records(): Int32Array {
    const kept = Math.min(this.#seen, this.#options.maxJudged ?? this.#seen);
    return this.#values.slice(0, kept * this.#width);
  }
}
