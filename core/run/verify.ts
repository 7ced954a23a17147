import type { Parameters, ParameterValue, Store } from '../adapter.js';
import { BenchError } from '../errors.js';
import { distance, norm, tolerance } from '../measure/distance.js';
import type { JudgeInput } from '../measure/recall.js';
import { deriveSeed, seededRandom, shuffled } from '../random.js';
import { within } from '../time-limit.js';
import { vectorOf } from '../vectors.js';
import { type BuildContext, connect, type LiveBuild } from './build.js';
import { type Answer, meanRecall, suspicion } from './suspicion.js';

const sampleQueries = 100;
const sampleRows = 20;

/** What a check needs. */
interface Check {
  readonly live: LiveBuild;
  readonly context: BuildContext;
  readonly judge: JudgeInput;
  readonly store: Store;
  readonly widest: Parameters;
}

/**
 * Looks whether a finished index answers as it should, before anything is timed: row count, ids,
 * recall at the widest search parameters, rows that find themselves, codes that are really used.
 *
 * @throws BenchError VERIFY_FAILED with what was expected and what came back
 */
export async function verify(
  live: LiveBuild,
  context: BuildContext,
  judge: JudgeInput,
): Promise<void> {
  const { planned } = live;
  const expected = context.dataset.base.rows;
  const rows = await live.store.vectors?.count();
  if (rows !== expected) fail(live, `it should hold ${expected} rows`, `it holds ${rows}`);
  const store = await connect(planned, context, 1);
  try {
    await store.vectors?.open(live.handle);
    const check = { live, context, judge, store, widest: widestSearch(planned.searches) };
    await checkRecall(check);
    // A stand-in knows the dataset's queries only.
    const standIn = planned.target.adapter.standIn === true;
    if (judge.metric !== 'ip' && !standIn) await checkSelves(check);
  } finally {
    await store.close();
  }
}

function fail(live: LiveBuild, expected: string, got: string): never {
  const { planned } = live;
  const index = `${planned.support.family} ${JSON.stringify(planned.params)}`;
  throw new BenchError('VERIFY_FAILED', `verifying ${planned.id} (${index}): ${expected}, ${got}`, {
    hint: 'its figures would be wrong, so it is not measured; check the store and its settings',
  });
}

/**
 * Of every search parameter that the suite asks for the value that finds most: the largest number,
 * `true`, or the first word.
 */
export function widestSearch(searches: readonly Parameters[]): Parameters {
  const widest: Record<string, ParameterValue> = {};
  for (const search of searches) {
    for (const [name, value] of Object.entries(search)) {
      widest[name] = wider(widest[name] ?? value, value);
    }
  }
  return widest;
}

function wider(before: ParameterValue, value: ParameterValue): ParameterValue {
  if (typeof value === 'number' && typeof before === 'number') return Math.max(before, value);
  return value === true ? value : before;
}

function sample(rows: number, wanted: number, seed: number): number[] {
  const all = Array.from({ length: Math.min(rows, wanted * 10) }, (_, index) =>
    Math.floor((index * rows) / Math.min(rows, wanted * 10)),
  );
  return shuffled(all, seededRandom(seed)).slice(0, wanted);
}

async function ask(check: Check, vector: Float32Array, row?: number): Promise<Int32Array> {
  const { store, widest, judge, live, context } = check;
  const vectors = store.vectors as NonNullable<Store['vectors']>;
  const request = { vector, k: judge.k, params: widest, ...(row === undefined ? {} : { row }) };
  // A store that does not answer must not hold up the run.
  const what = `verifying ${live.planned.id}: no answer`;
  const answer = vectors.search(vectors.prepareSearch(request));
  const hits = await within(context.timeoutNs, what, answer);
  const ids = hits.ids.slice(0, judge.k);
  const came = ids.filter((id) => id >= 0);
  if (new Set(came).size < came.length) fail(live, 'no id may repeat', `got ${ids.join(' ')}`);
  const strange = came.find((id) => id >= context.dataset.base.rows);
  if (strange !== undefined) {
    const why = strange === context.dataset.base.rows ? ': counted from 1?' : '';
    fail(live, `ids must be 0..${context.dataset.base.rows - 1}`, `got ${strange}${why}`);
  }
  return ids;
}

async function checkRecall(check: Check): Promise<void> {
  const { live, judge, context, widest } = check;
  const { support, params } = live.planned;
  const seed = deriveSeed(context.seed, `verify/${live.planned.id}`);
  const answers: Answer[] = [];
  for (const query of sample(judge.queries.rows, sampleQueries, seed)) {
    answers.push({ query, ids: await ask(check, vectorOf(live.queries, query), query) });
  }
  const recall = meanRecall(judge, answers);
  const at = `at ${JSON.stringify(widest)}`;
  const got = `got ${recall.toFixed(4)}`;
  if (support.exact === true && recall < 1) {
    const why = suspicion(judge, live.planned, answers);
    fail(live, `an exact index must have recall@${judge.k} 1`, `${got}${why}`);
  }
  const floor = Math.max(0.1, Math.min((20 * judge.k) / judge.base.rows, 0.5));
  if (recall < floor) {
    const why = suspicion(judge, live.planned, answers);
    fail(live, `recall@${judge.k} ${at} must be >= ${floor.toFixed(3)}`, `${got}${why}`);
  }
  const unrefined = support.compressed === true && params.refine === undefined;
  if (unrefined && recall === 1) {
    fail(
      live,
      `compressed codes without refine lose some neighbours ${at}`,
      `${got}: brute force?`,
    );
  }
}

/** Stored rows must be among their own neighbours; of compressed ones fewer are. */
async function checkSelves(check: Check): Promise<void> {
  const { live, context, judge } = check;
  const { base } = context.dataset;
  const seed = deriveSeed(context.seed, `selves/${live.planned.id}`);
  // Ids that are counted from 1 show at the last row, where they leave the rows.
  const rows = [...new Set([0, base.rows - 1, ...sample(base.rows, sampleRows, seed)])];
  let found = 0;
  for (const row of rows) {
    const own = vectorOf(base, row);
    const ids = await ask(check, live.record.normalisedBy === 'harness' ? unit(own) : own);
    if (ids.some((id) => id >= 0 && isSame(judge, own, vectorOf(base, id)))) found += 1;
  }
  const needed = Math.ceil(rows.length * (live.planned.support.compressed === true ? 0.25 : 0.5));
  if (found < needed) {
    fail(live, `of ${rows.length} stored rows ${needed} must find themselves`, `${found} did`);
  }
}

function unit(vector: Float32Array): Float32Array {
  const scale = 1 / norm(vector);
  return vector.map((value) => value * scale);
}

function isSame(judge: JudgeInput, own: Float32Array, other: Float32Array): boolean {
  const value = distance(judge.metric, own, other);
  const slack = tolerance(judge.metric, norm(own), norm(other));
  return judge.metric === 'l2' ? value <= slack : value >= 1 - slack;
}
