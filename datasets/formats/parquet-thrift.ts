const deepest = 24;
const longestVarint = 10;

/** Where a scan stands in bytes that it has not yet found to be well-formed. */
interface Scan {
  readonly bytes: Uint8Array;
  at: number;
}

/**
 * Demands a well-formed structure of Thrift's compact protocol: no list or text above the bytes
 * that are there, no endless number, no bottomless nesting. What parses it afterwards allocates by
 * the sizes that it finds.
 *
 * @param at where the structure begins
 * @returns where it ends
 * @throws RangeError when it does not end within the bytes, or is malformed
 * @see Apache Thrift, "Thrift Compact protocol encoding", doc/specs/thrift-compact-protocol.md
 */
export function thriftEnd(bytes: Uint8Array, at = 0): number {
  const scan: Scan = { bytes, at };
  skipStruct(scan, 0);
  return scan.at;
}

function skipStruct(scan: Scan, depth: number): void {
  if (depth > deepest) throw new RangeError(`it nests deeper than ${deepest}`);
  for (;;) {
    const field = nextByte(scan);
    const type = field & 0x0f;
    if (type === 0) return;
    // A field whose number is not the last one's plus 1 to 15 bears it itself.
    if (field >> 4 === 0) varint(scan);
    // True and false are in the type itself.
    if (type > 2) skipValue(scan, type, depth);
  }
}

/** Bytes of the types of one size: booleans (in lists), bytes, and floats. */
const fixedBytes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 1, 7: 8 };

function skipValue(scan: Scan, type: number, depth: number): void {
  const bytes = fixedBytes[type];
  if (bytes !== undefined) skipBytes(scan, bytes);
  // Whole numbers of 16, 32 and 64 bits.
  else if (type >= 4 && type <= 6) varint(scan);
  else if (type === 8) skipBytes(scan, varint(scan));
  else if (type === 9) skipList(scan, depth + 1);
  else if (type === 12) skipStruct(scan, depth + 1);
  else throw new RangeError(`it has a value of the unknown type ${type}`);
}

function skipList(scan: Scan, depth: number): void {
  if (depth > deepest) throw new RangeError(`it nests deeper than ${deepest}`);
  const head = nextByte(scan);
  const count = head >> 4 === 15 ? varint(scan) : head >> 4;
  const room = scan.bytes.length - scan.at;
  if (count > room) throw new RangeError(`it has a list of ${count} entries in ${room} bytes`);
  for (let entry = 0; entry < count; entry++) skipValue(scan, head & 0x0f, depth);
}

/** A number of 7 bits a byte, the lowest first; exact up to 2^53. */
function varint(scan: Scan): number {
  let value = 0;
  for (let index = 0; index < longestVarint; index++) {
    const byte = nextByte(scan);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value;
  }
  throw new RangeError(`it has a number of more than ${longestVarint} bytes`);
}

function nextByte(scan: Scan): number {
  const byte = scan.bytes[scan.at];
  if (byte === undefined) throw new RangeError('it does not end');
  scan.at += 1;
  return byte;
}

function skipBytes(scan: Scan, count: number): void {
  if (count > scan.bytes.length - scan.at) throw new RangeError('it does not end');
  scan.at += count;
}
