import { BenchError, type ErrorCode, messageOf } from '../errors.js';
import { within } from '../time-limit.js';

/** Which server was spoken to. */
export interface ServerAt {
  /** The name of its adapter. */
  readonly store: string;
  /** With or without credentials, which are never shown. */
  readonly url: string;
  /** Its service in docker-compose.bench.yml. */
  readonly service?: string;
}

const nobody = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];
const noSocket = ['ENOENT'];
const silent = [
  ...['ETIMEDOUT', 'ECONNABORTED'],
  ...['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'],
  // What a client throws that gave a request up.
  ...['AbortError', 'TimeoutError'],
];
const otherWords = ['HTTPParserError'];
const cutOff = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ERR_STREAM_PREMATURE_CLOSE'];
const tls = /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;

/**
 * What a client threw while it connected, as something that a person can act on: UNREACHABLE or
 * TLS_FAILED by the system's own code, wherever the client hid it. Any other error is given back.
 */
export function connectionError(thrown: unknown, at: ServerAt): unknown {
  if (thrown instanceof BenchError) return thrown;
  const codes = causesOf(thrown).map(({ code }) => code);
  const found = (wanted: readonly string[]) => codes.find((one) => wanted.includes(one));
  const fail = failing(thrown, at);
  if (codes.some((code) => tls.test(code))) {
    return fail(
      'TLS_FAILED',
      `no encrypted connection: ${deepestMessage(thrown)}`,
      'does the server speak TLS on this port, and is its authority given as tls.ca?',
    );
  }
  const refused = found(nobody);
  if (refused !== undefined) {
    return fail('UNREACHABLE', `nobody answers (${refused})`, startHint(at));
  }
  if (found(noSocket)) return fail('UNREACHABLE', 'there is no such socket', startHint(at));
  if (found(silent)) return fail('UNREACHABLE', 'no answer in time', startHint(at));
  if (found(cutOff)) {
    return fail('UNREACHABLE', 'the connection was cut off', strangerHint);
  }
  return found(otherWords) ? fail('STORE_FAILED', 'no HTTP is spoken there', strangerHint) : thrown;
}

/**
 * What a request to a server that was reached before ended with: HOST_DIED where nobody listens any
 * more, upon which nothing more is sent to the store; UNREACHABLE where the connection was cut off,
 * TIMEOUT where no answer came in time. Any other error is given back as it came.
 */
export function lostServer(thrown: unknown, at: ServerAt): unknown {
  if (thrown instanceof BenchError) return thrown;
  const codes = causesOf(thrown).map(({ code }) => code);
  const found = (wanted: readonly string[]) => codes.some((one) => wanted.includes(one));
  const fail = failing(thrown, at);
  if (found([...nobody, ...noSocket])) {
    return fail('HOST_DIED', 'nobody answers any more', diedHint);
  }
  if (found(cutOff)) return fail('UNREACHABLE', 'the connection was cut off', cutHint);
  if (found(silent)) return fail('TIMEOUT', 'no answer in time', silentHint);
  if (found(otherWords)) return fail('STORE_FAILED', 'it answered what is no HTTP', cutHint);
  return thrown;
}

const strangerHint = 'is it this kind of server that listens there, and does it want TLS?';
const diedHint = 'see its log for why it ended, start it again, and go on with bench run --resume';
const cutHint = 'see the log of the server: it may be ending, or a proxy before it gave up';
const silentHint = 'is the server busy with something else, or is measure.timeoutS too low?';

/**
 * What a server answers, if it does so in time.
 *
 * @throws BenchError TIMEOUT when it does not; what comes of it later is ignored
 */
export async function answeredWithin<T>(
  limitNs: number,
  at: ServerAt,
  answer: Promise<T>,
): Promise<T> {
  try {
    return await within(limitNs, `${at.store} at ${shownUrl(at.url)}: no answer`, answer);
  } catch (thrown) {
    const isLate = thrown instanceof BenchError && thrown.code === 'TIMEOUT';
    if (!isLate || thrown.hint !== undefined) throw thrown;
    throw new BenchError('TIMEOUT', thrown.message, { hint: silentHint });
  }
}

/** A server that has ended all connections: they are not opened anew, so that it is lost. */
export function endedServer(thrown: unknown, at: ServerAt): BenchError {
  return failing(thrown, at)('HOST_DIED', 'all connections were ended', diedHint);
}

function failing(cause: unknown, at: ServerAt) {
  const where = `${at.store} at ${shownUrl(at.url)}`;
  return (code: ErrorCode, what: string, hint: string): BenchError =>
    new BenchError(code, `${where}: ${what}`, { hint, cause });
}

/** An address without what may be secret in it. */
export function shownUrl(url: string): string {
  const shown = URL.canParse(url) ? new URL(url) : undefined;
  if (shown === undefined || shown.host === '') return url.replace(/^.*@/, '');
  shown.username = '';
  shown.password = '';
  shown.search = '';
  return shown.href.replace(/\/$/, '');
}

function startHint({ service }: ServerAt): string {
  const wrong = 'is the address right, and is the server up?';
  return service === undefined ? wrong : `${wrong} bench up ${service} starts one here`;
}

interface Thrown {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

interface Cause {
  readonly code: string;
  readonly message: string;
}

/** An error, what it was caused by, and what it is made of, outermost first. */
function causesOf(thrown: unknown): Cause[] {
  const seen = new Set<unknown>();
  const waiting: unknown[] = [thrown];
  const causes: Cause[] = [];
  while (waiting.length > 0) {
    const one = waiting.shift();
    if (typeof one !== 'object' || one === null || seen.has(one)) continue;
    seen.add(one);
    const { code, name, cause, errors } = one as Thrown;
    // Some have a name in place of a code.
    if (typeof code === 'string') causes.push({ code, message: messageOf(one) });
    else if (typeof name === 'string') causes.push({ code: name, message: messageOf(one) });
    waiting.push(cause, ...(Array.isArray(errors) ? errors : []));
  }
  return causes;
}

function deepestMessage(thrown: unknown): string {
  return causesOf(thrown).at(-1)?.message ?? messageOf(thrown);
}
