import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { codeOf } from '../errors.js';

/** A GPU of this machine. */
export interface Gpu {
  /** As NVML counts them, from 0; not always as CUDA does. */
  readonly index: number;
  readonly name: string;
  readonly driverVersion: string;
  readonly memoryBytes?: number;
}

/** What a GPU was doing when it was last looked at; what it does not tell is absent. */
export interface GpuReading {
  readonly index: number;
  /** Of the whole GPU, whoever holds it, in steps of 1 MiB. */
  readonly usedBytes?: number;
  /**
   * The part of the time, in [0, 1], in which at least one kernel ran, in steps of 0.01, over the
   * last period of the driver (1/6 s to 1 s). It says nothing of how much of the GPU they used.
   */
  readonly busyFraction?: number;
  /** Of the whole board; on recent ones the mean of the last second. */
  readonly powerW?: number;
}

/** The GPUs of this machine, or why they cannot be told. */
export interface GpuList {
  readonly gpus: readonly Gpu[];
  readonly problem?: string;
}

/** A watch on all GPUs of this machine. */
export interface GpuWatch {
  /** The process that watches: what it costs is the watcher's, neither store's nor client's. */
  readonly pid: number;
  /** The newest reading of each GPU, by index; empty before the first and after it ended. */
  latest(): readonly GpuReading[];
  /** Why it ended although it was not closed. */
  problem(): string | undefined;
  close(): Promise<void>;
}

const fields = [
  ...['index', 'name', 'driver_version', 'memory.used', 'memory.total'],
  ...['utilization.gpu', 'power.draw'],
];
const query = [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
const mebibyte = 1024 * 1024;

/** A line of the answer: what the GPU is, and what it was doing. */
export interface GpuLine {
  readonly gpu: Gpu;
  readonly reading: GpuReading;
}

/**
 * A line as nvidia-smi writes it with `csv,noheader,nounits`; what stands in brackets (`[N/A]`,
 * `[Not Supported]`) is absent.
 *
 * @returns undefined where it is none, as when it tells a problem
 * @see nvidia-smi(1), and `nvidia-smi --help-query-gpu`: memory in MiB, use in %, power in W
 */
export function parseGpuLine(line: string): GpuLine | undefined {
  const columns = line.split(',').map((column) => column.trim());
  if (columns.length !== fields.length) return undefined;
  const [index = '', name = '', driverVersion = '', ...figures] = columns;
  if (!/^\d+$/.test(index)) return undefined;
  const [used, total, busy, powerW] = figures.map(numberOf);
  return {
    gpu: {
      index: Number(index),
      name,
      driverVersion,
      ...(total === undefined ? {} : { memoryBytes: total * mebibyte }),
    },
    reading: {
      index: Number(index),
      ...(used === undefined ? {} : { usedBytes: used * mebibyte }),
      ...(busy === undefined ? {} : { busyFraction: busy / 100 }),
      ...(powerW === undefined ? {} : { powerW }),
    },
  };
}

function numberOf(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/**
 * The GPUs of this machine, for its description.
 *
 * @param command the program, nvidia-smi of the path when not given
 * @returns undefined where there is no such program; a problem where it failed, as without a driver
 */
export async function listGpus(command = 'nvidia-smi'): Promise<GpuList | undefined> {
  const child = await start(command, query);
  if (child === undefined) return undefined;
  const ended = once(child, 'close') as Promise<[number | null]>;
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const [code] = await ended;
  const gpus = lines.flatMap((line) => parseGpuLine(line)?.gpu ?? []);
  if (code === 0) return { gpus };
  return { gpus, problem: `nvidia-smi ended with ${code}: ${lines.at(0) ?? 'it said nothing'}` };
}

/**
 * Watches all GPUs: NVML's figures, by the program that comes with the driver.
 *
 * @param options how often it looks, 200 ms when not given; the program, as in {@link listGpus}
 * @returns undefined where there is no such program
 */
export async function startGpuWatch(
  options: { readonly intervalMs?: number; readonly command?: string } = {},
): Promise<GpuWatch | undefined> {
  const { intervalMs = 200, command = 'nvidia-smi' } = options;
  const child = await start(command, [...query, '-lms', `${intervalMs}`]);
  if (child === undefined) return undefined;
  const readings = new Map<number, GpuReading>();
  let problem: string | undefined;
  let closing = false;
  let said = 'it said nothing';
  const ended = once(child, 'close').then(([code, signal]) => {
    readings.clear();
    if (!closing) problem = `nvidia-smi ended with ${code ?? signal}: ${said}`;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reading = parseGpuLine(line)?.reading;
    if (reading === undefined) said = line;
    else readings.set(reading.index, reading);
  });
  return {
    pid: child.pid as number,
    latest: () => [...readings.values()].sort((a, b) => a.index - b.index),
    problem: () => problem,
    async close() {
      closing = true;
      child.kill();
      await ended;
    },
  };
}

type Program = ChildProcessByStdio<null, Readable, null>;

/** @returns once it runs; undefined where there is none that can be started */
async function start(command: string, args: readonly string[]): Promise<Program | undefined> {
  // What goes wrong nvidia-smi says on stdout.
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await once(child, 'spawn');
    return child;
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes(codeOf(error))) return undefined;
    throw error;
  }
}
