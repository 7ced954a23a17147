import { setMaxListeners } from 'node:events';
import { BenchError } from '../core/errors.js';

/** Where the signals of a person come from: the process, or a test. */
export interface Signals {
  on(name: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(name: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/** What is not as for a run. */
export interface SignalOptions {
  /** The process when not given. */
  readonly signals?: Signals;
  /** Says that it stops, and gives the reason. */
  readonly stopped?: () => unknown;
}

function runStopped(): BenchError {
  process.stderr.write('\nstopping: what is finished is kept\n');
  return new BenchError('INTERRUPTED', 'the run was stopped');
}

/** Works until the end or until the person stops it; a second signal ends at once. */
export async function withSignals<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { signals = process, stopped = runStopped }: SignalOptions = {},
): Promise<T> {
  const abort = new AbortController();
  // Every engine host waits for it.
  setMaxListeners(0, abort.signal);
  const stop = (): void => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort(stopped());
  };
  signals.on('SIGINT', stop);
  signals.on('SIGTERM', stop);
  try {
    return await work(abort.signal);
  } finally {
    signals.off('SIGINT', stop);
    signals.off('SIGTERM', stop);
  }
}
