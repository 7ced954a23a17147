import { Worker } from 'node:worker_threads';
import type { Metric } from '../../core/adapter.js';
import { BenchError, type ErrorCode } from '../../core/errors.js';
import { badData } from './data-file.js';
import type { Hdf5Set } from './hdf5-set.js';

/** What the thread is to read. */
export interface Hdf5Job {
  readonly path: string;
  readonly metric?: Metric;
}

/** What the thread has to say; `alive` after every slice. */
export type Hdf5Message =
  | { readonly kind: 'alive' }
  | { readonly kind: 'set'; readonly set: Hdf5Set }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint?: string;
    };

/** How a file is to be read. */
export interface Hdf5Reading {
  /** For a file that does not name its distance; what it names counts otherwise. */
  readonly metric?: Metric;
  /** How long the library may give no sign of life, in ms; 60 s when not given. */
  readonly quietMs?: number;
}

const usualQuietMs = 60_000;

/**
 * Reads an HDF5 file in the layout of ann-benchmarks: `train`, `test` (float32, float64 which is
 * kept as float32, uint8 or int8), where known `neighbors` and `distances`, and the attribute
 * `distance` (euclidean, angular, ip or dot). The HDF5 library runs in a thread of its own, so that
 * its memory is bounded and given back, and one that hangs on a damaged file can be ended.
 *
 * @throws BenchError BAD_DATA for a missing or damaged file, a missing dataset, sizes above what
 *   the file can hold or that do not belong together, another type or distance, ids outside the
 *   base, NaN or infinite values
 * @see https://github.com/erikbern/ann-benchmarks for the layout
 */
export async function readHdf5(path: string, reading: Hdf5Reading = {}): Promise<Hdf5Set> {
  const { metric, quietMs = usualQuietMs } = reading;
  const job: Hdf5Job = metric === undefined ? { path } : { path, metric };
  const thread = new Worker(new URL('./hdf5-worker.js', import.meta.url), {
    workerData: job,
    // What the library prints when it gives up is told by the error.
    stderr: true,
  });
  try {
    return await outcomeOf(thread, { path, quietMs });
  } finally {
    await thread.terminate();
  }
}

function outcomeOf(
  thread: Worker,
  { path, quietMs }: { readonly path: string; readonly quietMs: number },
): Promise<Hdf5Set> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void =>
      reject(badData(path, `the HDF5 library gave no sign of life for ${quietMs} ms`));
    let timer = setTimeout(giveUp, quietMs);
    thread.on('message', (message: Hdf5Message) => {
      clearTimeout(timer);
      if (message.kind === 'alive') timer = setTimeout(giveUp, quietMs);
      else if (message.kind === 'set') resolve(message.set);
      else reject(failureOf(message));
    });
    thread.once('error', (thrown) => {
      clearTimeout(timer);
      reject(thrown);
    });
    thread.once('exit', () => {
      clearTimeout(timer);
      reject(badData(path, 'the HDF5 library ended without a result'));
    });
  });
}

function failureOf(message: Extract<Hdf5Message, { kind: 'failed' }>): BenchError {
  const { code, hint } = message;
  return new BenchError(code, message.message, hint === undefined ? {} : { hint });
}
