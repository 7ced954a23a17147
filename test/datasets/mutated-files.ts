import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BenchError } from '../../core/errors.js';

/**
 * How many mutations are tried: all of them in full, a quarter beside the other tests. The first
 * quarter is the same.
 */
export function mutationsTried(all: number): number {
  return process.env.BENCH_FUZZ_FULL === '1' ? all : Math.ceil(all / 4);
}

/** Some bytes replaced, then the file cut or lengthened. */
export interface Mutation {
  readonly edits: readonly {
    readonly at: number;
    readonly value: number;
    readonly inHead: boolean;
  }[];
  readonly cut: number;
  readonly extra: readonly number[];
}

const byte = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff));

/** Most often a few bytes replaced; sometimes bytes missing from the end, or too many. */
export const mutation: fc.Arbitrary<Mutation> = fc.record({
  edits: fc.array(fc.record({ at: fc.nat(), value: byte, inHead: fc.boolean() }), { maxLength: 5 }),
  cut: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat({ max: 150 })),
  extra: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, fc.array(byte)),
});

// Where sizes stand.
const headBytes = 96;

/** The bytes of a file after a mutation. */
export function mutate(whole: Uint8Array, { edits, cut, extra }: Mutation): Buffer {
  const kept = whole.subarray(0, Math.max(0, whole.length - cut));
  const bytes = Buffer.concat([kept, Buffer.from(extra)]);
  for (const { at, value, inHead } of edits) {
    const range = inHead ? Math.min(bytes.length, headBytes) : bytes.length;
    if (range > 0) bytes[at % range] = value;
  }
  return bytes;
}

/** What came of reading a file. */
export interface MutatedOutcome<T> {
  readonly result?: T;
  /** Of the BAD_DATA error that it ended with. */
  readonly message?: string;
  /** The largest buffer or typed array that was asked for by its length. */
  readonly largestBytes: number;
}

const watched = [
  ...['SharedArrayBuffer', 'ArrayBuffer', 'Uint8Array', 'Int8Array', 'Uint16Array'],
  ...['Int32Array', 'Float32Array', 'Float64Array'],
];

/**
 * Reads a file and notes the largest buffer that the reader asked for.
 *
 * @throws whatever is thrown that is no BenchError BAD_DATA
 */
export async function readMutated<T>(
  read: (path: string) => Promise<T>,
  path: string,
): Promise<MutatedOutcome<T>> {
  const watch = watchAllocations();
  try {
    return { result: await read(path), largestBytes: watch.largestBytes() };
  } catch (thrown) {
    assert.ok(thrown instanceof BenchError, (thrown as Error).stack ?? String(thrown));
    assert.equal(thrown.code, 'BAD_DATA');
    return { message: thrown.message, largestBytes: watch.largestBytes() };
  } finally {
    watch.end();
  }
}

/** Stands in for the constructors of buffers until it is ended. */
function watchAllocations(): { largestBytes(): number; end(): void } {
  const names = globalThis as unknown as Record<string, ArrayBufferConstructor>;
  const own = watched.map((name) => [name, names[name] as ArrayBufferConstructor] as const);
  let largest = 0;
  for (const [name, made] of own) {
    names[name] = new Proxy(made, {
      construct(target, given, newTarget) {
        const array = Reflect.construct(
          target,
          given,
          newTarget === names[name] ? target : newTarget,
        );
        if (typeof given[0] === 'number') largest = Math.max(largest, array.byteLength);
        return array;
      },
    });
  }
  return {
    largestBytes: () => largest,
    end() {
      for (const [name, made] of own) names[name] = made;
    },
  };
}
