let table: Float32Array | undefined;

/**
 * Widens float16 values; each float16 is exactly a float32.
 *
 * @param bits float16 values as their 16 bits
 * @param target as long as `bits`
 * @see IEEE 754-2019, binary16
 */
export function widenFloat16(bits: Uint16Array, target: Float32Array): void {
  table ??= Float32Array.from({ length: 65_536 }, (_, index) => float16ToNumber(index));
  for (let index = 0; index < bits.length; index++) {
    target[index] = table[bits[index] as number] as number;
  }
}

/** The value of one float16, given as its 16 bits: sign, 5 bits of exponent, 10 of fraction. */
export function float16ToNumber(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
