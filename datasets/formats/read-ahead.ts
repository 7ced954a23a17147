import { type DataFile, readExactly } from './data-file.js';

/** Bytes of a file, and the memory that they are read into. */
export interface Stretch {
  readonly offset: number;
  readonly target: Uint8Array;
}

/** Units (records, rows, values) one after the other, as many as the file has room for. */
export interface UnitLayout {
  /** Where the first begins, in bytes. */
  readonly offset: number;
  /** A multiple of the size of the values. */
  readonly unitBytes: number;
  readonly units: number;
}

/** Whole units of a file; the memory is used again for a later piece. */
export interface Piece extends Stretch {
  /** Begins where its buffer begins. */
  readonly target: Uint8Array<ArrayBuffer>;
  /** How many units lie before this piece. */
  readonly firstUnit: number;
  readonly units: number;
}

/** Bytes that are read at a time: they stay in a processor's cache until they are checked. */
export const pieceBytes = 4 * 1024 * 1024;

// With one read the disk or the copy by the kernel would rest while a piece is taken over.
const readsAhead = 2;

/**
 * Reads stretches of a file, in order, and hands each over once it is read. The next two are under
 * way meanwhile: the same memory may come again after two other stretches.
 *
 * @throws BenchError BAD_DATA when the file ends before, and what `use` throws
 */
export async function readAhead<T extends Stretch>(
  file: DataFile,
  stretches: Iterable<T>,
  use: (stretch: T) => void,
): Promise<void> {
  const underWay: { readonly stretch: T; readonly read: Promise<void> }[] = [];
  const takeFirst = async (): Promise<void> => {
    const first = underWay[0];
    if (first === undefined) return;
    await first.read;
    underWay.shift();
    use(first.stretch);
  };
  try {
    for (const stretch of stretches) {
      const read = readExactly(file, stretch.target, stretch.offset);
      // It may fail before its turn has come to be awaited.
      read.catch(() => undefined);
      underWay.push({ stretch, read });
      if (underWay.length > readsAhead) await takeFirst();
    }
    while (underWay.length > 0) await takeFirst();
  } finally {
    // The file must not be closed, nor the memory let go, under a read.
    await Promise.allSettled(underWay.map(({ read }) => read));
  }
}

/**
 * Reads units of a file in pieces of about 4 MiB, as {@link readAhead}, through memory of its own.
 *
 * @param layout checked against the size of the file
 * @throws BenchError BAD_DATA when the file ends before, and what `use` throws
 */
export function readUnits(
  file: DataFile,
  layout: UnitLayout,
  use: (piece: Piece) => void,
): Promise<void> {
  return readAhead(file, piecesOf(layout), use);
}

function* piecesOf({ offset, unitBytes, units }: UnitLayout): Generator<Piece> {
  const each = Math.max(1, Math.min(units, Math.floor(pieceBytes / unitBytes)));
  const memory: ArrayBuffer[] = [];
  for (let firstUnit = 0; firstUnit < units; firstUnit += each) {
    const count = Math.min(each, units - firstUnit);
    // One more than are under way: the one that is being used.
    const slot = (firstUnit / each) % (readsAhead + 1);
    memory[slot] ??= new ArrayBuffer(each * unitBytes);
    const target = new Uint8Array(memory[slot], 0, count * unitBytes);
    yield { target, offset: offset + firstUnit * unitBytes, firstUnit, units: count };
  }
}
