import { type Dispatcher, errors, request } from 'undici';
import { shownAddress } from '../download/proxies.js';
import { isConnectionError } from '../download/retry.js';
import { BenchError, codeOf, messageOf } from '../errors.js';
import { parseExposition, parseSelector, type Sample } from './exposition.js';

export { parseExposition, type Sample } from './exposition.js';

/** Where metrics are asked for, and how long is waited. */
export interface MetricsRequest {
  /** http or https; user and password in it are sent, and shown nowhere. */
  readonly url: string;
  /** For the whole answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Endpoint {
  readonly address: string;
  /** As it may be shown. */
  readonly shown: string;
  readonly headers: Readonly<Record<string, string>>;
}

const mebibyte = 1024 * 1024;
const largestBytes = 16 * mebibyte;

const formats = 'text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5';

/**
 * Asks an endpoint for its metrics, without following redirects and past any proxy of the
 * environment. The server spends processor time on each answer: never inside a window.
 *
 * @throws BenchError BAD_TARGET when the address is none; METRICS_FAILED when there is no
 *   connection, another status than 200, HTML, more than 16 MiB, or what cannot be read; TIMEOUT;
 *   INTERRUPTED when the signal was given
 */
export async function fetchMetrics(wanted: MetricsRequest): Promise<readonly Sample[]> {
  const endpoint = endpointOf(wanted.url);
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  const timer = setTimeout(onAbort, wanted.timeoutMs);
  wanted.signal?.addEventListener('abort', onAbort);
  if (wanted.signal?.aborted === true) onAbort();
  try {
    return await ask(endpoint, stop.signal);
  } catch (error) {
    if (error instanceof BenchError) throw error;
    throw failure(error, endpoint, wanted);
  } finally {
    clearTimeout(timer);
    wanted.signal?.removeEventListener('abort', onAbort);
  }
}

function endpointOf(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new BenchError('BAD_TARGET', `metrics: ${shownAddress(text)} must be http or https`, {
      hint: 'write http://HOST:PORT/metrics',
    });
  }
  const headers: Record<string, string> = {
    accept: formats,
    'accept-encoding': 'identity',
    'user-agent': 'storebench',
  };
  if (url.username !== '' || url.password !== '') {
    const pair = `${decoded(url.username)}:${decoded(url.password)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  url.username = '';
  url.password = '';
  return { address: url.href, shown: shownAddress(text), headers };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // It holds a percent sign that is none of an encoding.
    return text;
  }
}

async function ask(endpoint: Endpoint, signal: AbortSignal): Promise<readonly Sample[]> {
  const { address, headers, shown } = endpoint;
  const reply = await request(address, { headers, signal });
  try {
    if (reply.statusCode !== 200) throw wrongStatus(reply, endpoint);
    const encoding = `${reply.headers['content-encoding'] ?? 'identity'}`;
    if (encoding !== 'identity') throw failed(shown, `compressed (${encoding}), unasked`);
    const text = await textOf(reply.body, shown);
    const type = `${reply.headers['content-type'] ?? ''}`;
    if (type.startsWith('text/html') || text.trimStart().startsWith('<')) {
      throw html(endpoint, type, text);
    }
    return parse(text, shown);
  } finally {
    // A body that is let go of half-way tells so by an error that is of no interest.
    reply.body.on('error', () => undefined);
    reply.body.destroy();
  }
}

async function textOf(body: AsyncIterable<Uint8Array>, shown: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > largestBytes) throw failed(shown, `more than ${largestBytes / mebibyte} MiB came`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What cannot be read is told with the address. */
function parse(text: string, shown: string): readonly Sample[] {
  try {
    return parseExposition(text);
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    throw failed(shown, error.message.replace(/^metrics, /, ''), { cause: error });
  }
}

function failed(
  shown: string,
  why: string,
  { hint = usualPlaces, cause }: { hint?: string; cause?: unknown } = {},
): BenchError {
  return new BenchError('METRICS_FAILED', `metrics of ${shown}: ${why}`, { hint, cause });
}

const usualPlaces =
  "the address must give Prometheus' text format; most stores do at /metrics, some at a port of " +
  'its own';

function wrongStatus(reply: Dispatcher.ResponseData, { address, shown }: Endpoint): BenchError {
  const { statusCode, headers } = reply;
  const location = `${headers.location ?? ''}`;
  if (statusCode >= 300 && statusCode < 400 && URL.canParse(location, address)) {
    const next = shownAddress(new URL(location, address).href);
    return failed(shown, `status ${statusCode} leads to ${next}, expected 200`, {
      hint: `if that is where the metrics are, write ${next}`,
    });
  }
  const why = `status ${statusCode}, expected 200`;
  if (statusCode !== 401 && statusCode !== 403) return failed(shown, why);
  return failed(shown, why, { hint: 'write http://USER:PASSWORD@HOST:PORT/metrics' });
}

function html({ address, shown }: Endpoint, type: string, text: string): BenchError {
  const title = /<title>\s*([^<]{1,80})/i.exec(text.slice(0, 4096))?.[1]?.trim();
  const page = title === undefined ? 'a page' : `a page ("${title}")`;
  const what = type.startsWith('text/html') ? 'HTML' : 'markup';
  const usual = new URL('/metrics', address).href;
  const hint = new URL(address).pathname === '/metrics' ? usualPlaces : `try ${usual}`;
  return failed(shown, `${what} came, ${page} for browsers, not metrics`, { hint });
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name of the server is not known',
  EAI_AGAIN: 'the name of the server could not be looked up',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
};

function failure(error: unknown, { shown }: Endpoint, wanted: MetricsRequest): unknown {
  if (wanted.signal?.aborted === true) {
    return new BenchError('INTERRUPTED', `metrics of ${shown}: interrupted`, { cause: error });
  }
  const code = codeOf(error);
  if (code === 'UND_ERR_ABORTED' || (error instanceof Error && error.name === 'AbortError')) {
    const message = `metrics of ${shown}: no whole answer within ${wanted.timeoutMs} ms`;
    return new BenchError('TIMEOUT', message, {
      hint: 'the store may be busy; look whether the address answers by hand (curl)',
      cause: error,
    });
  }
  const options = { hint: connectionHint, cause: error };
  // Its code is not always there.
  if (error instanceof errors.HTTPParserError) {
    return failed(shown, 'what answers there does not speak HTTP', options);
  }
  if (!isConnectionError(error)) return error;
  const why = reasons[code] ?? messageOf(error);
  return failed(shown, `${why} (${code})`, options);
}

const connectionHint =
  'start the store or correct the address; its metrics may have to be switched on';

/**
 * The value of a metric: that of the series of this name whose labels have these values, whatever
 * their other labels; of several series the sum, as over the collections or cores of a store. What
 * the store tells as NaN has no value. A label that is not there is the same as an empty one.
 *
 * @param selector `name` or `name{label="value",...}`
 * @returns undefined where no series matches, or the sum is not finite
 * @throws BenchError BAD_TARGET where the selector cannot be read
 */
export function metricValue(samples: readonly Sample[], selector: string): number | undefined {
  const { name, labels } = parseSelector(selector);
  const values = samples
    .filter((sample) => sample.name === name && !Number.isNaN(sample.value))
    .filter((sample) => [...labels].every(([key, value]) => labelOf(sample, key) === value))
    .map(({ value }) => value);
  const sum = values.reduce((total, value) => total + value, 0);
  return values.length > 0 && Number.isFinite(sum) ? sum : undefined;
}

function labelOf({ labels }: Sample, key: string): string {
  return labels.get(key) ?? '';
}
