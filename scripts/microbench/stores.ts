import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatContest } from '../../cli/calibration-table.js';
import { cacheFolder, describeTool } from '../../cli/caller.js';
import { loadTarget } from '../../cli/registry.js';
import type { Contest } from '../../core/calibrate/contest.js';
import { contests } from '../../core/calibrate/contests.js';
import { holdContest } from '../../core/calibrate/hold.js';
import { messageOf } from '../../core/errors.js';
import { silentProgress } from '../../core/progress.js';
import { print, roundsOf } from './runs.js';
import { loadBare, type StoreCase, type StoreOptions } from './stores-bare.js';
import { compareLoading } from './stores-loading.js';
import { compareSearches } from './stores-searches.js';

// A round of one transport takes half a minute.
const whole: StoreOptions = { rounds: roundsOf(5), warmUpS: 1, durationS: 2, rows: 19_500 };

/** Stores with a bare part: the files of `stores/`. */
export function bareNames(): string[] {
  const folder = fileURLToPath(new URL('./stores/', import.meta.url));
  return readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
}

/** What of `BENCH_STORES` has a bare part. */
export function askedNames(listed: string | undefined): string[] {
  const asked = (listed ?? '').split(',').map((name) => name.trim());
  return bareNames().filter((name) => asked.includes(name));
}

/** The transports of a store, each with its bare part. */
async function casesOf(name: string, options: StoreOptions): Promise<StoreCase[]> {
  const bare = await loadBare(name);
  const { adapter } = await loadTarget(name);
  const cases: StoreCase[] = [];
  for (const transport of adapter.transports) {
    if (bare.search[transport] === undefined) continue;
    const full = adapter.transports.length === 1 ? name : `${name}:${transport}`;
    cases.push({ name: full, transport, bare, target: await loadTarget(full), options });
  }
  return cases;
}

/** Why a store is not measured; undefined where it answers. */
async function whyNot({ target }: StoreCase): Promise<string | undefined> {
  const probe = await target.adapter.probe?.(target.options);
  return probe === undefined || probe.works ? undefined : probe.detail;
}

/**
 * What bench costs beside the client of a store alone, on servers that run: searches, the client's
 * processor time, and the loading of rows. Stores are those that `BENCH_STORES` lists and that
 * answer; others are named.
 */
export async function storeCosts(options: StoreOptions = whole): Promise<void> {
  const asked = askedNames(process.env.BENCH_STORES);
  if (asked.length === 0) print('stores', `BENCH_STORES lists none of ${bareNames().join(', ')}`);
  for (const name of asked) {
    for (const one of await casesOf(name, options)) await measureCase(one);
    for (const contest of contests) {
      if (contest.target === name) await settle(name, () => holdOn(contest, options));
    }
  }
}

/** One load worker beside native tools on a server that runs, with 50 connections. */
async function holdOn(contest: Contest, { rounds, warmUpS, durationS }: StoreOptions) {
  const held = await holdContest(contest, {
    conditions: { connections: 50, warmUpS, durationS },
    rounds,
    seed: 1,
    tool: describeTool(),
    loadTarget,
    cacheFolder: cacheFolder(),
    progress: silentProgress,
    signal: new AbortController().signal,
  });
  process.stdout.write(formatContest(held));
}

async function measureCase(one: StoreCase): Promise<void> {
  const reason = await whyNot(one);
  if (reason !== undefined) {
    print(one.name, `left out: ${reason}`);
    return;
  }
  for (const part of [compareSearches, compareLoading]) await settle(one.name, () => part(one));
}

/** What fails keeps nothing else from being measured. */
async function settle(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    print(name, `failed: ${messageOf(error)}`);
    process.exitCode = 1;
  }
}
