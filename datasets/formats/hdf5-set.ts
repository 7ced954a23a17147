import type { Metric } from '../../core/adapter.js';
import type { NeighbourTable } from '../../core/dataset.js';
import { type ElementType, storedRuns, type VectorTable } from '../../core/vectors.js';
import { badData, maxDimensions, withDataFile } from './data-file.js';
import { requireFinite } from './finite.js';
import {
  type Hdf5File,
  type Hdf5Rows,
  type Hdf5Table,
  openTable,
  readSlices,
  textAttribute,
  withHdf5,
} from './hdf5-file.js';
import { neighboursFor, tableFor } from './read-table.js';

/** What a file in the layout of ann-benchmarks holds. */
export interface Hdf5Set {
  readonly metric: Metric;
  readonly base: VectorTable;
  readonly queries: VectorTable;
  /** Absent where the file has none. */
  readonly officialTruth?: NeighbourTable;
}

/** How a file is to be read. */
export interface Hdf5Options {
  /** For a file that does not name its distance. */
  readonly metric?: Metric;
  /** Called after every slice that was read. */
  readonly onSlice?: () => void;
}

type Values = Float32Array | Float64Array | Uint8Array | Int8Array;

/** How the values of a type are seen in the memory of the library, and kept. */
interface ValueType {
  readonly kept: ElementType;
  view(rows: Hdf5Rows): Values;
}

const valueTypes: Readonly<Record<string, ValueType>> = {
  float32: {
    kept: 'f32',
    view: ({ bytes }) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4),
  },
  float64: {
    kept: 'f32',
    view: ({ bytes }) => new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8),
  },
  uint8: { kept: 'u8', view: ({ bytes }) => bytes },
  int8: {
    kept: 'i8',
    view: ({ bytes }) => new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length),
  },
};

type Ids = Int32Array | Uint32Array | BigInt64Array | BigUint64Array;

const idTypes: Readonly<Record<string, (rows: Hdf5Rows) => Ids>> = {
  int32: ({ bytes }) => new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4),
  uint32: ({ bytes }) => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4),
  int64: ({ bytes }) => new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8),
  uint64: ({ bytes }) => new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8),
};

/** The names that ann-benchmarks gives to the distances that are known here. */
const metrics: Readonly<Record<string, Metric>> = {
  euclidean: 'l2',
  angular: 'cosine',
  ip: 'ip',
  dot: 'ip',
};

/**
 * Reads an HDF5 file in the layout of ann-benchmarks within this thread: see `readHdf5`, which
 * reads it in one of its own.
 *
 * @throws BenchError BAD_DATA
 */
export function readHdf5Set(path: string, options: Hdf5Options = {}): Promise<Hdf5Set> {
  return withDataFile(path, (dataFile) =>
    withHdf5(dataFile, (file) => {
      const metric = metricOf(file, options.metric);
      const train = openTable(file, 'train');
      const test = openTable(file, 'test');
      requireEqualSides(train, test);
      const neighbours = openNeighbours(file, test);
      const base = readVectors(train, options);
      const queries = readVectors(test, options);
      if (neighbours === undefined) return { metric, base, queries };
      const officialTruth = readNeighbours(neighbours, base.rows, options);
      return { metric, base, queries, officialTruth };
    }),
  );
}

function metricOf(file: Hdf5File, given: Metric | undefined): Metric {
  const name = textAttribute(file, 'distance');
  const known = Object.keys(metrics).join(', ');
  if (name === undefined) {
    if (given !== undefined) return given;
    throw badData(
      file.path,
      `it has no text attribute distance, expected one of ${known}`,
      'name the metric, or set the attribute',
    );
  }
  const metric = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
  if (metric !== undefined) return metric;
  const found = JSON.stringify(name.slice(0, 40));
  throw badData(file.path, `its distance is ${found}, known are ${known}`, 'take another dataset');
}

function requireEqualSides(train: Hdf5Table, test: Hdf5Table): void {
  const { path } = train.file;
  for (const { name, columns } of [train, test]) {
    if (columns > maxDimensions) {
      throw badData(path, `${name} has ${columns} columns, expected 1..${maxDimensions}`);
    }
  }
  if (test.columns === train.columns) return;
  const found = `test has ${test.columns} columns`;
  throw badData(path, `${found}, expected ${train.columns} as train (queries and base differ)`);
}

function openNeighbours(file: Hdf5File, test: Hdf5Table): Hdf5Table | undefined {
  const tables = ['neighbors', 'distances']
    .filter((name) => file.names.includes(name))
    .map((name) => openTable(file, name));
  for (const { name, rows } of tables) {
    if (rows === test.rows) continue;
    throw badData(file.path, `${name} has ${rows} rows, expected ${test.rows} as test`);
  }
  const [neighbours, distances] = tables;
  if (neighbours?.name !== 'neighbors') return undefined;
  if (distances !== undefined && distances.columns !== neighbours.columns) {
    const found = `distances has ${distances.columns} columns`;
    throw badData(file.path, `${found}, expected ${neighbours.columns} as neighbors`);
  }
  return neighbours;
}

function readVectors(table: Hdf5Table, { onSlice }: Hdf5Options): VectorTable {
  const { path } = table.file;
  const type = kindOf(table, valueTypes);
  const { rows, columns: dimensions } = table;
  const vectors = tableFor(table.file, { rows, dimensions, type: type.kept });
  readSlices(table, (slice) => {
    const values = type.view(slice);
    for (const { values: target, range } of storedRuns(vectors, slice)) {
      const at = (range.from - slice.from) * dimensions;
      target.set(values.subarray(at, at + target.length));
      requireFinite(target, { path, dimensions, firstRow: range.from });
    }
    onSlice?.();
  });
  return vectors;
}

function readNeighbours(
  table: Hdf5Table,
  baseRows: number,
  { onSlice }: Hdf5Options,
): NeighbourTable {
  const view = kindOf(table, idTypes);
  const { rows: queries, columns: k } = table;
  const neighbours = neighboursFor(table.file, { queries, k });
  readSlices(table, (slice) => {
    const found = view(slice);
    for (let at = 0; at < found.length; at++) {
      const id = Number(found[at]);
      if (id < 0 || id >= baseRows) {
        const place = `query ${slice.from + Math.floor(at / k)}, rank ${(at % k) + 1}`;
        const range = `expected 0..${baseRows - 1}`;
        throw badData(table.file.path, `neighbors: ${place} is row ${id}, ${range}`);
      }
      neighbours.ids[slice.from * k + at] = id;
    }
    onSlice?.();
  });
  return neighbours;
}

function kindOf<T>({ file, name, type }: Hdf5Table, known: Readonly<Record<string, T>>): T {
  const found = Object.hasOwn(known, type) ? known[type] : undefined;
  if (found !== undefined) return found;
  const expected = Object.keys(known).join(', ');
  throw badData(file.path, `${name} is of the type ${type}, expected one of ${expected}`);
}
