import {
  type ColumnMetaData,
  type FileMetaData,
  type ParquetType,
  parquetMetadata,
  type RowGroup,
  type SchemaElement,
} from 'hyparquet';
import { messageOf } from '../../core/errors.js';
import { badData, type DataFile, readExactly, withDataFile } from './data-file.js';
import { unpackedRoom } from './declared-size.js';
import { thriftEnd } from './parquet-thrift.js';

/** A field of the rows: one value a row, a list of values, or something else. */
export interface ParquetField {
  readonly name: string;
  readonly shape: 'scalar' | 'list' | 'other';
  /** Of its values; undefined for a field that is made of others. */
  readonly type: ParquetType | undefined;
  /** What its values mean: a logical type such as STRING, or a converted one such as UINT_8. */
  readonly meaning: string | undefined;
  /** Bytes of a value of fixed length. */
  readonly typeBytes: number | undefined;
  /** Its place among the columns of a row group. */
  readonly column: number;
  /** The level of a value that is there: the number of optional and repeated steps to it. */
  readonly definitionLevel: number;
}

/** The values of one field within one row group. */
export interface ParquetChunk {
  readonly rows: number;
  /** Values and places where one is absent. */
  readonly values: number;
  /** Where it lies, in bytes of the file. */
  readonly from: number;
  readonly to: number;
  readonly codec: string;
}

/** A Parquet file that is open for reading, its sizes checked against that of the file. */
export interface ParquetFile extends DataFile {
  readonly rows: number;
  readonly fields: ReadonlyMap<string, ParquetField>;
  readonly groups: readonly RowGroup[];
}

const magic = 'PAR1';
const damaged = 'fetch the file again and compare its size';
const maxFooterBytes = 64 * 1024 * 1024;

/**
 * Opens a Parquet file, gives it to `use` and closes it.
 *
 * @throws BenchError BAD_DATA when it is missing, no Parquet file, encrypted, or damaged
 * @see https://github.com/apache/parquet-format for the format
 */
export function withParquet<T>(path: string, use: (file: ParquetFile) => Promise<T>): Promise<T> {
  return withDataFile(path, async (file) => {
    const metadata = parseFooter(path, await readFooter(file));
    const rows = Number(metadata.num_rows);
    const groups = metadata.row_groups.map((group) => Number(group.num_rows));
    const counted = groups.reduce((sum, count) => sum + count, 0);
    const isCounted = groups.every((count) => Number.isSafeInteger(count) && count >= 0);
    if (!isCounted || rows < 1 || rows !== counted) {
      throw badData(path, `it has ${rows} rows, and ${counted} in its row groups`, damaged);
    }
    const fields = fieldsOf(path, metadata.schema);
    return use({ ...file, rows, fields, groups: metadata.row_groups });
  });
}

async function readFooter(file: DataFile): Promise<Uint8Array<ArrayBuffer>> {
  const { path, bytes } = file;
  if (bytes < 12) throw badData(path, `it has ${bytes} bytes, too few for a Parquet file`);
  const start = Buffer.alloc(4);
  const end = Buffer.alloc(8);
  await readExactly(file, start, 0);
  await readExactly(file, end, bytes - 8);
  const ending = end.toString('latin1', 4);
  if (ending === 'PARE') throw badData(path, 'it is encrypted', 'write it without encryption');
  if (ending !== magic || start.toString('latin1') !== magic) {
    throw badData(path, 'it does not begin and end with PAR1: it is no Parquet file, or cut');
  }
  const footerBytes = end.readUInt32LE(0);
  const room = Math.min(bytes - 12, maxFooterBytes);
  if (footerBytes > room) {
    throw badData(path, `its footer claims ${footerBytes} bytes, expected 0..${room}`, damaged);
  }
  // With its length and the last bytes of the file, as the parser wants it.
  const footer = new Uint8Array(footerBytes + 8);
  await readExactly(file, footer, bytes - 8 - footerBytes);
  return footer;
}

function parseFooter(path: string, footer: Uint8Array<ArrayBuffer>): FileMetaData {
  try {
    thriftEnd(footer.subarray(0, -8));
    return parquetMetadata(footer, { geoparquet: false });
  } catch (thrown) {
    throw badData(path, `its footer cannot be read: ${messageOf(thrown)}`, damaged);
  }
}

interface SchemaWalk {
  readonly path: string;
  readonly schema: readonly SchemaElement[];
  index: number;
  column: number;
}

interface Levels {
  readonly depth: number;
  readonly definition: number;
  readonly repetition: number;
}

type Leaf = Levels & { readonly element: SchemaElement; readonly column: number };

function fieldsOf(path: string, schema: readonly SchemaElement[]): Map<string, ParquetField> {
  const walk: SchemaWalk = { path, schema, index: 1, column: 0 };
  const fields = new Map<string, ParquetField>();
  const count = schema[0]?.num_children ?? 0;
  for (let field = 0; field < count; field++) {
    const { name } = elementAt(walk);
    const leaves = leavesOf(walk, { depth: 0, definition: 0, repetition: 0 });
    if (fields.has(name)) throw badData(path, `it has two columns ${name}`);
    fields.set(name, fieldOf(name, leaves));
  }
  return fields;
}

function elementAt({ path, schema, index }: SchemaWalk): SchemaElement {
  const element = schema[index];
  if (element === undefined) throw badData(path, 'its schema is cut', damaged);
  return element;
}

/** The columns below an element, which the walk goes past. */
function leavesOf(walk: SchemaWalk, above: Levels): readonly Leaf[] {
  const element = elementAt(walk);
  const { repetition_type: repetition, num_children: children } = element;
  walk.index += 1;
  const levels = {
    depth: above.depth + 1,
    definition: above.definition + (repetition === 'REQUIRED' ? 0 : 1),
    repetition: above.repetition + (repetition === 'REPEATED' ? 1 : 0),
  };
  if (levels.depth > 8) throw badData(walk.path, 'its schema nests deeper than 8 levels');
  if (element.type !== undefined) {
    walk.column += 1;
    return [{ ...levels, element, column: walk.column - 1 }];
  }
  const leaves: Leaf[] = [];
  for (let child = 0; child < (children ?? 0); child++) leaves.push(...leavesOf(walk, levels));
  return leaves;
}

function fieldOf(name: string, leaves: readonly Leaf[]): ParquetField {
  const [leaf] = leaves;
  if (leaf === undefined || leaves.length > 1 || leaf.repetition > 1) {
    const nothing = { type: undefined, meaning: undefined, typeBytes: undefined };
    return { name, shape: 'other', ...nothing, column: -1, definitionLevel: 0 };
  }
  const { element, column, definition } = leaf;
  return {
    name,
    shape: leaf.repetition === 1 ? 'list' : 'scalar',
    type: element.type,
    meaning: meaningOf(element),
    typeBytes: element.type_length,
    column,
    definitionLevel: definition,
  };
}

function meaningOf({ logical_type: logical, converted_type: converted }: SchemaElement) {
  if (logical?.type !== 'INTEGER') return converted ?? logical?.type;
  return `${logical.isSigned ? 'INT' : 'UINT'}_${logical.bitWidth}`;
}

/**
 * A field by its name.
 *
 * @throws BenchError BAD_DATA with the names that were found when it is missing
 */
export function fieldNamed({ path, fields }: ParquetFile, name: string): ParquetField {
  const field = fields.get(name);
  if (field !== undefined) return field;
  const found = [...fields.keys()].join(', ');
  throw badData(path, `it has no column ${name}: it has ${found}`, 'name the columns to be read');
}

/**
 * Where the values of a field lie in a row group.
 *
 * @throws BenchError BAD_DATA when the footer says what cannot be: a place outside the file, or
 *   more values than its bytes can hold
 */
export function chunkOf(file: ParquetFile, field: ParquetField, group: RowGroup): ParquetChunk {
  const chunk = group.columns[field.column];
  const found = chunk?.meta_data;
  const place = `column ${field.name}`;
  if (chunk === undefined || found === undefined || chunk.file_path !== undefined) {
    throw badData(file.path, `${place} is encrypted, in another file, or missing`);
  }
  if (found.type !== field.type || found.path_in_schema[0] !== field.name) {
    throw badData(file.path, `${place} is another one in its row group`, damaged);
  }
  const { from, to } = stretchOf(file, found, place);
  const rows = Number(group.num_rows);
  const values = Number(found.num_values);
  const room = field.shape === 'scalar' ? rows : unpackedRoom(to - from);
  if (!(Number.isInteger(values) && values >= rows && values <= room)) {
    const held = `${values} values of ${rows} rows in ${to - from} bytes`;
    throw badData(file.path, `${place} claims ${held}, which cannot be`, damaged);
  }
  return { rows, values, from, to, codec: found.codec };
}

function stretchOf(file: ParquetFile, found: ColumnMetaData, place: string) {
  const first = Number(found.data_page_offset);
  const dictionary = Number(found.dictionary_page_offset ?? 0);
  // Some writers say 0 where there is no dictionary.
  const from = dictionary > 0 ? Math.min(first, dictionary) : first;
  const to = from + Number(found.total_compressed_size);
  if (!(from >= magic.length && to > from && to <= file.bytes)) {
    const range = `${magic.length}..${file.bytes}`;
    throw badData(file.path, `${place} lies in bytes ${from} to ${to}, expected ${range}`, damaged);
  }
  return { from, to };
}
