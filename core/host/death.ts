import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';

const keptLines = 20;
const keptBytes = 16_384;
const exitNoticeMs = 1000;

/** The file in a host's folder that takes its stderr. */
export function stderrPath(folder: string): string {
  return join(folder, 'stderr.log');
}

/** The last 20 lines that a host wrote to stderr; none when its folder is gone. */
export function lastStderrLines(folder: string): string[] {
  const path = stderrPath(folder);
  if (!existsSync(path)) return [];
  const text = readFileSync(path).subarray(-keptBytes).toString('utf8');
  return text.split('\n').filter(hasText).slice(-keptLines);
}

/**
 * How often the kernel has killed a process of this cgroup for want of memory; undefined where
 * the cgroup does not say.
 */
export function countOomKills(): number | undefined {
  for (const path of ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control']) {
    const found = existsSync(path) && /^oom_kill (\d+)$/m.exec(readFileSync(path, 'utf8'));
    if (found) return Number(found[1]);
  }
  return undefined;
}

/** How a host ended, for the sentence `the host ...`. */
export function describeExit(exit: {
  readonly code: number | null;
  readonly signal: string | null;
  readonly oomKillsBefore: number | undefined;
}): string {
  if (exit.signal === null) return `ended with exit code ${exit.code}`;
  if (exit.signal !== 'SIGKILL') return `was ended by ${exit.signal}`;
  const now = countOomKills();
  if (now === undefined || exit.oomKillsBefore === undefined) {
    return 'was ended by SIGKILL (by a person, or out of memory)';
  }
  if (now > exit.oomKillsBefore) return 'was ended by SIGKILL: the kernel says out of memory';
  return 'was ended by SIGKILL, not for want of memory';
}

/** Leaves word in the host's folder, for the workers, of how the host ended. */
export function recordExit(folder: string, how: string): void {
  if (!existsSync(folder)) return;
  const path = exitPath(folder);
  writeFileSync(`${path}.part`, how);
  renameSync(`${path}.part`, path);
}

/** What is known of a host whose connection was lost. */
export interface Death {
  /** Its end is certain: nothing that is sent later can be answered. */
  readonly certain: boolean;
  readonly error: BenchError;
}

/**
 * Why a host's connection was lost. Waits for at most a second for word of how the process ended.
 */
export async function deathOf(folder: string, engine: string): Promise<Death> {
  for (let waitedMs = 0; waitedMs < exitNoticeMs; waitedMs += 5) {
    if (existsSync(exitPath(folder)) || !existsSync(folder)) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const known = existsSync(exitPath(folder));
  const how = known ? readFileSync(exitPath(folder), 'utf8') : unknownEnd(folder);
  const error = diedError(engine, how, lastStderrLines(folder));
  return { certain: known || !existsSync(folder), error };
}

/** The error for a host that ended: how, and its last words. */
export function diedError(engine: string, how: string, lines: readonly string[]): BenchError {
  const words =
    lines.length === 0 ? ', nothing on stderr' : `; last on stderr:\n${lines.join('\n')}`;
  return new BenchError('HOST_DIED', `the ${engine} engine host ${how}${words}`, {
    hint: how.includes('out of memory')
      ? 'use fewer rows, a smaller index, or a machine with more memory'
      : 'the lines above say what the engine did last; `bench doctor` tries the engine out',
  });
}

function unknownEnd(folder: string): string {
  return existsSync(folder) ? 'closed the connection' : 'was closed';
}

function exitPath(folder: string): string {
  return join(folder, 'exit');
}

function hasText(line: string): boolean {
  return line.trim() !== '';
}
