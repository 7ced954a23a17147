import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { BenchError } from '../../core/errors.js';
import { unpackedRoom } from './declared-size.js';
import type { Hdf5Job, Hdf5Message } from './hdf5.js';
import { limitLibraryMemory } from './hdf5-memory.js';
import { readHdf5Set } from './hdf5-set.js';

// The library takes 19 MiB, a slice 4, and a cache of what it has found a few more.
const ownBytes = 64 * 1024 * 1024;

function tell(message: Hdf5Message): void {
  parentPort?.postMessage(message);
}

const { path, metric } = workerData as Hdf5Job;

// A file that is not there is told by its reader.
limitLibraryMemory(ownBytes + unpackedRoom(statSync(path, { throwIfNoEntry: false })?.size ?? 0));

try {
  const set = await readHdf5Set(path, {
    ...(metric === undefined ? {} : { metric }),
    onSlice: () => tell({ kind: 'alive' }),
  });
  tell({ kind: 'set', set });
} catch (thrown) {
  if (!(thrown instanceof BenchError)) throw thrown;
  const { code, message, hint } = thrown;
  tell({ kind: 'failed', code, message, ...(hint === undefined ? {} : { hint }) });
}
