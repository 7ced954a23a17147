/** Numbers of a few bits each, in runs and in packs. */
export interface PackedNumbers {
  readonly bytes: Uint8Array;
  /** Of one number, 0..32. */
  readonly bits: number;
}

/** What the numbers are written into; its length says how many there are. */
export type NumberTarget = Uint8Array | Int32Array;

/**
 * Reads Parquet's hybrid of run lengths and bit packing, which holds levels and places in a
 * dictionary. No run goes beyond the numbers that are expected, whatever length it claims.
 *
 * @throws RangeError when the numbers end too soon
 * @see Apache Parquet, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)"
 */
export function readHybrid({ bytes, bits }: PackedNumbers, target: NumberTarget): void {
  if (bits > 32) throw new RangeError(`it has numbers of ${bits} bits, expected 0..32`);
  const valueBytes = Math.ceil(bits / 8);
  let at = 0;
  for (let seen = 0; seen < target.length; ) {
    const head = readVarint(bytes, at);
    at = head.end;
    const length = Math.floor(head.value / 2);
    if (length === 0) throw new RangeError('it has a run of no numbers');
    if (head.value % 2 === 0) {
      const value = readValue(bytes, at, valueBytes);
      if (value >= 2 ** bits) throw new RangeError(`${value} takes more than ${bits} bits`);
      target.fill(value, seen, seen + length);
      at += valueBytes;
      seen += length;
    } else {
      const count = Math.min(8 * length, target.length - seen);
      unpack({ bytes: bytes.subarray(at), bits }, target.subarray(seen, seen + count));
      at += length * bits;
      seen += count;
    }
  }
}

/** A number of 7 bits a byte, the lowest first, of at most 5 bytes. */
function readVarint(bytes: Uint8Array, from: number) {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = byteAt(bytes, from + index);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: from + index + 1 };
  }
  throw new RangeError('it has a length of more than 5 bytes');
}

/** Little-endian. */
function readValue(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let index = 0; index < count; index++) value |= byteAt(bytes, from + index) << (8 * index);
  return value;
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new RangeError('it ends too soon');
  return byte;
}

/** Numbers one after the other, from the lowest bit of the first byte on. */
function unpack({ bytes, bits }: PackedNumbers, target: NumberTarget): void {
  if (8 * bytes.length < target.length * bits) throw new RangeError('it ends too soon');
  let bit = 0;
  for (let index = 0; index < target.length; index++) {
    let value = 0;
    for (let got = 0; got < bits; ) {
      const place = bit & 7;
      const taken = Math.min(8 - place, bits - got);
      const byte = bytes[bit >> 3] as number;
      value |= ((byte >> place) & ((1 << taken) - 1)) << got;
      got += taken;
      bit += taken;
    }
    target[index] = value;
  }
}
