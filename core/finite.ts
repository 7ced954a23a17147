import type { VectorValues } from './vectors.js';

/** Where the first value lies that is not finite; -1 where all are, as bytes always are. */
export function firstNotFinite(values: VectorValues): number {
  if (values instanceof Float32Array) {
    return areFinite(values) ? -1 : values.findIndex((value) => !Number.isFinite(value));
  }
  if (!(values instanceof Uint16Array) || areFiniteHalves(values)) return -1;
  return values.findIndex((bits) => (bits & float16Exponent) === float16Exponent);
}

/** Whether all values are; at the speed at which they come from memory. */
export function areFinite(values: Float32Array): boolean {
  // Any NaN or infinity stays in the sum, and no sum of float32 is beyond float64. Of four sums
  // none waits for the addition before.
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  const whole = values.length - (values.length % 4);
  for (let index = 0; index < whole; index += 4) {
    first += values[index] as number;
    second += values[index + 1] as number;
    third += values[index + 2] as number;
    fourth += values[index + 3] as number;
  }
  for (let index = whole; index < values.length; index++) first += values[index] as number;
  return Number.isFinite(first + second + third + fourth);
}

const float16Exponent = 0x7c00;

function areFiniteHalves(bits: Uint16Array): boolean {
  // An exponent of all ones, and no other, becomes the highest bit when 1 is added to it.
  let carried = 0;
  for (let index = 0; index < bits.length; index++) {
    carried |= ((bits[index] as number) & float16Exponent) + 0x0400;
  }
  return (carried & 0x8000) === 0;
}
