import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { nowNs, timestamp } from '../clock.js';
import { codeOf } from '../errors.js';
import { nsPerS } from '../units.js';
import { writingError } from './part-file.js';

/** How a lock is waited for. */
export interface LockOptions {
  /** Another has it; told once. @param holder its process */
  readonly onWait?: (holder: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const pollMs = 100;
const settleMs = 20;
const heartbeatMs = 5_000;
/** The holder touches its file every few seconds; this long without is a holder that is gone. */
const staleNs = 60 * nsPerS;

const holderSchema = z.object({ pid: z.number().int(), host: z.string(), id: z.string() });
type Holder = z.infer<typeof holderSchema>;

/** The locks of this process: its id in any other file is left from before a restart. */
const held = new Set<string>();

/**
 * Does some work while no other process, nor other work of this one, has the same file. The file of
 * a process that is gone is taken over.
 *
 * @throws BenchError NOT_WRITABLE or DISK_FULL when the file cannot be made
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const own = await acquire(file, options);
  held.add(own);
  const heartbeat = setInterval(() => void touch(file), heartbeatMs);
  heartbeat.unref();
  const releaseAtExit = (): void => rmSync(file, { force: true });
  process.on('exit', releaseAtExit);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.off('exit', releaseAtExit);
    if ((await look(file))?.holder?.id === own) await rm(file, { force: true });
    held.delete(own);
  }
}

async function acquire(file: string, { onWait, signal }: LockOptions): Promise<string> {
  let seen: { readonly touchedMs: number; readonly atNs: number } | undefined;
  let told = false;
  for (;;) {
    signal?.throwIfAborted();
    const own = await tryToCreate(file);
    if (own !== undefined) return own;
    const found = await look(file);
    if (found === undefined) continue;
    if (seen?.touchedMs !== found.touchedMs) seen = { touchedMs: found.touchedMs, atNs: nowNs() };
    const isStill = nowNs() - seen.atNs > staleNs;
    if (isStill || isGone(found.holder)) {
      await rm(file, { force: true });
      continue;
    }
    if (!told) onWait?.(found.holder === undefined ? 'unknown' : String(found.holder.pid));
    told = true;
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

async function tryToCreate(file: string): Promise<string | undefined> {
  const id = randomUUID();
  const holder: Holder = { pid: process.pid, host: hostname(), id };
  held.add(id);
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(JSON.stringify(holder));
    await handle.close();
    // Two processes may both have found a stale file; the later one's stays.
    await sleep(settleMs);
    if ((await look(file))?.holder?.id === id) return id;
  } catch (error) {
    held.delete(id);
    if (codeOf(error) !== 'EEXIST') throw writingError(error, file);
    return undefined;
  }
  held.delete(id);
  return undefined;
}

interface Found {
  /** Undefined while it is being written, or when its writer died at that moment. */
  readonly holder: Holder | undefined;
  readonly touchedMs: number;
}

async function look(file: string): Promise<Found | undefined> {
  try {
    const { mtimeMs: touchedMs } = await stat(file);
    const text = await readFile(file, 'utf8');
    return { holder: parseHolder(text), touchedMs };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw writingError(error, file);
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function isGone(holder: Holder | undefined): boolean {
  if (holder === undefined || holder.host !== hostname()) return false;
  if (holder.pid === process.pid) return !held.has(holder.id);
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

async function touch(file: string): Promise<void> {
  const now = new Date(timestamp());
  try {
    await utimes(file, now, now);
  } catch {
    // At worst somebody who waits takes the holder for gone, and the records disagree: told then.
  }
}
