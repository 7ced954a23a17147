const word = new Float32Array(1);
const bitsOfWord = new Uint32Array(word.buffer);

/**
 * Float32 values as the 16 bits of the nearest float16, ties to the even one; what is too large
 * becomes infinity.
 *
 * @see IEEE 754-2019, binary16 and roundTiesToEven
 */
export function narrowFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, narrow);
}

function narrow(value: number): number {
  word[0] = value;
  const bits = bitsOfWord[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const fraction = bits & 0x7f_ffff;
  if (exponent === 128) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  if (exponent >= 16) return sign | 0x7c00;
  // Below 2^-14 there is no hidden bit: the fraction is shifted by as much as the exponent lacks.
  const isNormal = exponent >= -14;
  const shift = isNormal ? 13 : Math.min(-1 - exponent, 31);
  const whole = isNormal ? fraction : fraction | 0x80_0000;
  const base = isNormal ? (exponent + 15) << 10 : 0;
  // A fraction that rounds up to a whole carries into the exponent, which is right.
  return sign | (base + shiftToEven(whole, shift));
}

function shiftToEven(value: number, shift: number): number {
  if (shift > 24) return 0;
  const kept = value >>> shift;
  const rest = value - kept * 2 ** shift;
  const half = 2 ** (shift - 1);
  return rest > half || (rest === half && kept % 2 === 1) ? kept + 1 : kept;
}
