import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Run, Summary } from '../../core/result.js';
import { readRun } from '../../core/run/store.js';

/** The command line of bench. */
export const benchProgram = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/**
 * How often two things are measured in turn: one pair in three may fall into a noisy moment.
 *
 * @param usual where BENCH_MICROBENCH_ROUNDS does not say fewer, to see that all of it works
 */
export function roundsOf(usual: number): number {
  const asked = Number(process.env.BENCH_MICROBENCH_ROUNDS ?? usual);
  return Number.isInteger(asked) && asked >= 2 ? Math.min(asked, usual) : usual;
}

/** Of most comparisons. */
export const rounds = roundsOf(7);

/** Prints one figure. */
export function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(72)} ${value}\n`);
}

/** What is measured: a suite, changed. */
export interface Measurement {
  readonly suite: string;
  readonly settings: readonly string[];
  /** Without an engine host. */
  readonly inProcess?: boolean;
  /** 3 when not given. */
  readonly repeats?: number;
  /** The one core that everything is to run on (taskset of util-linux); any when not given. */
  readonly core?: number;
}

/** The arguments of a `bench run` into a folder. */
export function argumentsOf(measurement: Measurement, out: string): string[] {
  const { suite, settings, repeats = 3, inProcess = false } = measurement;
  const sets = settings.flatMap((setting) => ['--set', setting]);
  const options = ['--quiet', '--json', '--repeats', `${repeats}`, '--out', out];
  const where = inProcess ? ['--in-process'] : [];
  return [benchProgram, 'run', '--suite', suite, ...options, ...where, ...sets];
}

/** Calls `work` with a folder that does not exist yet, and removes it afterwards. */
export async function withOut<T>(work: (out: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-micro-'));
  try {
    return await work(join(folder, 'run'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a suite of one cell or a few in a process of its own, and gives the stored run. */
export function measure(measurement: Measurement): Promise<Run> {
  return withOut((out) => {
    const { core } = measurement;
    const held = core === undefined ? [] : ['taskset', '--cpu-list', String(core)];
    const [program = '', ...args] = [...held, process.execPath, ...argumentsOf(measurement, out)];
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    return readRun(out);
  });
}

/** The median of a metric. */
export function value(summary: Summary | undefined, metric: string): number {
  const figure = summary?.metrics[metric];
  if (figure === undefined) throw new Error(`${metric} was not measured`);
  return figure.median;
}
