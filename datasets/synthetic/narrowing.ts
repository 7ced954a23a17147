const wide = new Float32Array(1);
const wideBits = new Int32Array(wide.buffer);

/** The 16 bits of the float16 that is nearest to a float32, ties to even; a zero has no sign. */
export function float16Of(value: number): number {
  wide[0] = value;
  const bits = wideBits[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (exponent > 30) return sign | 0x7c00;
  // Below the smallest normal float16 the leading 1 is written out, and shifted away.
  const isSmall = exponent <= 0;
  if (exponent < -10) return 0;
  const fraction = isSmall ? (bits & 0x7fffff) | 0x800000 : (exponent << 23) | (bits & 0x7fffff);
  const cut = isSmall ? 14 - exponent : 13;
  const kept = fraction >>> cut;
  const rest = fraction & ((1 << cut) - 1);
  const half = 1 << (cut - 1);
  const rounded = rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
  return rounded === 0 ? 0 : sign | rounded;
}

/** Rounds float32 values to float16, given as their 16 bits. @param target as long as `values` */
export function narrowFloat16(values: Float32Array, target: Uint16Array): void {
  for (let at = 0; at < values.length; at++) target[at] = float16Of(values[at] as number);
}

/** How values become whole numbers. */
export interface Steps {
  /** Steps to 1. */
  readonly scale: number;
  /** Where 0 comes to lie. */
  readonly zero: number;
  readonly min: number;
  readonly max: number;
}

/** Rounds values to whole numbers of a range; what lies outside comes to its end. */
export function quantise(
  values: Float32Array,
  target: Uint8Array | Int8Array,
  { scale, zero, min, max }: Steps,
): void {
  for (let at = 0; at < values.length; at++) {
    const step = Math.round((values[at] as number) * scale) + zero;
    target[at] = step < min ? min : step > max ? max : step;
  }
}
