import { isDeepStrictEqual } from 'node:util';
import type { Hits, Metric, Parameters, ParameterValue, Store } from '../adapter.js';
import { BenchError } from '../errors.js';
import type { Filter } from '../filter.js';
import { takeRequest } from '../load/request-budget.js';
import { distance, norm, tolerance } from '../measure/distance.js';
import type { JudgeInput } from '../measure/recall.js';
import { type Payload, payloadRow } from '../payload.js';
import type { Target } from '../plan.js';
import { deriveSeed, seededRandom, shuffled } from '../random.js';
import { within } from '../time-limit.js';
import { vectorOf } from '../vectors.js';
import { type BuildContext, connect, type LiveBuild } from './build.js';
import { type Answer, meanRecall, suspicion } from './suspicion.js';

const sampleQueries = 100;
const sampleRows = 20;
const sampleFiltered = 20;

/** How many searches verifying an index takes. */
export function verifyingSearches(given: {
  /** Of the dataset. */
  readonly queries: number;
  /** That its streams have. */
  readonly filters: number;
  /** Stored rows must find themselves. */
  readonly selves: boolean;
}): { readonly least: number; readonly most: number } {
  const { queries, filters, selves } = given;
  const asked = Math.min(sampleQueries, queries) + filters * Math.min(sampleFiltered, queries);
  // The first row and the last are among them, drawn or not; of few rows all are.
  return { least: asked, most: selves ? asked + sampleRows + 2 : asked };
}

/** Whether stored rows must find themselves: a stand-in knows the dataset's queries only. */
export function verifiesSelves(metric: Metric, { adapter }: Target): boolean {
  return metric !== 'ip' && adapter.standIn !== true;
}

/** What a check needs. */
interface Check {
  readonly live: LiveBuild;
  readonly context: BuildContext;
  readonly judge: JudgeInput;
  readonly store: Store;
  readonly widest: Parameters;
  readonly columns: readonly string[];
}

/** What answers are judged against, and what of it is to be filtered. */
export interface Judging {
  readonly judge: JudgeInput;
  /** Of the streams that the store answers: each with what its answers are judged against. */
  readonly filters: readonly FilteredJudge[];
  /** That the streams get with the ids; none where they get none. */
  readonly columns?: readonly string[];
}

/** A filter, and what answers under it are judged against. */
export interface FilteredJudge {
  readonly filter: Filter;
  readonly judge: JudgeInput;
}

/**
 * Looks whether a finished index answers as it should, before anything is timed: row count, ids,
 * recall at the widest search parameters, the payload, filters that are met, rows that find
 * themselves, codes that are really used.
 *
 * @throws BenchError VERIFY_FAILED with what was expected and what came back
 */
export async function verify(
  live: LiveBuild,
  context: BuildContext,
  { judge, filters, columns = [] }: Judging,
): Promise<void> {
  const { planned } = live;
  const expected = context.dataset.base.rows;
  const rows = await live.store.vectors?.count();
  if (rows !== expected) fail(live, `it should hold ${expected} rows`, `it holds ${rows}`);
  const store = await connect(planned, context, 1);
  try {
    await store.vectors?.open(live.handle);
    const widest = widestSearch(planned.searches);
    const check = { live, context, judge, store, widest, columns };
    await checkRecall(check);
    for (const filter of filters) await checkFilter(check, filter);
    if (verifiesSelves(judge.metric, planned.target)) await checkSelves(check);
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

/** What is asked beside a vector. */
interface Asked {
  readonly row?: number;
  readonly filter?: Filter;
  readonly payload?: readonly string[];
}

async function ask(check: Check, vector: Float32Array, asked: Asked = {}): Promise<Int32Array> {
  const { store, widest, judge, live, context } = check;
  const vectors = store.vectors as NonNullable<Store['vectors']>;
  const request = { vector, k: judge.k, params: widest, ...asked };
  // A store that does not answer must not hold up the run.
  const what = `verifying ${live.planned.id}: no answer`;
  takeRequest(live.planned.target.budget);
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
  if (asked.payload !== undefined) checkPayload(check, hits, asked.payload);
  return ids;
}

/** What comes with the ids is what was stored with these rows. */
function checkPayload({ live, context }: Check, hits: Hits, names: readonly string[]): void {
  const { payload: stored = {} } = context.dataset;
  const columns = Object.fromEntries(names.map((name) => [name, stored[name]])) as Payload;
  const came = hits.ids.filter((id) => id >= 0);
  for (const [place, id] of came.entries()) {
    const expected = payloadRow(columns, id);
    const found = hits.payload?.[place];
    if (isDeepStrictEqual(found, expected)) continue;
    const shown = found === undefined ? 'none' : JSON.stringify(found);
    fail(live, `the payload of row ${id} is ${JSON.stringify(expected)}`, `got ${shown}`);
  }
}

async function checkRecall(check: Check): Promise<void> {
  const { live, judge, context, widest, columns } = check;
  const { support, params } = live.planned;
  const seed = deriveSeed(context.seed, `verify/${live.planned.id}`);
  const answers: Answer[] = [];
  for (const query of sample(judge.queries.rows, sampleQueries, seed)) {
    const isFirst = answers.length === 0;
    const payload = isFirst && columns.length > 0 ? { payload: columns } : {};
    const ids = await ask(check, vectorOf(live.queries, query), { row: query, ...payload });
    answers.push({ query, ids });
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
  if (support.compressed === true && !isRanked(params, widest) && recall === 1) {
    fail(
      live,
      `compressed codes that nothing ranks anew lose some neighbours ${at}`,
      `${got}: brute force?`,
    );
  }
}

/** Whether what codes find is ranked anew by better vectors. */
function isRanked({ refine }: Parameters, { kFactor, rescore }: Parameters): boolean {
  return refine !== undefined || kFactor !== undefined || rescore === true;
}

/** What comes under a filter must meet it, and of an exact index be all that there is. */
async function checkFilter(check: Check, { filter, judge }: FilteredJudge): Promise<void> {
  const { live, context } = check;
  const { matches = new Uint8Array(0) } = judge;
  const seed = deriveSeed(context.seed, `filter/${live.planned.id}`);
  const answers: Answer[] = [];
  const under = `under ${JSON.stringify(filter)}`;
  for (const query of sample(judge.queries.rows, sampleFiltered, seed)) {
    const asked = { row: query, filter };
    const ids = await ask({ ...check, judge }, vectorOf(live.queries, query), asked);
    const wrong = ids.find((id) => id >= 0 && matches[id] !== 1);
    if (wrong !== undefined) fail(live, `${under} every row must meet it`, `row ${wrong} does not`);
    answers.push({ query, ids });
  }
  const recall = meanRecall(judge, answers);
  if (live.planned.support.exact !== true || recall === 1) return;
  fail(live, `${under} an exact index must have recall@${judge.k} 1`, `got ${recall.toFixed(4)}`);
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
