import { BenchError } from './errors.js';
import { nsPerMs, nsPerS } from './units.js';

/**
 * What a promise comes to, if it does so in time.
 *
 * @param what the sentence that a limit is added to: `verifying b00: no answer`
 * @throws BenchError TIMEOUT when it does not; what comes of it later is ignored
 */
export async function within<T>(limitNs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new BenchError('TIMEOUT', `${what} within ${limitNs / nsPerS} s`));
    }, limitNs / nsPerMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
