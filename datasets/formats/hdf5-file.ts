import { openSync } from 'node:fs';
import { devNull } from 'node:os';
import { Dataset, File, ready } from 'h5wasm/node';
import { messageOf } from '../../core/errors.js';
import { badData, type DataFile } from './data-file.js';
import { requireRoom } from './declared-size.js';

type Library = Awaited<typeof ready>;
type Metadata = Dataset['metadata'];

/** An HDF5 file that is open for reading. */
export interface Hdf5File extends DataFile {
  readonly library: Library;
  readonly root: File;
  readonly names: readonly string[];
}

/** A dataset of two dimensions, checked against the size of its file. */
export interface Hdf5Table {
  readonly file: Hdf5File;
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** `float` or `integer` and its size, or what else it is. */
  readonly type: string;
  readonly itemBytes: number;
  /** The names of the filters that it was packed with. */
  readonly filters: readonly string[];
  /** Rows that are packed together; 1 where they are not. */
  readonly packedRows: number;
  /** Into how many chunks such rows are divided. */
  readonly packedParts: number;
}

/** Rows of a dataset in the memory of the library, only until the next are read. */
export interface Hdf5Rows {
  readonly from: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** Where the library's own numbers of open files lead to; not in its types. */
interface OpenStreams {
  getStream(number: number): { nfd: number } | null | undefined;
}

const sliceBytes = 4 * 1024 * 1024;
// The library takes kilobytes for every chunk that it reads at once.
const mostChunks = 2048;
// The names of distances are shorter by far.
const longestText = 1000;
const damaged = 'fetch the file again and compare its size';
// H5T_class_t of the HDF5 library.
const kinds: Readonly<Record<number, string>> = {
  0: 'integer',
  1: 'float',
  2: 'time',
  3: 'string',
  4: 'bit field',
  5: 'opaque',
  6: 'compound',
  7: 'reference',
  8: 'enumeration',
  9: 'list of variable length',
  10: 'array',
};

/**
 * Opens an HDF5 file, gives it to `use` and closes it. What the library prints about a damaged file
 * is not shown.
 *
 * @throws BenchError BAD_DATA when it is not an HDF5 file, or damaged
 */
export async function withHdf5<T>(file: DataFile, use: (file: Hdf5File) => T): Promise<T> {
  const library = await ready;
  silence(library);
  const root = ask(file.path, 'cannot open it', () => new File(file.path, 'r'));
  if (root.file_id <= 0n) throw badData(file.path, 'it is not an HDF5 file, or damaged', damaged);
  try {
    const names = ask(file.path, 'cannot list it', () => root.keys());
    return use({ ...file, library, root, names });
  } finally {
    ask(file.path, 'cannot close it', () => root.close());
  }
}

/** Errors are told by what the functions return; their trace would go to the terminal. */
function silence(library: Library): void {
  const streams = library.FS as unknown as OpenStreams;
  const stream = streams.getStream(2);
  if (stream?.nfd === 2) stream.nfd = openSync(devNull, 'w');
}

/** Whatever the library throws, it throws about the file. */
function ask<T>(path: string, what: string, call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw badData(path, `the HDF5 library ${what}: ${messageOf(thrown)}`, damaged);
  }
}

/**
 * The text of an attribute of the file.
 *
 * @returns undefined where it has none of that name, or one that is no text
 * @throws BenchError BAD_DATA when it cannot be read
 */
export function textAttribute(file: Hdf5File, name: string): string | undefined {
  const { path, root } = file;
  const what = `cannot read its attribute ${name}`;
  const metadata = ask(path, what, () =>
    Object.hasOwn(root.attrs, name) ? root.attrs[name]?.metadata : undefined,
  );
  if (metadata === undefined || kinds[metadata.type] !== 'string') return undefined;
  const bytes = metadata.size * metadata.total_size;
  requireRoom({ path, what: name, bytes, storedBytes: file.bytes, isPlain: true });
  return ask(path, what, () => readText(file, name, metadata));
}

/**
 * The library's own way does not look at whether the text could be read, and then frees whatever
 * its memory held in place of an address.
 */
function readText({ library, root }: Hdf5File, name: string, metadata: Metadata): string {
  const bytes = metadata.size * metadata.total_size;
  const pointer = library._malloc(bytes);
  try {
    const status = library.get_attribute_data(root.file_id, '/', name, BigInt(pointer));
    if (status < 0) throw new Error('it is damaged');
    if (!metadata.vlen) return textOf(library.HEAPU8.subarray(pointer, pointer + bytes));
    const address = new DataView(library.HEAPU8.buffer).getUint32(pointer, true);
    // The text stays in the memory of the library until that is given back as a whole.
    return textOf(library.HEAPU8.subarray(address, address + longestText));
  } finally {
    library._free(pointer);
  }
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/**
 * What a dataset is, without its values.
 *
 * @throws BenchError BAD_DATA when it is missing, no table of two dimensions, or larger than what
 *   the file can hold
 */
export function openTable(file: Hdf5File, name: string): Hdf5Table {
  const { path, names } = file;
  if (!names.includes(name)) {
    const found = names.length === 0 ? 'nothing' : names.join(', ');
    throw badData(
      path,
      `it has no dataset ${name}: it holds ${found}`,
      'the ann-benchmarks layout has train, test and, if known, neighbors and distances',
    );
  }
  const dataset = ask(path, `cannot describe ${name}`, () => describe(file, name));
  if (dataset === undefined) {
    throw badData(path, `${name} is not a dataset within this file, or damaged`, damaged);
  }
  const { metadata, filters } = dataset;
  const [rows, columns] = sizesOf(path, name, metadata);
  const { size: itemBytes, chunks } = metadata;
  const bytes = rows * columns * itemBytes;
  const isPlain = filters.length === 0;
  requireRoom({ path, what: name, bytes, storedBytes: file.bytes, isPlain });
  const chunkBytes = (chunks ?? []).reduce((product, side) => product * side, itemBytes);
  const what = `a chunk of ${name}`;
  requireRoom({ path, what, bytes: chunkBytes, storedBytes: file.bytes, isPlain: false });
  const type = typeOf(metadata);
  const [packedRows = 1, packedColumns = columns] = chunks ?? [];
  const packedParts = Math.ceil(columns / packedColumns);
  return { file, name, rows, columns, type, itemBytes, filters, packedRows, packedParts };
}

interface Description {
  readonly metadata: Metadata;
  readonly filters: readonly string[];
}

function describe(file: Hdf5File, name: string): Description | undefined {
  const entity = file.root.get(name);
  if (!(entity instanceof Dataset)) return undefined;
  const { metadata, filters } = entity;
  // The parts of a virtual dataset lie in other files.
  if (metadata.virtual_sources !== undefined) return undefined;
  return { metadata, filters: filters.map((filter) => filter.name || `filter ${filter.id}`) };
}

function sizesOf(path: string, name: string, { shape }: Metadata): readonly [number, number] {
  const [rows, columns] = shape ?? [];
  if (shape?.length !== 2 || rows === undefined || columns === undefined) {
    throw badData(path, `${name} has the shape (${shape ?? ''}), expected rows and columns`);
  }
  if (rows < 1 || columns < 1) {
    throw badData(path, `${name} is ${rows} x ${columns}, expected at least 1 x 1`);
  }
  return [rows, columns];
}

function typeOf({ type, size, signed }: Metadata): string {
  const kind = kinds[type] ?? `type ${type}`;
  if (kind === 'float') return `float${8 * size}`;
  return kind === 'integer' ? `${signed ? '' : 'u'}int${8 * size}` : kind;
}

/**
 * Reads a dataset in slices of about 4 MiB of whole rows, little-endian.
 *
 * @throws BenchError BAD_DATA when the library cannot read it
 */
export function readSlices(table: Hdf5Table, use: (rows: Hdf5Rows) => void): void {
  const { file, rows, columns, itemBytes, packedRows, packedParts } = table;
  const rowBytes = columns * itemBytes;
  // Whole chunks: one that is cut would be unpacked for both slices.
  const chunkBytes = packedRows * rowBytes;
  const chunks = Math.min(sliceBytes / chunkBytes, mostChunks / packedParts);
  const each = packedRows * Math.max(1, Math.floor(chunks));
  const most = Math.min(each, rows);
  const pointer = file.library._malloc(most * rowBytes);
  if (pointer === 0) throw badData(file.path, `no memory for ${most * rowBytes} bytes of rows`);
  try {
    for (let from = 0; from < rows; from += each) {
      const count = Math.min(each, rows - from);
      readInto(table, { from, count }, pointer);
      // The memory of the library is another one when it has grown.
      const bytes = new Uint8Array(file.library.HEAPU8.buffer, pointer, count * rowBytes);
      use({ from, count, bytes });
    }
  } finally {
    file.library._free(pointer);
  }
}

function readInto(
  table: Hdf5Table,
  { from, count }: { readonly from: number; readonly count: number },
  pointer: number,
): void {
  const { file, name, columns, filters } = table;
  const what = `rows ${from} to ${from + count - 1} of ${name}`;
  const counts = [BigInt(count), BigInt(columns)];
  const status = ask(file.path, `cannot read ${what}`, () =>
    file.library.get_dataset_data(
      file.root.file_id,
      `/${name}`,
      counts,
      [BigInt(from), 0n],
      [1n, 1n],
      BigInt(pointer),
    ),
  );
  if (status >= 0) return;
  const packing = filters.length === 0 ? '' : ` (packed with ${filters.join(', ')})`;
  const hint = `${damaged}; of packings deflate, shuffle, szip and fletcher32 are known`;
  throw badData(file.path, `${what} cannot be read${packing}`, hint);
}
