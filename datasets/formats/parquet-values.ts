import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import type { ParquetField } from './parquet-file.js';
import { readHybrid } from './parquet-levels.js';
import type { ParquetPage } from './parquet-page.js';

/** Values of a page as they are stored; float16 as its 16 bits, a boolean as 0 or 1. */
export type ParquetValues =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Uint16Array
  | Uint8Array
  | readonly string[];

/** The values of a dictionary that later pages name by their place. */
export type Dictionary = ParquetValues | undefined;

/** Pages with values of a type that is read. */
export interface EncodedValues {
  readonly field: ParquetField;
  readonly page: ParquetPage;
  /** How many values there are: not those that are absent. */
  readonly count: number;
  readonly dictionary: Dictionary;
}

/** What the types are made from, by their names; texts and booleans apart. */
const numbers = {
  FLOAT: Float32Array,
  DOUBLE: Float64Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FIXED_LEN_BYTE_ARRAY: Uint16Array,
} as const;

type NumberType = keyof typeof numbers;

/** Whether the values of a field are of a type that is read. */
export function isReadable({ type, meaning, typeBytes }: ParquetField): boolean {
  if (meaning === 'DECIMAL') return false;
  if (type === 'FIXED_LEN_BYTE_ARRAY') return meaning === 'FLOAT16' && typeBytes === 2;
  return type === 'BYTE_ARRAY' || type === 'BOOLEAN' || (type !== undefined && type in numbers);
}

/**
 * The values of a page.
 *
 * @throws Error when the bytes do not hold them, or the encoding is not known
 * @see Apache Parquet, Encodings.md
 */
export function decodeValues(encoded: EncodedValues): ParquetValues {
  if (encoded.count === 0) return [];
  const { encoding } = encoded.page;
  const decode = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  const values = decode?.(encoded);
  if (values !== undefined) return values;
  throw new Error(`its values are in ${encoding}, which is not known for ${encoded.field.type}`);
}

/** Undefined for a type that the encoding is not known for. */
type Decoder = (encoded: EncodedValues) => ParquetValues | undefined;

const decoders: Readonly<Record<string, Decoder>> = {
  PLAIN: plain,
  RLE_DICTIONARY: named,
  PLAIN_DICTIONARY: named,
  RLE: packedBooleans,
  BYTE_STREAM_SPLIT: split,
  DELTA_BINARY_PACKED: deltas,
};

function isNumber(type: string | undefined): type is NumberType {
  return type !== undefined && Object.hasOwn(numbers, type);
}

function plain({ field: { type }, page: { bytes }, count }: EncodedValues): ParquetValues {
  if (type === 'BYTE_ARRAY') return texts(bytes, count);
  if (type === 'BOOLEAN') {
    requireBytes(bytes, Math.ceil(count / 8));
    return Uint8Array.from(
      { length: count },
      (_, at) => ((bytes[at >> 3] as number) >> (at & 7)) & 1,
    );
  }
  if (!isNumber(type)) throw new Error(`its values are of the type ${type}`);
  const made = numbers[type];
  requireBytes(bytes, count * made.BYTES_PER_ELEMENT);
  // Where a page begins is any byte of the file; where values begin in memory is not.
  const isAligned = bytes.byteOffset % made.BYTES_PER_ELEMENT === 0;
  const aligned = isAligned ? bytes : bytes.slice();
  return new made(aligned.buffer as ArrayBuffer, aligned.byteOffset, count);
}

function requireBytes(bytes: Uint8Array, least: number): void {
  if (bytes.length >= least) return;
  throw new Error(`its values have ${bytes.length} bytes, expected ${least}`);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function texts(bytes: Uint8Array, count: number): string[] {
  requireBytes(bytes, 4 * count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: string[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const length = view.getUint32(at, true);
    at += 4;
    if (length > bytes.length - at) throw new Error(`a text of ${length} bytes goes beyond it`);
    values.push(decoder.decode(bytes.subarray(at, at + length)));
    at += length;
  }
  return values;
}

function packedBooleans({ field, page: { bytes }, count }: EncodedValues) {
  if (field.type !== 'BOOLEAN') return undefined;
  requireBytes(bytes, 4);
  const values = new Uint8Array(count);
  // Its length leads.
  readHybrid({ bytes: bytes.subarray(4), bits: 1 }, values);
  return values;
}

function named({ page, count, dictionary }: EncodedValues): ParquetValues {
  if (dictionary === undefined) throw new Error('it names values of a dictionary that is missing');
  const [bits = 0] = page.bytes;
  const places = new Int32Array(count);
  readHybrid({ bytes: page.bytes.subarray(1), bits }, places);
  const at = places.findIndex((place) => place < 0 || place >= dictionary.length);
  if (at >= 0) throw new Error(`it names value ${places[at]} of ${dictionary.length}`);
  if (isTexts(dictionary)) return Array.from(places, (place) => dictionary[place] as string);
  return gather(dictionary, places);
}

function isTexts(values: ParquetValues): values is readonly string[] {
  return Array.isArray(values);
}

function gather(dictionary: Exclude<ParquetValues, readonly string[]>, places: Int32Array) {
  if (dictionary instanceof BigInt64Array) {
    const values = new BigInt64Array(places.length);
    places.forEach((place, at) => {
      values[at] = dictionary[place] as bigint;
    });
    return values;
  }
  const made = dictionary.constructor as new (count: number) => typeof dictionary;
  const values = new made(places.length);
  for (let at = 0; at < places.length; at++) {
    values[at] = dictionary[places[at] as number] as number;
  }
  return values;
}

/**
 * Whole numbers as they are meant: of unsigned types without a sign.
 *
 * @throws Error when one is beyond 2^53
 */
export function wholeNumbers(values: ParquetValues, field: ParquetField): Float64Array {
  const isUnsigned = field.meaning?.startsWith('UINT_') ?? false;
  if (values instanceof Int32Array) {
    return Float64Array.from(values, (value) => (isUnsigned ? value >>> 0 : value));
  }
  // A page without any value has no type.
  if (!(values instanceof BigInt64Array)) return new Float64Array(0);
  const whole = new Float64Array(values.length);
  values.forEach((value, at) => {
    whole[at] = Number(isUnsigned ? BigInt.asUintN(64, value) : value);
    if (!Number.isSafeInteger(whole[at])) throw new Error(`${value} is beyond 2^53`);
  });
  return whole;
}

function split({ field, page: { bytes }, count }: EncodedValues): ParquetValues | undefined {
  const { type } = field;
  if (!isNumber(type)) return undefined;
  requireBytes(bytes, count * numbers[type].BYTES_PER_ELEMENT);
  if (type !== 'FIXED_LEN_BYTE_ARRAY') {
    return byteStreamSplit(readerOf(bytes), count, type, undefined) as ParquetValues;
  }
  return Uint16Array.from(
    { length: count },
    (_, at) => (bytes[at] as number) | ((bytes[count + at] as number) << 8),
  );
}

function deltas({ field: { type }, page: { bytes }, count }: EncodedValues) {
  if (type !== 'INT32' && type !== 'INT64') return undefined;
  requireDeltaBlocks(bytes);
  const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
  deltaBinaryUnpack(readerOf(bytes), count, values);
  return values;
}

function readerOf(bytes: Uint8Array) {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

/**
 * The unpacker allocates by the sizes of blocks, and would never end if there were none.
 *
 * @see Apache Parquet, Encodings.md, "Delta Encoding (DELTA_BINARY_PACKED = 5)"
 */
function requireDeltaBlocks(bytes: Uint8Array): void {
  const sizes: number[] = [];
  let value = 0;
  let shift = 0;
  for (let at = 0; sizes.length < 2; at++) {
    const byte = bytes[at];
    if (byte === undefined || shift > 14) throw new Error('the sizes of its blocks are damaged');
    value += (byte & 0x7f) * 2 ** shift;
    shift += 7;
    if (byte < 0x80) {
      sizes.push(value);
      value = 0;
      shift = 0;
    }
  }
  const [blockValues = 0, parts = 0] = sizes;
  if (parts > 0 && blockValues > 0 && blockValues % (32 * parts) === 0) return;
  throw new Error(`its blocks of ${blockValues} values in ${parts} parts cannot be`);
}
