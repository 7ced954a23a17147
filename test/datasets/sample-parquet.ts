/** A column that is written plain and without compression, in one row group of one page. */
export type SampleColumn =
  | { readonly ids: readonly number[] }
  | { readonly texts: readonly string[] }
  | { readonly lists: readonly (readonly number[])[] }
  | { readonly idLists: readonly (readonly number[])[] };

/** What the file claims in place of what it holds. */
export interface SampleClaims {
  /** Rows of the file and of its row group. */
  readonly rows?: number;
  /** Values of a list column, in footer and page. */
  readonly values?: number;
  /** Bytes of a page once it is unpacked. */
  readonly unpackedBytes?: number;
  /** Length of the last run of levels of a list column. */
  readonly run?: number;
}

type Thrift = readonly [id: number, type: number, value: Buffer];

// Types of the compact protocol.
const i32 = 5;
const i64 = 6;
const binary = 8;
const list = 9;
const struct = 12;

/** 7 bits a byte, the lowest first. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

function int(id: number, value: number, type = i32): Thrift {
  return [id, type, varint(2 * value)];
}

function text(id: number, value: string): Thrift {
  return [id, binary, textBytes(value)];
}

function textBytes(value: string): Buffer {
  return Buffer.concat([varint(Buffer.byteLength(value)), Buffer.from(value)]);
}

function structure(...fields: readonly Thrift[]): Buffer {
  let last = 0;
  const parts = fields.map(([id, type, value]) => {
    const head = Buffer.from([((id - last) << 4) | type]);
    last = id;
    return Buffer.concat([head, value]);
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function listOf(id: number, type: number, values: readonly Buffer[]): Thrift {
  const head = values.length < 15 ? [(values.length << 4) | type] : [0xf0 | type];
  const count = values.length < 15 ? [] : [varint(values.length)];
  return [id, list, Buffer.concat([Buffer.from(head), ...count, ...values])];
}

/** Physical types by their numbers in parquet.thrift. */
function typeNumber(column: SampleColumn): number {
  if ('texts' in column) return 6;
  return 'lists' in column ? 4 : 2;
}

function int64s(values: readonly number[]): Buffer {
  return Buffer.from(BigInt64Array.from(values, BigInt).buffer);
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Levels of a list column: runs of one 0 and of as many 1 as there are more values. */
function listLevels(lists: readonly (readonly number[])[], run: number | undefined): Buffer {
  const repetition = lists.flatMap((values, row) => {
    const more = row === lists.length - 1 ? (run ?? values.length - 1) : values.length - 1;
    const rest = more === 0 ? [] : [varint(2 * more), Buffer.from([1])];
    return [Buffer.from([2, 0]), ...rest];
  });
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  const definition = [varint(2 * (run ?? count)), Buffer.from([1])];
  return Buffer.concat([
    withLength(Buffer.concat(repetition)),
    withLength(Buffer.concat(definition)),
  ]);
}

function bodyOf(column: SampleColumn, run: number | undefined): { count: number; bytes: Buffer } {
  if ('ids' in column) return { count: column.ids.length, bytes: int64s(column.ids) };
  if ('texts' in column) {
    const bytes = column.texts.map((value) => withLength(Buffer.from(value)));
    return { count: bytes.length, bytes: Buffer.concat(bytes) };
  }
  const lists = 'lists' in column ? column.lists : column.idLists;
  const values = lists.flat();
  const plain = 'lists' in column ? Buffer.from(Float32Array.from(values).buffer) : int64s(values);
  return { count: values.length, bytes: Buffer.concat([listLevels(lists, run), plain]) };
}

/**
 * The bytes of a Parquet file, written by hand from its specification.
 *
 * @see https://github.com/apache/parquet-format, parquet.thrift
 */
export function parquet(
  columns: Readonly<Record<string, SampleColumn>>,
  claims: SampleClaims = {},
): Buffer {
  const parts: Buffer[] = [Buffer.from('PAR1')];
  const chunks: Buffer[] = [];
  let at = 4;
  let rows = 0;
  for (const [name, column] of Object.entries(columns)) {
    const isList = 'lists' in column || 'idLists' in column;
    const { count, bytes } = bodyOf(column, isList ? claims.run : undefined);
    if (!isList) rows = count;
    const values = isList ? (claims.values ?? count) : (claims.rows ?? count);
    // PLAIN values; levels in RLE, which is number 3.
    const data = structure(int(1, values), int(2, 0), int(3, 3), int(4, 3));
    const header = structure(
      int(1, 0),
      int(2, claims.unpackedBytes ?? bytes.length),
      int(3, bytes.length),
      [5, struct, data],
    );
    const size = header.length + bytes.length;
    const metadata = structure(
      int(1, typeNumber(column)),
      listOf(2, i32, [varint(0)]),
      listOf(3, binary, [textBytes(name)]),
      int(4, 0),
      int(5, values, i64),
      int(6, size, i64),
      int(7, size, i64),
      int(9, at, i64),
    );
    chunks.push(structure(int(2, at, i64), [3, struct, metadata]));
    parts.push(header, bytes);
    at += size;
  }
  const elements = Object.entries(columns).map(([name, column]) => {
    const isList = 'lists' in column || 'idLists' in column;
    return structure(int(1, typeNumber(column)), int(3, isList ? 2 : 0), text(4, name));
  });
  const root = structure(text(4, 'schema'), int(5, elements.length));
  const told = claims.rows ?? rows;
  const group = structure(listOf(1, struct, chunks), int(2, at, i64), int(3, told, i64));
  const footer = structure(
    int(1, 1),
    listOf(2, struct, [root, ...elements]),
    int(3, told, i64),
    listOf(4, struct, [group]),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, Buffer.from('PAR1')]);
}
