import { seededRandom } from '../../core/random.js';

/** Where the tail begins, and the area of each of the 256 layers, for the curve exp(-x²/2). */
const tailFrom = 3.6541528853610088;
const area = 0.004928673233974655;
const layers = 256;

/** Half widths of the layers, the lowest (with the tail) first, and the curve at each. */
const widths = new Float64Array(layers + 1);
const heights = new Float64Array(layers + 1);
/** What a signed number of 24 bits is multiplied by to lie within a layer. */
const scales = new Float64Array(layers);

function prepareLayers(): void {
  const curve = (x: number): number => Math.exp(-0.5 * x * x);
  widths[0] = area / curve(tailFrom);
  widths[1] = tailFrom;
  for (let layer = 2; layer < layers; layer++) {
    const width = widths[layer - 1] as number;
    widths[layer] = Math.sqrt(-2 * Math.log(area / width + curve(width)));
  }
  for (let layer = 0; layer <= layers; layer++) heights[layer] = curve(widths[layer] as number);
  for (let layer = 0; layer < layers; layer++) scales[layer] = (widths[layer] as number) / 2 ** 23;
}

prepareLayers();

/**
 * A seeded source of normal numbers for data of any size: its words do not repeat within 2^128. The
 * same seed gives the same sequence, however it is cut into pieces.
 *
 * @see Blackman and Vigna, Scrambled Linear Pseudorandom Number Generators (2021), xoshiro128++
 * @see Marsaglia and Tsang, The Ziggurat Method for Generating Random Variables (2000); layer and
 *   place are bits of their own, as Doornik, An Improved Ziggurat Method (2005), asks for
 */
export class NormalSource {
  readonly #state: Int32Array;

  /** @param seed only its low 32 bits count */
  constructor(seed: number) {
    const random = seededRandom(seed);
    this.#state = Int32Array.from({ length: 4 }, () => random() * 2 ** 32);
  }

  /** 32 random bits, as a signed number. */
  word(): number {
    const state = this.#state;
    const a = state[0] as number;
    const b = state[1] as number;
    const c = (state[2] as number) ^ a;
    const d = (state[3] as number) ^ b;
    const sum = (a + (state[3] as number)) | 0;
    state[0] = a ^ d;
    state[1] = b ^ c;
    state[2] = c ^ (b << 9);
    state[3] = (d << 11) | (d >>> 21);
    return (((sum << 7) | (sum >>> 25)) + a) | 0;
  }

  /** A whole number from 0 to `count` - 1, all equally likely to one part in 2^32 / count. */
  index(count: number): number {
    return Math.floor(((this.word() >>> 0) / 2 ** 32) * count);
  }

  /**
   * Writes numbers of mean 0 and variance 1 from `from` up to `to`, which is left out: those that
   * as many calls of `next` would give, with the state in registers.
   */
  fill(target: Float32Array, from: number, to: number): void {
    const state = this.#state;
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    for (let at = from; at < to; at++) {
      const sum = (a + d) | 0;
      const word = (((sum << 7) | (sum >>> 25)) + a) | 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
      const layer = word & (layers - 1);
      const x = ((word >> 8) + 0.5) * (scales[layer] as number);
      if (Math.abs(x) < (widths[layer + 1] as number)) {
        target[at] = x;
        continue;
      }
      state[0] = a;
      state[1] = b;
      state[2] = c;
      state[3] = d;
      target[at] = this.#settle(layer, x);
      a = state[0] as number;
      b = state[1] as number;
      c = state[2] as number;
      d = state[3] as number;
    }
    state[0] = a;
    state[1] = b;
    state[2] = c;
    state[3] = d;
  }

  /** Decides on a place that does not lie under the curve for certain: about one in 80. */
  #settle(layer: number, x: number): number {
    if (layer === 0) return x < 0 ? -this.#tail() : this.#tail();
    const low = heights[layer] as number;
    const high = heights[layer + 1] as number;
    if (low + this.#uniform() * (high - low) < Math.exp(-0.5 * x * x)) return x;
    return this.next();
  }

  /** One number of mean 0 and variance 1. */
  next(): number {
    const word = this.word();
    const layer = word & (layers - 1);
    const x = ((word >> 8) + 0.5) * (scales[layer] as number);
    return Math.abs(x) < (widths[layer + 1] as number) ? x : this.#settle(layer, x);
  }

  /** @see Marsaglia, Generating a Variable from the Tail of the Normal Distribution (1964) */
  #tail(): number {
    for (;;) {
      const x = -Math.log(this.#uniform()) / tailFrom;
      const y = -Math.log(this.#uniform());
      if (2 * y > x * x) return tailFrom + x;
    }
  }

  /** Above 0 and below 1. */
  #uniform(): number {
    return ((this.word() >>> 0) + 0.5) / 2 ** 32;
  }
}
