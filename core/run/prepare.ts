import type { Dataset } from '../dataset.js';
import { hashDataset, validateDataset } from '../dataset-check.js';
import { BenchError } from '../errors.js';
import type { Filter } from '../filter.js';
import type { JudgeInput } from '../measure/recall.js';
import { checkOfficialTruth, type Truth, tieFractionAt } from '../measure/truth.js';
import { loadTruth } from '../measure/truth-cache.js';
import type { DatasetShape, Plan } from '../plan.js';
import type { Progress } from '../progress.js';
import type { DatasetResult, Note } from '../result.js';
import { type FilteredTruths, filteredTruths, filterName } from './filtered-truth.js';

/** Neighbours that are kept of every query, so that runs with other k share a truth. */
const truthDepth = 100;
/** Share of a publisher's neighbours that may be farther than the truth. */
const mostWrong = 0.01;

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
  /** What answers of k ids are judged against, among the rows that meet a filter. */
  readonly judgeOf: (k: number, filter?: Filter) => JudgeInput;
  /** Of every filter of the plan. */
  readonly filtered: FilteredTruths;
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

/**
 * A publisher's neighbours must be near the vectors that came with them: some may differ by the
 * precision that they were computed with, many belong to other vectors or another metric.
 *
 * @param warn told of the few
 * @throws BenchError BAD_DATA when it is more than one in a hundred
 */
export function checkPublished(dataset: Dataset, truth: Truth, warn: (note: Note) => void): void {
  const { officialTruth, name, metric } = dataset;
  if (officialTruth === undefined) return;
  const wrong = checkOfficialTruth(dataset, truth);
  if (wrong === 0) return;
  const judged = officialTruth.queries * Math.min(officialTruth.k, truth.k);
  const message =
    `neighbours that came with ${name}: ${wrong} of ${judged} are not among the nearest under ` +
    `${metric}`;
  if (wrong > mostWrong * judged) {
    throw new BenchError('BAD_DATA', `${message}, at most ${mostWrong * 100} % may be`, {
      hint: 'they belong to other vectors, another order of rows, or another metric',
    });
  }
  warn({ code: 'TRUTH_DIFFERS', message });
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
  const { cacheFolder } = input;
  const onWarning = (message: string): void => warn({ code: 'TRUTH_CACHE', message });
  const truth = await loadTruth({ dataset, sha256, k, cacheFolder, onWarning });
  checkPublished(dataset, truth, warn);
  const common = { dataset, sha256, depth: k, cacheFolder, onWarning };
  const filtered = await filteredTruths(plan, common);
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
      elements: base.type,
      metric,
      queries: queries.rows,
      duplicateRows,
      truth: { k, method: truth.method, tieFraction: tieFractionAt(truth, asked) },
      ...(plan.dataset.licence === undefined ? {} : { licence: plan.dataset.licence }),
      ...(plan.dataset.source === undefined ? {} : { source: plan.dataset.source }),
    },
    judgeOf: (depth, filter) => {
      const own = filter === undefined ? undefined : filtered.get(filterName(filter));
      return {
        metric,
        base,
        queries,
        truth: own?.truth ?? truth,
        k: depth,
        ...(judgments === undefined ? {} : { judgments }),
        ...(own === undefined ? {} : { matches: own.matches }),
      };
    },
    filtered,
  };
}
