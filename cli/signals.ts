import { setMaxListeners } from 'node:events';
import { BenchError } from '../core/errors.js';

/** Works until the end or until the person stops it; a second signal ends at once. */
export async function withSignals<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  // Every engine host waits for it.
  setMaxListeners(0, abort.signal);
  const stop = (): void => {
    if (abort.signal.aborted) process.exit(130);
    process.stderr.write('\nstopping: what is finished is kept\n');
    abort.abort(new BenchError('INTERRUPTED', 'the run was stopped'));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(abort.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
