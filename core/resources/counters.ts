import { endianness } from 'node:os';
import { join } from 'node:path';
import { isAlive, readShortFile, readStat } from './process-stat.js';

/** What processes took so far, added up. */
export interface ProcessCounters {
  /** How many of them are alive. */
  readonly processes: number;
  /**
   * Processor time, user and system, told in steps of 10 ms each; that of children which they have
   * collected included, so that it does not shrink when a worker process ends.
   */
  readonly cpuUs: number;
  /**
   * Resident sets: pages that several processes share are in each. Some kernels add it up from
   * parts of each core, and this may be some MiB off on machines with many.
   */
  readonly rssBytes: number;
  /**
   * What they had the block layer fetch: not what the page cache held. Absent where one of them
   * may not be read. Collected children are included here too.
   */
  readonly readBytes?: number;
  /**
   * The pages that they dirtied and that are to go to a disk, when they dirtied them and whether or
   * not they have gone yet. Absent where one of them may not be read.
   */
  readonly writeBytes?: number;
  /** Page faults that had to wait for a disk, those of collected children included. */
  readonly majorFaults: number;
}

interface Counted {
  ticks: number;
  pages: number;
  majorFaults: number;
  readBytes: number | undefined;
  writeBytes: number | undefined;
}

/** Linux counts processor time in hundredths of a second for programs, whatever the kernel does. */
const usPerTick = 10_000;

/**
 * The cheap counters of processes, which may be read inside a window: three short files a process,
 * no page table is walked. Processes that ended meanwhile are left out, with what they took unless
 * their parent is among these and has collected them: a difference of two readings can be negative
 * then.
 *
 * @param pids each once, the descendants too where they are to be counted (`processTree`)
 * @param root of the file system that is read
 * @returns undefined where none of them is alive, or it cannot be read
 * @see proc_pid_stat(5), proc_pid_statm(5) and proc_pid_io(5)
 */
export function readCounters(pids: readonly number[], root = '/'): ProcessCounters | undefined {
  const bytesPerPage = pageBytes(root);
  if (bytesPerPage === undefined) return undefined;
  const counted = pids.flatMap((pid) => readProcess(pid, root) ?? []);
  if (counted.length === 0) return undefined;
  const total = (field: 'ticks' | 'pages' | 'majorFaults'): number =>
    counted.reduce((sum, process) => sum + process[field], 0);
  const readBytes = sumOfAll(counted.map((process) => process.readBytes));
  const writeBytes = sumOfAll(counted.map((process) => process.writeBytes));
  return {
    processes: counted.length,
    cpuUs: total('ticks') * usPerTick,
    rssBytes: total('pages') * bytesPerPage,
    ...(readBytes === undefined ? {} : { readBytes }),
    ...(writeBytes === undefined ? {} : { writeBytes }),
    majorFaults: total('majorFaults'),
  };
}

/** A sum of which a part is not known is not known. */
function sumOfAll(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce<number | undefined>(
    (sum, value) => (sum === undefined || value === undefined ? undefined : sum + value),
    0,
  );
}

function readProcess(pid: number, root: string): Counted | undefined {
  const folder = join(root, 'proc', `${pid}`);
  const io = readShortFile(join(folder, 'io'));
  const statm = readShortFile(join(folder, 'statm'));
  // Last, so that a process which ended meanwhile is not taken for one that may not be read.
  const stat = readStat(pid, root);
  if (stat === undefined || !isAlive(stat)) return undefined;
  return {
    ticks: stat.ticks,
    majorFaults: stat.majorFaults,
    pages: Number(statm?.split(' ', 2)[1]),
    readBytes: counter(io, 'read_bytes'),
    writeBytes: counter(io, 'write_bytes'),
  };
}

/** The number of a line `name: 123`. */
function counter(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const at = text.indexOf(`\n${name}: `);
  if (at < 0) return undefined;
  return Number.parseInt(text.slice(at + name.length + 3), 10);
}

/** The type of the entry with the size of a page, in the vector that a program starts with. */
const auxPageSize = 6n;

const pageBytesByRoot = new Map<string, number>();

/**
 * Bytes of a page of memory: 4096 on most machines, 16384 or 65536 on some with ARM and POWER.
 *
 * @see getauxval(3), AT_PAGESZ; proc_pid_auxv(5)
 */
function pageBytes(root: string): number | undefined {
  const known = pageBytesByRoot.get(root);
  if (known !== undefined) return known;
  const text = readShortFile(join(root, 'proc/self/auxv'));
  if (text === undefined) return undefined;
  const found = pageSizeIn(Buffer.from(text, 'latin1'));
  if (found !== undefined) pageBytesByRoot.set(root, found);
  return found;
}

/** Pairs of a type and a value, of 8 bytes each on the machines that Node runs on. */
function pageSizeIn(vector: Buffer): number | undefined {
  const word = (at: number): bigint =>
    endianness() === 'LE' ? vector.readBigUInt64LE(at) : vector.readBigUInt64BE(at);
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (word(at) === auxPageSize) return Number(word(at + 8));
  }
  return undefined;
}
