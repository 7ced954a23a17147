import { join } from 'node:path';
import exact from '../../../adapters/exact.js';
import nullAdapter from '../../../adapters/null.js';
import type { Dataset } from '../../../core/dataset.js';
import { makePlan, type Target } from '../../../core/plan.js';
import { silentProgress } from '../../../core/progress.js';
import type { Run } from '../../../core/result.js';
import { type RunInput, run } from '../../../core/run.js';
import type { Suite } from '../../../core/suite.js';
import faulty, { type Fault } from '../../fixtures/adapters/faulty.js';
import troubled, { type Trouble } from '../../fixtures/adapters/troubled.js';
import { smallDataset } from '../tables.js';

const urlOf = (path: string): string => new URL(path, import.meta.url).href;

export const exactTarget: Target = {
  name: 'exact',
  adapterName: 'exact',
  adapter: exact,
  adapterUrl: urlOf('../../../adapters/exact.js'),
  options: {},
  inProcess: true,
};

export const nullTarget: Target = {
  name: 'null',
  adapterName: 'null',
  adapter: nullAdapter,
  adapterUrl: urlOf('../../../adapters/null.js'),
  options: {},
  inProcess: true,
};

/** The exact store with a fault. */
export function faultyTarget(fault: Fault): Target {
  return {
    name: fault,
    adapterName: 'faulty',
    adapter: faulty,
    adapterUrl: urlOf('../../fixtures/adapters/faulty.js'),
    options: { fault },
    inProcess: true,
  };
}

export const smallSuite: Suite = {
  title: 'small',
  dataset: 'small',
  targets: ['exact'],
  indexes: [{ family: 'flat' }],
  streams: [{ operation: 'search', k: 10, load: [{ kind: 'closed', concurrency: 1 }] }],
  // A thread that samples would take longer to start than a cell.
  measure: { warmUpS: 0, durationS: 0.05, repeats: 1, timeoutS: 0.05, sampleHz: 0 },
};

/** What a small run is made of, beside its defaults. */
export interface SmallRun {
  readonly folder: string;
  readonly targets?: readonly Target[];
  readonly suite?: Partial<Suite>;
  readonly dataset?: Dataset;
  readonly seed?: number;
  readonly aa?: boolean;
  readonly input?: Partial<RunInput>;
}

/** Runs the suite on 200 rows in memory. */
export function runSmall(small: SmallRun): Promise<Run> {
  const { folder, targets = [exactTarget], dataset = smallDataset() } = small;
  const { base, queries, metric, name, payload = {} } = dataset;
  const types = Object.entries(payload).map(([column, { type }]) => [column, type]);
  const plan = makePlan({
    suiteName: 'small',
    suite: { ...smallSuite, ...small.suite },
    dataset: {
      name,
      metric,
      rows: base.rows,
      dimensions: base.dimensions,
      queries: queries.rows,
      payload: Object.fromEntries(types),
    },
    targets,
    seed: small.seed ?? 1,
    aa: small.aa === true,
  });
  return run({
    plan,
    suiteName: 'small',
    targets,
    loadDataset: async () => dataset,
    folder,
    runId: 'run-1',
    resume: false,
    keepIds: false,
    isolate: undefined,
    onStoreLost: 'continue',
    command: ['run', '--suite', 'small'],
    tool: { name: 'storebench', version: '0.0.0' },
    cacheFolder: join(folder, 'cache'),
    progress: silentProgress,
    signal: new AbortController().signal,
    ...small.input,
  });
}

/** The exact store as a server in trouble. */
export function troubledTarget(trouble: Trouble): Target {
  return {
    name: trouble,
    adapterName: 'troubled',
    adapter: troubled,
    adapterUrl: urlOf('../../fixtures/adapters/troubled.js'),
    options: { trouble },
    inProcess: true,
  };
}
