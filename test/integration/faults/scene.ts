import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowNs } from '../../../core/clock.js';
import type { Cell, Run } from '../../../core/result.js';
import { callBench } from '../../cli/bench-call.js';
import { type Ended, runBench } from '../../cli/bench-process.js';
import { writeFiles } from '../../cli/own-files.js';

/** A target of a file of targets: its name, adapter and options. */
export interface FaultTarget {
  readonly adapter: string;
  readonly options?: object;
  readonly inProcess?: boolean;
}

/** What a run is made of, beside its defaults. */
export interface FaultRun {
  readonly folder: string;
  readonly targets: Readonly<Record<string, FaultTarget>>;
  readonly rows?: number;
  readonly dimensions?: number;
  readonly families?: readonly string[];
  readonly queries?: number;
  readonly durationS?: number;
  readonly timeoutS?: number;
  readonly repeats?: number;
  readonly concurrency?: number;
  /** Further options of `bench run`. */
  readonly options?: readonly string[];
}

/** How a run ended. */
export interface EndedRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly run: Run;
  readonly tookS: number;
}

function filesOf(asked: FaultRun): Record<string, string> {
  const { rows = 1000, dimensions = 16, families = ['hnsw'], queries = 20 } = asked;
  const { durationS = 0.5, timeoutS = 1, repeats = 1, concurrency = 2 } = asked;
  const suite = {
    title: 'Faults',
    dataset: `sphere:rows=${rows},dimensions=${dimensions},queries=${queries}`,
    targets: Object.keys(asked.targets),
    indexes: families.map((family) => ({ family })),
    streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency }] }],
    measure: { warmUpS: 0, durationS, repeats, timeoutS, sampleHz: 0, buildThreads: 1 },
  };
  return {
    'suite.yaml': JSON.stringify(suite),
    'targets.yaml': JSON.stringify({ targets: asked.targets }),
  };
}

/** The arguments of a run, whose files are written. */
export function argumentsOf(asked: FaultRun): string[] {
  writeFiles(asked.folder, filesOf(asked));
  const args = ['run', '--suite', 'suite.yaml', '--targets', 'targets.yaml', '--out', 'out'];
  return [...args, ...(asked.options ?? []), '--quiet'];
}

/** Runs `bench run` on targets, in this process, whatever comes of it. */
export function callRun(asked: FaultRun): Promise<{ code: number; stderr: string }> {
  return callBench(argumentsOf(asked), asked);
}

/** Runs `bench run` on targets, in this process, which leaves a result. */
export async function runFaults(asked: FaultRun): Promise<EndedRun> {
  return call(asked.folder, argumentsOf(asked));
}

/** The same in a process of its own, which has to end by itself. */
export function runFaultsApart(asked: FaultRun): Promise<EndedRun> {
  const { folder } = asked;
  return resultOf(folder, runBench(argumentsOf(asked), { folder }));
}

/** Goes on with a run. */
export function resume(folder: string): Promise<EndedRun> {
  return call(folder, ['run', '--resume', 'out', '--quiet']);
}

function call(folder: string, args: readonly string[]): Promise<EndedRun> {
  return resultOf(folder, callBench(args, { folder }));
}

async function resultOf(folder: string, called: Promise<Ended>): Promise<EndedRun> {
  const beganNs = nowNs();
  const { code, stdout, stderr } = await called;
  const tookS = (nowNs() - beganNs) / 1e9;
  const file = join(folder, 'out', 'run.json');
  assert.ok(existsSync(file), `${stderr}${stdout}`);
  const run = JSON.parse(readFileSync(file, 'utf8')) as Run;
  return { code, stdout, stderr, tookS, run };
}

/** The cells of a target. */
export function cellsOf(run: Run, target: string): Cell[] {
  const builds = run.builds.filter((one) => one.target === target).map(({ id }) => id);
  return run.cells.filter(({ build }) => builds.includes(build));
}

/** How often each error came, in all of a target's cells. */
export function errorsOf(run: Run, target: string): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { streams } of cellsOf(run, target)) {
    for (const { operations } of streams) {
      for (const [code, count] of Object.entries(operations.search?.errors ?? {})) {
        all[code] = (all[code] ?? 0) + count;
      }
    }
  }
  return all;
}

/** Waits until the journal of a run has so many lines of a kind. */
export async function untilJournal(folder: string, type: string, count: number): Promise<void> {
  const file = join(folder, 'out', 'journal.ndjson');
  await until(`${count} lines of ${type}`, async () => {
    if (!existsSync(file)) return false;
    return readFileSync(file, 'utf8').split(`"type":"${type}"`).length > count;
  });
}

/** Waits until something is so. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < 20_000; waitedMs += 10) {
    if (await isSo()) return;
    await sleep(10);
  }
  assert.fail(`waited in vain: ${what}`);
}
