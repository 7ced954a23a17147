import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** What a `bench` that ended has left. */
export interface Ended {
  /** The exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a `bench` is started, and what its environment has beside this one's. */
export interface Surroundings {
  /** The caller's folder: relative paths belong to it. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A `bench` that runs in a process of its own. */
export interface BenchProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts `bench` as a person does, from the compiled tree that this file belongs to. */
export function startBench(args: readonly string[], { folder, env }: Surroundings): BenchProcess {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pieces = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on('data', (piece: Buffer) => pieces.stdout.push(piece));
  child.stderr.on('data', (piece: Buffer) => pieces.stderr.push(piece));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const [stdout = '', stderr = ''] = [pieces.stdout, pieces.stderr].map((all) =>
        Buffer.concat(all).toString('utf8'),
      );
      resolve({ code, stdout, stderr });
    });
  });
  return { child, ended };
}

/** Runs `bench` until it ends. */
export function runBench(args: readonly string[], surroundings: Surroundings): Promise<Ended> {
  return startBench(args, surroundings).ended;
}

/** Calls `work` with an empty folder, which is gone afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Options of `bench run` that make it short. */
export const shortRun: readonly string[] = [
  ...['--set', 'measure.durationS=0.05'],
  ...['--set', 'measure.warmUpS=0.02'],
  ...['--set', 'measure.sampleHz=0'],
  ...['--repeats', '1'],
];

/** The smallest run: the null store on siftsmall, 100 queries, two cells of a twentieth second. */
export const tinyRun: readonly string[] = [
  ...['run', '--suite', 'smoke', '--target', 'null'],
  ...shortRun,
];
