import type { Dataset } from '../dataset.js';
import { hashDataset, validateDataset } from '../dataset-check.js';
import { BenchError } from '../errors.js';
import type { JudgeInput } from '../measure/recall.js';
import { type Truth, tieFractionAt } from '../measure/truth.js';
import { loadTruth } from '../measure/truth-cache.js';
import type { DatasetShape, Plan } from '../plan.js';
import type { Progress } from '../progress.js';
import type { DatasetResult, Note } from '../result.js';

/** Neighbours that are kept of every query, so that runs with other k share a truth. */
const truthDepth = 100;

/** What preparing needs. */
export interface PrepareInput {
  readonly plan: Plan;
  readonly loadDataset: () => Promise<Dataset>;
  readonly cacheFolder: string;
  readonly progress: Progress;
}

/** A dataset that is loaded, checked and has its truth. */
export interface Prepared {
  readonly dataset: Dataset;
  readonly truth: Truth;
  readonly record: DatasetResult;
  /** What answers of k ids are judged against. */
  readonly judgeOf: (k: number) => JudgeInput;
}

/** The plan was made by what the dataset's entry says of it. */
function checkShape(dataset: Dataset, said: DatasetShape): void {
  const { base, queries } = dataset;
  const got = `${base.rows} x ${base.dimensions}, ${queries.rows} queries, ${dataset.metric}`;
  const expected = `${said.rows} x ${said.dimensions}, ${said.queries} queries, ${said.metric}`;
  if (got === expected) return;
  throw new BenchError('BAD_DATA', `dataset ${said.name} should hold ${expected}, it is ${got}`, {
    hint: 'the files belong to another data set; correct the entry or the files',
  });
}

/** Loads the dataset, checks its values, and loads or computes its ground truth. */
export async function prepareDataset(
  input: PrepareInput,
  warn: (note: Note) => void,
): Promise<Prepared> {
  const { plan, progress } = input;
  progress.phase(`load ${plan.dataset.name}`);
  const dataset = await input.loadDataset();
  checkShape(dataset, plan.dataset);
  const { duplicateRows } = validateDataset(dataset);
  const sha256 = hashDataset(dataset);
  const wanted = Math.max(truthDepth, ...plan.suite.streams.map(({ k }) => k));
  const k = Math.min(wanted, dataset.base.rows);
  progress.phase('ground truth');
  const truth = await loadTruth({
    dataset,
    sha256,
    k,
    cacheFolder: input.cacheFolder,
    onWarning: (message) => warn({ code: 'TRUTH_CACHE', message }),
  });
  const asked = Math.min(Math.max(...plan.suite.streams.map((stream) => stream.k)), k);
  const { metric, base, queries, judgments, name } = dataset;
  return {
    dataset,
    truth,
    record: {
      name,
      sha256,
      rows: base.rows,
      dimensions: base.dimensions,
      metric,
      queries: queries.rows,
      duplicateRows,
      truth: { k, method: truth.method, tieFraction: tieFractionAt(truth, asked) },
      ...(plan.dataset.licence === undefined ? {} : { licence: plan.dataset.licence }),
      ...(plan.dataset.source === undefined ? {} : { source: plan.dataset.source }),
    },
    judgeOf: (depth) => ({
      metric,
      base,
      queries,
      truth,
      k: depth,
      ...(judgments === undefined ? {} : { judgments }),
    }),
  };
}
