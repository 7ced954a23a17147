import { randomBytes } from 'node:crypto';
import type { Dataset } from '../dataset.js';
import { BenchError, type ErrorCode, exitCodeOf } from '../errors.js';
import { LoadCrew, rehearsalOf } from '../load/crew.js';
import { makePlan, type Plan, type PlannedBuild, type PlannedCell, type Target } from '../plan.js';
import { silentProgress } from '../progress.js';
import type { Cell, Note } from '../result.js';
import { type BuildContext, build, type LiveBuild } from '../run/build.js';
import { measureCell } from '../run/measure-cell.js';
import { type Prepared, prepareDataset } from '../run/prepare.js';
import { syntheticDataset } from '../selftest/synthetic.js';
import type { Suite } from '../suite.js';
import { nsPerS } from '../units.js';
import { float32Table } from '../vectors.js';
import type { Conditions, Contestant, ContestInput, Measurement } from './contest.js';
import { own } from './rounds.js';

/** A store that is filled and can be asked, by bench and by others. */
export interface BenchSide {
  readonly live: LiveBuild;
  /** By the load workers, as `bench run` measures a cell. */
  measure(): Promise<Measurement>;
  /** Closes the store, with the server where it has one of its own. */
  close(): Promise<void>;
}

/** What a store is filled with, and what it is asked. */
export interface Held {
  readonly dataset: Dataset;
  /** Ids that every request asks for. */
  readonly k: number;
}

/** Neighbours that every request asks the null store for. */
export const askedK = 10;
const timeoutS = 10;
// As a run that keeps no ids.
const maxJudged = 100_000;

/** One query, so that all requests are the same bytes. */
export function oneQuery(): Held {
  const queries = float32Table(new Float32Array(new SharedArrayBuffer(4)), 1);
  return { dataset: { ...syntheticDataset(), queries }, k: askedK };
}

/** As many rows as queries, each of which is answered by the row of its number. */
export function rowByRow(rows: number): Held {
  const line = Float32Array.from({ length: rows }, (_, row) => row);
  const data = new Float32Array(new SharedArrayBuffer(line.byteLength));
  data.set(line);
  const base = float32Table(data, 1);
  return { dataset: { name: 'synthetic', metric: 'l2', base, queries: base }, k: 1 };
}

/**
 * Opens a store and fills it, as `bench run` does.
 *
 * @throws BenchError of the store's own code when it cannot be opened or filled
 */
export async function openBench(
  target: Target,
  input: ContestInput,
  held: Held,
): Promise<BenchSide> {
  const { cacheFolder, signal, seed } = input;
  const plan = planOf(target, input, held);
  const loadDataset = async () => held.dataset;
  const prepared = await prepareDataset(
    { plan, loadDataset, cacheFolder, progress: silentProgress },
    () => undefined,
  );
  const context: BuildContext = {
    // Two that calibrate on one server at a time keep out of each other's way.
    runId: `calibrate_${randomBytes(4).toString('hex')}`,
    dataset: prepared.dataset,
    seed,
    buildThreads: 1,
    searchThreads: 1,
    timeoutNs: timeoutS * nsPerS,
    truth: prepared.truth,
    signal,
    progress: silentProgress,
  };
  const live = await build(plan.builds[0] as PlannedBuild, context, 0);
  if (!('store' in live)) throw notOpened(target, live.record.failure);
  return {
    live,
    measure: () => measure({ plan, prepared, context, live }),
    close: () => live.close(),
  };
}

/** Bench as one who takes part. */
export function benchContestant({ measure: play }: BenchSide, { tool }: ContestInput): Contestant {
  return {
    name: own,
    title: own,
    definitions: [],
    find: async () => ({ version: [tool.version, tool.commit].filter(Boolean).join(' ') }),
    measure: play,
  };
}

function notOpened({ name, adapterName }: Target, failure: Note | undefined): BenchError {
  const { code = 'STORE_FAILED', message = 'no reason was given' } = failure ?? {};
  const known = code in exitCodeOf ? (code as ErrorCode) : 'STORE_FAILED';
  const hint = failure?.hint ?? 'bench doctor shows what does not work here';
  const where = message.startsWith(adapterName) ? '' : `${name}: `;
  return new BenchError(known, `calibrate: ${where}${message}`, { hint: String(hint) });
}

/** What is measured, and on what. */
interface Stage {
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly context: BuildContext;
  readonly live: LiveBuild;
}

/** With new workers each time: as the other contestants, they come with nothing compiled. */
async function measure({ plan, prepared, context, live }: Stage): Promise<Measurement> {
  const crew = new LoadCrew();
  try {
    const { cell } = await measureCell(plan.cells[0] as PlannedCell, {
      live,
      prepared,
      plan,
      build: context,
      crew,
      attempt: 0,
      maxJudged,
      lost: undefined,
      isolated: false,
      signal: context.signal,
    });
    return measurementOf(cell);
  } finally {
    await crew.close();
  }
}

/** What a calibration says of the machine; the rest is of the client, which is to be busy. */
const ofMachine: readonly string[] = ['HOST_STEAL', 'FOREIGN_CPU'];

/** The figures of a cell with one stream of searches under a closed load. */
export function measurementOf(cell: Cell): Measurement {
  const operation = cell.streams[0]?.operations.search;
  if (operation === undefined || cell.status !== 'complete') {
    const firstError = cell.failure?.message ?? 'it was not measured';
    return { requests: 0, requestsPerS: 0, errors: 1, firstError };
  }
  const { requests, requestsPerS, latencyMs, errors } = operation;
  const { service } = latencyMs;
  const clientCpuUs = cell.resources.client.cpuUsPerRequest;
  const codes = Object.keys(errors).join(', ');
  return {
    requests: requests.completed,
    requestsPerS,
    ...(service === undefined ? {} : { msP50: service.p50 }),
    ...(service?.p99 === undefined ? {} : { msP99: service.p99 }),
    ...(clientCpuUs === undefined ? {} : { clientCpuUs }),
    errors: requests.failed,
    ...(codes === '' ? {} : { firstError: codes }),
    warnings: cell.warnings.filter(({ code }: Note) => ofMachine.includes(code)),
  };
}

function planOf(target: Target, { conditions, seed }: ContestInput, held: Held): Plan {
  const { connections, durationS } = conditions;
  const { dataset: data, k } = held;
  const suite: Suite = {
    title: 'calibration',
    dataset: 'synthetic',
    targets: [target.name],
    indexes: [{ family: 'flat' }],
    streams: [{ operation: 'search', k, load: [{ kind: 'closed', concurrency: connections }] }],
    measure: { warmUpS: ownWarmUpS(conditions), durationS, repeats: 1, timeoutS, workers: 1 },
  };
  const { name, metric, base, queries } = data;
  const { rows, dimensions } = base;
  const dataset = { name, metric, rows, dimensions, queries: queries.rows };
  return makePlan({ suiteName: 'calibrate', suite, dataset, targets: [target], seed });
}

/** A new worker warms up for longer than it is told: both together are the contest's warm-up. */
function ownWarmUpS({ warmUpS, durationS }: Conditions): number {
  return Math.max(warmUpS - rehearsalOf(durationS * nsPerS) / nsPerS, 0);
}
