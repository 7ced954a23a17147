import type { ConnectContext, Probe } from '../adapter.js';
import { type ErrorCode, exitCodeOf, failureOf } from '../errors.js';

const timeoutNs = 10e9;

/** What a server said of itself, or why it cannot be used. */
type Asked = Probe | Omit<Probe, 'works'>;

/**
 * What tries a server out.
 *
 * @param ask connects as the options say, asks for the version, and lets go of it; what it throws
 *   is why the server cannot be used
 */
export function serverProbe(
  ask: (options: unknown, context: ConnectContext) => Promise<Asked>,
): (options?: unknown) => Promise<Probe> {
  return async (options = {}) => {
    const { signal } = new AbortController();
    const one = { namespace: 'bench_probe', connections: 1, timeoutNs, signal };
    try {
      return { works: true, ...(await ask(options, { ...one, log: () => undefined })) };
    } catch (error) {
      const { code, message: detail, hint } = failureOf(error);
      const told = hint === undefined ? {} : { hint };
      return { works: false, code: knownCode(code), detail, ...told };
    }
  };
}

function knownCode(code: string): ErrorCode {
  return code in exitCodeOf ? (code as ErrorCode) : 'STORE_FAILED';
}
