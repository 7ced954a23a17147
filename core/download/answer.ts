import { BenchError } from '../errors.js';
import type { Origin } from './part-file.js';
import { shownAddress } from './proxies.js';
import { isPassingStatus } from './retry.js';
import type { Reply } from './transport.js';

/**
 * What to do with an answer: take it as the whole file, or as what follows the bytes that are
 * there; the bytes that are there are all; begin again without a range; or ask again later.
 */
export type Verdict =
  | { readonly kind: 'whole' | 'rest'; readonly origin: Origin }
  | { readonly kind: 'complete' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'later'; readonly why: string; readonly retryAfter: string | undefined };

/** What is there of a file. */
export interface Have {
  readonly bytes: number;
  readonly origin: Origin;
}

/**
 * The headers that ask for what is missing, if the file is still the same; none when that cannot be
 * told, and then the whole file comes.
 *
 * @see RFC 9110, section 13.1.5: If-Range takes a strong validator only
 */
export function rangeHeaders({ bytes, origin }: Have): Record<string, string> {
  const validator = strongTag(origin.etag) ?? origin.lastModified;
  if (bytes === 0 || validator === undefined) return {};
  return { range: `bytes=${bytes}-`, 'if-range': validator };
}

function strongTag(etag: string | undefined): string | undefined {
  return etag?.startsWith('W/') === true ? undefined : etag;
}

/**
 * Judges an answer by its status and headers.
 *
 * @throws BenchError DOWNLOAD_FAILED when the server will not give the file
 */
export function judge(reply: Reply, address: string, have: Have): Verdict {
  const { status } = reply;
  if (status === 200) return { kind: 'whole', origin: originOf(reply, address) };
  if (status === 206) return judgeRange(reply, have);
  if (status === 416) {
    const isAll = reply.header('content-range') === `bytes */${have.bytes}`;
    return { kind: isAll && have.bytes > 0 ? 'complete' : 'changed' };
  }
  if (isPassingStatus(status)) {
    const retryAfter = reply.header('retry-after');
    return { kind: 'later', why: `the server answered ${status}`, retryAfter };
  }
  throw refused(status, address);
}

function judgeRange(reply: Reply, have: Have): Verdict {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(reply.header('content-range') ?? '');
  const begins = Number(range?.[1] ?? Number.NaN);
  const total = range?.[2] === '*' ? undefined : Number(range?.[2]);
  const isSame = begins === have.bytes && isSameVersion(reply, have.origin, total);
  if (!isSame) return { kind: 'changed' };
  return { kind: 'rest', origin: { ...have.origin, bytes: total ?? have.origin.bytes } };
}

/** Some servers send ranges of whatever the file is now, If-Range or not. */
function isSameVersion(reply: Reply, origin: Origin, total: number | undefined): boolean {
  const isSame = <T>(was: T | undefined, is: T | undefined): boolean => {
    return was === undefined || is === undefined || was === is;
  };
  return (
    isSame(origin.etag, reply.header('etag')) &&
    isSame(origin.lastModified, reply.header('last-modified')) &&
    isSame(origin.bytes, total)
  );
}

/** Which version a whole answer is of. @throws BenchError DOWNLOAD_FAILED when it is no file */
function originOf(reply: Reply, address: string): Origin {
  const encoding = reply.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw failed(address, `the file must come as it is, it comes as ${encoding}`);
  }
  const type = reply.header('content-type') ?? '';
  if (type.startsWith('text/html')) {
    throw failed(address, 'the server sent a web page instead of the file', {
      hint: 'a portal of the network may want a login; open the address in a browser',
    });
  }
  const length = reply.header('content-length');
  return {
    address,
    etag: reply.header('etag'),
    lastModified: reply.header('last-modified'),
    bytes: length === undefined ? undefined : Number(length),
  };
}

function refused(status: number, address: string): BenchError {
  const hints: Record<number, string> = {
    401: 'the publisher wants a login; pull the file by hand and import it',
    403: 'the publisher or a proxy on the way refuses; open the address in a browser',
    404: 'the publisher may have moved it; look at the page of the dataset',
    407: 'HTTPS_PROXY must hold user and password: http://USER:PASSWORD@HOST:PORT',
  };
  const hint = hints[status];
  return failed(address, `the server must answer 200, it answered ${status}`, {
    ...(hint === undefined ? {} : { hint }),
  });
}

/** An error about a file that cannot be fetched: `fetching ADDRESS: what`. */
export function failed(
  address: string,
  what: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): BenchError {
  return new BenchError('DOWNLOAD_FAILED', `fetching ${shownAddress(address)}: ${what}`, options);
}
