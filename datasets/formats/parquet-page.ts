import type { Encoding, PageHeader } from 'hyparquet';
import type { ParquetField } from './parquet-file.js';
import { readHybrid } from './parquet-levels.js';
import { unpack } from './parquet-unpacking.js';

/** One page of a column, unpacked. */
export interface ParquetPage {
  /** `dictionary`: the values that later pages name by their place. */
  readonly kind: 'dictionary' | 'data';
  /** Values and places where one is absent. */
  readonly count: number;
  readonly encoding: Encoding;
  /** The encoded values, without those that are absent. */
  readonly bytes: Uint8Array;
  /** One a place, 0 where a row begins; undefined for a scalar. */
  readonly repetition: Uint8Array | undefined;
  /** One a place, the field's own level where a value is; undefined where none can be absent. */
  readonly definition: Uint8Array | undefined;
}

/** A page as it lies in the file. */
export interface PackedPage {
  readonly field: ParquetField;
  readonly codec: string;
  readonly header: PageHeader;
  readonly bytes: Uint8Array;
  /** Values that the pages before have not given. */
  readonly left: number;
}

/**
 * Unpacks a page and its levels. Every size that it states is compared with the bytes that are
 * there before anything is allocated by it.
 *
 * @returns undefined for a page that holds no values
 * @throws Error when it is damaged, or of an unknown kind
 */
export function openPage(page: PackedPage): ParquetPage | undefined {
  switch (page.header.type) {
    case 'DICTIONARY_PAGE':
      return openDictionary(page);
    case 'DATA_PAGE':
      return openVersion1(page);
    case 'DATA_PAGE_V2':
      return openVersion2(page);
    case 'INDEX_PAGE':
      return undefined;
    default:
      throw new Error('it is of an unknown kind');
  }
}

/**
 * Demands a whole number of at least 0; a size from a file may be anything, or nothing.
 *
 * @throws Error with what was found
 */
export function requireWithin(what: string, found: unknown, most: number): void {
  if (Number.isInteger(found) && (found as number) >= 0 && (found as number) <= most) return;
  throw new Error(`it claims ${found} ${what}, expected 0..${most}`);
}

function openDictionary(page: PackedPage): ParquetPage {
  const count = page.header.dictionary_page_header?.num_values ?? -1;
  const bytes = unpackWhole(page);
  // A value takes a bit at least.
  requireWithin('values', count, 8 * bytes.length);
  const none = { repetition: undefined, definition: undefined };
  return { kind: 'dictionary', count, encoding: 'PLAIN', bytes, ...none };
}

function openVersion1(page: PackedPage): ParquetPage | undefined {
  const header = page.header.data_page_header;
  if (header === undefined) throw new Error('its header lacks a part');
  const { num_values: count, encoding } = header;
  requireWithin('values', count, page.left);
  if (count === 0) return undefined;
  const bytes = unpackWhole(page);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const levels = (most: number, levelEncoding: Encoding): Uint8Array | undefined => {
    if (most === 0) return undefined;
    if (levelEncoding !== 'RLE') throw new Error(`levels in ${levelEncoding}, expected RLE`);
    const from = at + 4;
    requireWithin('bytes of levels', view.getUint32(at, true), bytes.length - from);
    at = from + view.getUint32(at, true);
    return readLevels({ bytes: bytes.subarray(from, at), most, count });
  };
  const { shape, definitionLevel } = page.field;
  const repetition = levels(shape === 'list' ? 1 : 0, header.repetition_level_encoding);
  const definition = levels(definitionLevel, header.definition_level_encoding);
  return { kind: 'data', count, encoding, bytes: bytes.subarray(at), repetition, definition };
}

function openVersion2(page: PackedPage): ParquetPage | undefined {
  const header = page.header.data_page_header_v2;
  if (header === undefined) throw new Error('its header lacks a part');
  const { num_values: count, encoding } = header;
  requireWithin('values', count, page.left);
  if (count === 0) return undefined;
  const { repetition_levels_byte_length: first, definition_levels_byte_length: second } = header;
  requireWithin('bytes of levels', first, page.bytes.length);
  requireWithin('bytes of levels', second, page.bytes.length - first);
  const from = first + second;
  const levels = (bytes: Uint8Array, most: number): Uint8Array | undefined =>
    most === 0 ? undefined : readLevels({ bytes, most, count });
  const repetition = levels(page.bytes.subarray(0, first), page.field.shape === 'list' ? 1 : 0);
  const definition = levels(page.bytes.subarray(first, from), page.field.definitionLevel);
  // The levels are never packed, and count in both sizes.
  const size = page.header.uncompressed_page_size - from;
  requireWithin('bytes of values', size, page.header.uncompressed_page_size);
  const rest = page.bytes.subarray(from);
  const isPacked = header.is_compressed !== false && size > 0;
  const bytes = isPacked ? unpack(page.codec, rest, size) : rest;
  return { kind: 'data', count, encoding, bytes, repetition, definition };
}

function unpackWhole({ codec, header, bytes }: PackedPage): Uint8Array {
  const size = header.uncompressed_page_size;
  return size === 0 ? new Uint8Array(0) : unpack(codec, bytes, size);
}

interface PackedLevels {
  readonly bytes: Uint8Array;
  readonly most: number;
  readonly count: number;
}

function readLevels({ bytes, most, count }: PackedLevels): Uint8Array {
  const levels = new Uint8Array(count);
  const bits = 32 - Math.clz32(most);
  readHybrid({ bytes, bits }, levels);
  if (2 ** bits - 1 === most) return levels;
  for (const level of levels) {
    if (level > most) throw new Error(`a value has the level ${level}, expected 0..${most}`);
  }
  return levels;
}
