import { basename, dirname } from 'node:path';
import { setTimeout as sleepMs } from 'node:timers/promises';
import { timestamp } from '../clock.js';
import { BenchError, codeOf, messageOf } from '../errors.js';
import type { Progress } from '../progress.js';
import { formatBytes, formatSeconds, nsPerMs, nsPerS } from '../units.js';
import { failed, judge, rangeHeaders, type Verdict } from './answer.js';
import { PartFile } from './part-file.js';
import { shownAddress } from './proxies.js';
import {
  askedWait,
  growingWait,
  isConnectionError,
  isPassingError,
  isStall,
  type Limits,
} from './retry.js';
import { demandSpace, type FreeBytes } from './space.js';
import type { Reply, Transport } from './transport.js';

/** A file that is to be fetched, and what is known of it beforehand. */
export interface Wanted {
  readonly address: string;
  /** Where it goes. */
  readonly path: string;
  readonly bytes?: number | undefined;
  /** In hexadecimal. */
  readonly sha256?: string | undefined;
  /** Who says so: `the catalogue`. */
  readonly saidBy: string;
}

/** What fetching needs beside the file. */
export interface FetchContext {
  readonly transport: Transport;
  readonly limits: Limits;
  readonly progress: Progress;
  readonly freeBytes: FreeBytes;
  readonly signal?: AbortSignal | undefined;
  /** Else real time. */
  readonly wait?: ((waitNs: number) => Promise<void>) | undefined;
}

const mebibyte = 1024 * 1024;

/**
 * Fetches a file, or what is missing of it, and checks size and SHA-256.
 *
 * @returns the whole file, which `commit` puts into its place
 * @throws BenchError DOWNLOAD_FAILED when the server does not give it, TIMEOUT when it sends
 *   nothing, BAD_DATA when size or hash are not as they should be, DISK_FULL, NOT_WRITABLE,
 *   INTERRUPTED; what was fetched stays for the next time, unless it is wrong
 */
export async function fetchFile(wanted: Wanted, context: FetchContext): Promise<PartFile> {
  const name = basename(wanted.path);
  const { progress } = context;
  const part = await PartFile.open(wanted.path, wanted.address, (bytes) => {
    if (bytes <= mebibyte) progress.phase(`reading what is here of ${name}, MiB`);
    progress.update(bytes / mebibyte);
  });
  try {
    await fill(part, wanted, context);
    await check(part, wanted);
    return part;
  } catch (error) {
    // What went wrong first is what is told; nothing at all is not worth keeping.
    await (part.have === 0 ? part.discard() : part.close()).catch(() => undefined);
    if (context.signal?.aborted === true) throw interrupted(name, part.have, error);
    throw error;
  }
}

/** An attempt that did not bring the end of the file. */
interface Shortfall {
  readonly why: string;
  readonly stalled?: boolean;
  /** What the server asked for. */
  readonly waitNs?: number | undefined;
  /** Nothing went wrong: the next attempt may begin at once. */
  readonly atOnce?: boolean;
  readonly cause?: unknown;
}

async function fill(part: PartFile, wanted: Wanted, context: FetchContext): Promise<void> {
  if (part.have > 0 && part.have === part.origin.bytes) return;
  const { limits } = context;
  let failures = 0;
  let most = part.have;
  for (;;) {
    const shortfall = await attempt(part, wanted, context);
    if (shortfall === undefined) return;
    failures = part.have - most >= limits.gainBytes ? 1 : failures + 1;
    most = Math.max(most, part.have);
    if (failures >= limits.tries) throw gaveUp(shortfall, wanted, { failures, have: part.have });
    if (shortfall.atOnce === true) continue;
    await pause(shortfall, { wanted, context, failures, have: part.have });
  }
}

/** One request, and its answer written down. @returns undefined when the file is all there */
async function attempt(
  part: PartFile,
  wanted: Wanted,
  context: FetchContext,
): Promise<Shortfall | undefined> {
  const { address } = wanted;
  try {
    const have = { bytes: part.have, origin: part.origin };
    const reply = await context.transport.get({
      address,
      headers: rangeHeaders(have),
      signal: context.signal,
    });
    try {
      const verdict = judge(reply, address, have);
      return await obey(verdict, { reply, part, wanted, context });
    } finally {
      reply.discard();
    }
  } catch (error) {
    if (context.signal?.aborted === true || error instanceof BenchError) throw error;
    if (!isConnectionError(error)) throw error;
    const why = reasonOf(error);
    if (!isPassingError(error)) throw failed(address, why, { hint: connectionHint, cause: error });
    return { why, stalled: isStall(error), cause: error };
  }
}

interface Answered {
  readonly reply: Reply;
  readonly part: PartFile;
  readonly wanted: Wanted;
  readonly context: FetchContext;
}

async function obey(verdict: Verdict, answered: Answered): Promise<Shortfall | undefined> {
  const { part, wanted, context } = answered;
  const name = basename(wanted.path);
  switch (verdict.kind) {
    case 'complete':
      return undefined;
    case 'later': {
      const waitNs = askedWait(verdict.retryAfter, timestamp());
      return { why: verdict.why, waitNs };
    }
    case 'changed':
      context.progress.note(`${name} is not what it was when it was begun; starting over`);
      await part.restart({ address: wanted.address });
      return { why: 'the file changed while it was fetched', atOnce: true };
    case 'whole':
      await demandAnnounced(verdict.origin.bytes, answered);
      if (part.have > 0) context.progress.note(startingOver(name, part, verdict.origin));
      await part.restart(verdict.origin);
      return take(verdict.origin.bytes, answered);
    case 'rest':
      await demandAnnounced(verdict.origin.bytes, answered);
      return take(verdict.origin.bytes, answered);
  }
}

function startingOver(name: string, part: PartFile, now: PartFile['origin']): string {
  const { etag, lastModified } = part.origin;
  const isSame = etag === undefined ? lastModified === now.lastModified : etag === now.etag;
  return isSame
    ? `${name}: the server does not go on where it was cut; starting over`
    : `${name} changed at its publisher since it was begun; starting over`;
}

/** @throws BenchError BAD_DATA when the server has another size, DISK_FULL when it does not fit */
async function demandAnnounced(total: number | undefined, answered: Answered): Promise<void> {
  const { wanted, part, context } = answered;
  if (total === undefined) return;
  if (wanted.bytes !== undefined && total !== wanted.bytes) {
    await part.discard();
    throw wrong(wanted, {
      expected: `${wanted.bytes} bytes`,
      found: `the server has ${total}`,
    });
  }
  const need = { what: basename(wanted.path), folder: dirname(wanted.path), bytes: total };
  await demandSpace({ ...need, bytes: total - part.have }, context.freeBytes);
}

/** Writes down what comes. @param total bytes of the whole file, where the server said so */
async function take(total: number | undefined, answered: Answered): Promise<Shortfall | undefined> {
  const { reply, part, wanted, context } = answered;
  const { progress } = context;
  const most = wanted.bytes ?? total;
  const phase = `pulling ${basename(wanted.path)}, MiB`;
  if (most === undefined) progress.phase(phase);
  else progress.phase(phase, most / mebibyte);
  for await (const bytes of reply.body) {
    if (most !== undefined && part.have + bytes.length > most) {
      await part.discard();
      throw wrong(wanted, { expected: `${most} bytes`, found: 'more came' });
    }
    await part.append(bytes);
    progress.update(part.have / mebibyte);
  }
  if (total === undefined || part.have === total) return undefined;
  return { why: 'the connection was closed' };
}

async function pause(
  shortfall: Shortfall,
  at: { wanted: Wanted; context: FetchContext; failures: number; have: number },
): Promise<void> {
  const { limits, progress, signal, wait } = at.context;
  const asked = shortfall.waitNs ?? 0;
  if (asked > limits.longestAskedNs) {
    throw failed(
      at.wanted.address,
      `${shortfall.why} and asks to come again in ${formatSeconds(asked / nsPerS)}`,
      { hint: 'give the same command again then' },
    );
  }
  const waitNs = Math.max(asked, growingWait(at.failures, limits));
  const name = basename(at.wanted.path);
  const when = formatSeconds(waitNs / nsPerS);
  progress.note(`${name}: ${shortfall.why} after ${formatBytes(at.have)}; trying again in ${when}`);
  if (wait !== undefined) await wait(waitNs);
  else await sleepMs(waitNs / nsPerMs, undefined, signal === undefined ? {} : { signal });
}

function gaveUp(
  { why, stalled, cause }: Shortfall,
  { address }: Wanted,
  { failures, have }: { failures: number; have: number },
): BenchError {
  const what = `${why}, ${failures} times in a row; ${formatBytes(have)} are here`;
  if (stalled === true) {
    const message = `fetching ${shownAddress(address)}: ${what}`;
    return new BenchError('TIMEOUT', message, { hint: connectionHint, cause });
  }
  return failed(address, what, { hint: connectionHint, cause });
}

const connectionHint =
  'the same command goes on from there; check the connection and, behind a proxy, HTTPS_PROXY ' +
  'and NO_PROXY';

function reasonOf(error: unknown): string {
  if (isStall(error)) return 'the server sent nothing for too long';
  const code = codeOf(error);
  // Of what happens inside undici the message says more; it never holds an address.
  if (code.startsWith('UND_ERR_')) return messageOf(error);
  const words = reasons[code];
  return words === undefined ? code : `${words} (${code})`;
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name of the server is not known',
  EAI_AGAIN: 'the name of the server could not be looked up',
  ECONNREFUSED: 'the server refused the connection',
  ECONNRESET: 'the connection was cut',
};

/** @throws BenchError BAD_DATA when size or hash are not as they should be; nothing is left then */
async function check(part: PartFile, wanted: Wanted): Promise<void> {
  if (wanted.bytes !== undefined && part.have !== wanted.bytes) {
    await part.discard();
    throw wrong(wanted, { expected: `${wanted.bytes} bytes`, found: `${part.have} came` });
  }
  const sha256 = part.digest();
  if (wanted.sha256 === undefined || wanted.sha256 === sha256) return;
  await part.discard();
  throw wrong(wanted, { expected: `sha256 ${wanted.sha256}`, found: sha256 });
}

function wrong(wanted: Wanted, { expected, found }: { expected: string; found: string }): unknown {
  const what = `fetching ${shownAddress(wanted.address)} to ${wanted.path}`;
  const expectation = `expected ${expected} by ${wanted.saidBy}`;
  return new BenchError('BAD_DATA', `${what}: ${expectation}; found: ${found}`, {
    hint:
      'nothing was kept, the same command begins afresh; if it stays so, the publisher has ' +
      'another file now: to take it, remove pulled.json from the folder',
  });
}

function interrupted(name: string, have: number, cause: unknown): BenchError {
  return new BenchError('INTERRUPTED', `pulling ${name}: stopped, ${formatBytes(have)} are here`, {
    hint: 'the same command goes on from there',
    cause,
  });
}
