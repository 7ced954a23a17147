import { codeOf } from '../errors.js';
import { nsPerMs, nsPerS } from '../units.js';

/** How long is waited for, and how often is tried. */
export interface Limits {
  /** A server that sends nothing for so long is given up, and asked again. */
  readonly stallNs: number;
  /** Failures one after the other that brought nothing new. */
  readonly tries: number;
  /** A failure that brought so much is the first one again. */
  readonly gainBytes: number;
  /** The wait after the first failure; it doubles with each. */
  readonly firstWaitNs: number;
  readonly longestWaitNs: number;
  /** A server that asks for a longer wait (Retry-After) is not waited for. */
  readonly longestAskedNs: number;
}

/** The limits of `bench dataset pull`. */
export const usualLimits: Limits = {
  stallNs: 60 * nsPerS,
  tries: 6,
  gainBytes: 1024 * 1024,
  firstWaitNs: nsPerS,
  longestWaitNs: 60 * nsPerS,
  longestAskedNs: 600 * nsPerS,
};

/** The wait after a failure, ns. @param failures one after the other, 1 or more */
export function growingWait(failures: number, limits: Limits): number {
  return Math.min(limits.firstWaitNs * 2 ** (failures - 1), limits.longestWaitNs);
}

/**
 * What Retry-After asks for, in ns; 0 when it lies in the past, undefined when there is none or it
 * cannot be read.
 *
 * @param now ISO 8601
 * @see RFC 9110, section 10.2.3: whole seconds or a date
 */
export function askedWait(retryAfter: string | undefined, now: string): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * nsPerS;
  const waitMs = Date.parse(retryAfter) - Date.parse(now);
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs * nsPerMs);
}

/** Whether a server that answers with this status may answer otherwise a little later. */
export function isPassingStatus(status: number): boolean {
  return status >= 500 || [408, 425, 429].includes(status);
}

const passingCodes = [
  ...['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH'],
  ...['ENETUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT'],
  ...['UND_ERR_BODY_TIMEOUT', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'],
];

/** Whether a connection that failed so may hold the next time. */
export function isPassingError(thrown: unknown): boolean {
  return passingCodes.includes(codeOf(thrown));
}

/** Whether the connection failed because nothing came for too long. */
export function isStall(thrown: unknown): boolean {
  return ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT'].includes(
    codeOf(thrown),
  );
}

/** Whether the connection failed on its way, before or within a request, for good or not. */
export function isConnectionError(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return (
    isPassingError(thrown) ||
    code.startsWith('UND_ERR_') ||
    code.startsWith('ERR_TLS_') ||
    code.startsWith('ERR_SSL_') ||
    code.includes('CERT') ||
    code.startsWith('HPE_') ||
    code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
  );
}
