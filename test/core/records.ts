import type { JournalHeader } from '../../core/journal.js';
import { addScore, emptyScores, type QueryScores } from '../../core/measure/scores.js';
import type { Build, Cell, Figure, OperationResult, Summary } from '../../core/result.js';

const load = {
  kind: 'closed' as const,
  concurrency: 1,
  workers: 1,
  connections: 1,
  itemsPerRequest: 1,
};

/** The first line of a journal. */
export function headerOf(change: Partial<JournalHeader> = {}): JournalHeader {
  return {
    type: 'header',
    runId: 'run-1',
    startedAt: '2026-01-01T00:00:00.000Z',
    suiteName: 'sample',
    suite: { title: 'a suite', measure: { repeats: 3 } },
    targets: [{ name: 'exact', adapter: 'exact' }],
    dataset: { name: 'small', sha256: 'aa' },
    seed: 1,
    keepIds: false,
    command: ['run', '--suite', 'sample'],
    tool: { name: 'storebench', version: '0.1.0' },
    environment: { node: 'v20' },
    ...change,
  };
}

/** A finished build. */
export function buildOf(change: Partial<Build> = {}): Build {
  return {
    id: 'b00-exact-flat',
    instance: 0,
    target: 'exact',
    dataset: 'small',
    index: { family: 'flat', params: {} },
    rows: 200,
    threads: 1,
    searchThreads: 1,
    seed: 1,
    normalisedBy: 'none',
    load: { batchSize: 200, concurrency: 1 },
    status: 'ready',
    phases: [{ name: 'insert', s: 1 }],
    buildS: 1,
    memory: { rawBytes: 6400 },
    warnings: [],
    ...change,
  };
}

/** What one operation of a cell measured. */
export function operationOf(change: Partial<OperationResult> = {}): OperationResult {
  const requests = { offered: 100, sent: 100, completed: 100, failed: 0, dropped: 0 };
  const service = { p50: 1, p90: 2, p95: 2, max: 3, mean: 1, count: 100 };
  return {
    requests,
    itemsPerRequest: 1,
    errors: {},
    throughputQps: 1000,
    requestsPerS: 1000,
    latencyMs: { service },
    violations: {},
    ...change,
  };
}

/** A complete cell with one stream. */
export function cellOf(change: Partial<Cell> = {}, operation = operationOf()): Cell {
  const timeline = { secondS: [], completed: [], failed: [], msP50: [], msP99: [] };
  const { repeat = 0 } = change;
  return {
    id: `b00-exact-flat-s0-l0-r${repeat}-a0`,
    key: 'key-a',
    build: 'b00-exact-flat',
    instance: 0,
    search: {},
    repeat,
    sequence: repeat,
    attempt: 0,
    startedAt: '2026-01-01T00:00:01.000Z',
    durationS: 1,
    status: 'complete',
    invalid: [],
    saturated: false,
    clientLimited: false,
    pacerLimited: false,
    warnings: [],
    events: [],
    streams: [{ name: 'search', load, operations: { search: operation }, timeline }],
    resources: { server: {}, client: {}, host: {} },
    ...change,
  };
}

/** A figure over repeats. */
export function figureOf(median: number, change: Partial<Figure> = {}): Figure {
  return { median, low: median, high: median, method: 'counted', values: [median], ...change };
}

/** A summary with the given metrics. */
export function summaryOf(
  metrics: Readonly<Record<string, Figure>>,
  change: Partial<Summary> = {},
): Summary {
  return {
    key: 'key-a',
    target: 'exact',
    dataset: 'small',
    build: 'b00-exact-flat',
    family: 'flat',
    params: {},
    search: {},
    load,
    stream: 'search',
    operation: 'search',
    validRepeats: 3,
    repeats: 3,
    clientLimited: false,
    metrics: { ...metrics },
    ...change,
  };
}

/** Scores with one answer for each given query. */
export function scoresOf(queries: number, recalls: Readonly<Record<number, number>>): QueryScores {
  const scores = emptyScores(queries);
  for (const [name, value] of Object.entries(recalls)) {
    const query = Number(name);
    scores.count[query] = 1;
    addScore(scores, 'recall', { query, value });
    addScore(scores, 'byId', { query, value: value / 2 });
    scores.ids += 10;
    scores.asked += 10;
  }
  return scores;
}
