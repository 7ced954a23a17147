import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** What /proc/PID/stat tells of a process, as far as it is used here. */
export interface ProcessStat {
  /** The program's name, cut to 15 bytes by the kernel. */
  readonly name: string;
  /** `Z` is one that ended and waits to be collected. */
  readonly state: string;
  readonly parent: number;
  /** In hundredths of a second: user and system, with those of the children it collected. */
  readonly ticks: number;
  /** Page faults that needed a disk, with those of the children it collected. */
  readonly majorFaults: number;
}

/** Longer than any of the files that are read into it in one go. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * The text of a short file of the kernel (at most 64 KiB), read in one go: three system calls, for
 * what is read many times next to a benchmark. One byte a character.
 *
 * @returns undefined where there is none, or none that may be read
 */
export function readShortFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // Not Linux, not allowed, or the process is gone: not measured, which the caller tells.
    return undefined;
  }
  try {
    const bytes = readSync(file, scratch, 0, scratch.length, null);
    return scratch.toString('latin1', 0, bytes);
  } catch {
    // The process ended after its file was opened (ESRCH).
    return undefined;
  } finally {
    closeSync(file);
  }
}

/**
 * @param root of the file system that is read
 * @returns undefined where the process is gone or cannot be read
 * @see proc_pid_stat(5): fields 2 (comm), 3 (state), 4 (ppid), 12 and 13 (faults), 14 to 17 (times)
 */
export function readStat(pid: number, root = '/'): ProcessStat | undefined {
  const text = readShortFile(join(root, 'proc', `${pid}`, 'stat'));
  if (text === undefined) return undefined;
  // The name may hold anything, blanks and brackets too.
  const nameEnd = text.lastIndexOf(')');
  const fields = text.slice(nameEnd + 2).split(' ');
  const sum = (from: number, to: number): number =>
    fields.slice(from, to).reduce((total, field) => total + Number(field), 0);
  return {
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    majorFaults: sum(9, 11),
    ticks: sum(11, 15),
  };
}

/** Whether a process still runs: one that only waits to be collected holds and does nothing. */
export function isAlive(stat: ProcessStat): boolean {
  return stat.state !== 'Z' && stat.state !== 'X';
}
