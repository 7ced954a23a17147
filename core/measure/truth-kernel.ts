import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

// The types of Node leave it out.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
};

/** What an instance multiplies: float32, or bytes without or with a sign. */
export type KernelValues = 'f32' | 'u8' | 'i8';

/** How much a kernel holds. */
export interface KernelSize {
  readonly dimensions: number;
  /** An even number. */
  readonly queries: number;
}

/**
 * The fast pass over one tile: its memory, and what runs in it. Rows and queries that were put in
 * are scored by `scale * dot + shift + slack * norm`, in float64 but for the dot product, and the
 * scores above the query's threshold are kept, by ascending row.
 */
export interface TruthKernel {
  /** Rows that a tile holds, a multiple of 4. */
  readonly tileRows: number;
  /** tileRows x dimensions and a little more; rows that were not put in must have been finite. */
  readonly rows: Float32Array | Uint8Array | Int8Array;
  /** A float64 a row of the tile. */
  readonly scales: Float64Array;
  /** A float64 a row of the tile. */
  readonly shifts: Float64Array;
  /** A float64 a row of the tile. */
  readonly slacks: Float64Array;
  /** A float64 a query. */
  readonly norms: Float64Array;
  /** A float64 a query. */
  readonly thresholds: Float64Array;
  /** How many scores were kept, a number a query; to be set to 0 before a scan. */
  readonly counts: Int32Array;
  /** queries x tileRows scores that were kept. */
  readonly keptScores: Float64Array;
  /** queries x tileRows: the rows of these, counted from the first of the tile. */
  readonly keptRows: Int32Array;
  /** Puts in the query at a place of the block, whole numbers where the rows are bytes. */
  setQuery(place: number, vector: Float32Array): void;
  /** Scores rows, rounded up to a multiple of 4, against queries, rounded up to an even number. */
  scan(rows: number, queries: number): void;
}

/** What `kernel/scan.ts` exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly stagingAt: Address;
  readonly queriesAt: Address;
  readonly termsAt: Address;
  readonly normsAt: Address;
  readonly thresholdsAt: Address;
  readonly countsAt: Address;
  readonly keptScoresAt: Address;
  readonly keptRowsAt: Address;
  prepareFloats(dimensions: number, queries: number, rows: number): void;
  prepareBytes(dimensions: number, queries: number, rows: number): void;
  arrangeFloats(rows: number): void;
  arrangeBytes(rows: number): void;
  scanFloats(rows: number, queries: number): void;
  scanUnsigned(rows: number, queries: number): void;
  scanSigned(rows: number, queries: number): void;
}

interface Address {
  readonly value: number;
}

const mostRows = 512;
const mostTileBytes = 4 * 2 ** 20;
const floatLanes = 4;
const byteLanes = 8;

let module: object | undefined;

/** A fresh kernel, with memory of its own. */
export function openKernel(values: KernelValues, size: KernelSize): TruthKernel {
  const { dimensions, queries } = size;
  const fitting = Math.floor(mostTileBytes / (16 * Math.max(1, dimensions)));
  const tileRows = 4 * Math.max(1, Math.min(mostRows / 4, fitting));
  const exports = instantiate();
  if (values === 'f32') exports.prepareFloats(dimensions, queries, tileRows);
  else exports.prepareBytes(dimensions, queries, tileRows);
  const { buffer } = exports.memory;
  const term = (index: number): Float64Array =>
    new Float64Array(buffer, exports.termsAt.value + index * tileRows * 8, tileRows);
  return {
    tileRows,
    rows: viewRows(values, exports, tileRows * dimensions),
    scales: term(0),
    shifts: term(1),
    slacks: term(2),
    norms: new Float64Array(buffer, exports.normsAt.value, queries),
    thresholds: new Float64Array(buffer, exports.thresholdsAt.value, queries),
    counts: new Int32Array(buffer, exports.countsAt.value, queries),
    keptScores: new Float64Array(buffer, exports.keptScoresAt.value, queries * tileRows),
    keptRows: new Int32Array(buffer, exports.keptRowsAt.value, queries * tileRows),
    setQuery: querySetter(values, exports, size),
    scan: scanner(values, exports),
  };
}

function instantiate(): Exports {
  module ??= compile(readFileSync(new URL('./kernel/scan.wasm', import.meta.url)));
  return new WebAssembly.Instance(module, {}).exports as Exports;
}

function compile(bytes: Uint8Array): object {
  // Node 20 has relaxed SIMD behind a flag, later ones have it without.
  if (!WebAssembly.validate(bytes)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  return new WebAssembly.Module(bytes);
}

function viewRows(values: KernelValues, exports: Exports, count: number): TruthKernel['rows'] {
  const { memory, stagingAt } = exports;
  const View = { f32: Float32Array, u8: Uint8Array, i8: Int8Array }[values];
  return new View(memory.buffer, stagingAt.value, count);
}

/** Two queries lie side by side, some lanes of the one and as many of the other in turn. */
function querySetter(
  values: KernelValues,
  exports: Exports,
  size: KernelSize,
): TruthKernel['setQuery'] {
  const { memory, queriesAt } = exports;
  const isFloat = values === 'f32';
  const lanes = isFloat ? floatLanes : byteLanes;
  const pairLength = Math.ceil(size.dimensions / lanes) * 2 * lanes;
  const View = isFloat ? Float32Array : Int16Array;
  const target = new View(memory.buffer, queriesAt.value, (size.queries / 2) * pairLength);
  return (place, vector) => {
    const start = (place >> 1) * pairLength + (place & 1) * lanes;
    for (let index = 0; index < vector.length; index++) {
      const lane = index % lanes;
      target[start + 2 * (index - lane) + lane] = vector[index] as number;
    }
  };
}

function scanner(values: KernelValues, exports: Exports): TruthKernel['scan'] {
  const { arrangeFloats, arrangeBytes, scanFloats, scanUnsigned, scanSigned } = exports;
  const arrange = values === 'f32' ? arrangeFloats : arrangeBytes;
  const score = { f32: scanFloats, u8: scanUnsigned, i8: scanSigned }[values];
  return (rows, queries) => {
    arrange(rows);
    score(rows, queries);
  };
}
