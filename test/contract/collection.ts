import type {
  Adapter,
  CollectionSpec,
  ConnectContext,
  IndexSupport,
  Metric,
  ParameterRule,
  Parameters,
  ParameterValue,
  PayloadField,
  SearchRequest,
} from '../../core/adapter.js';
import { type Payload, payloadSlice } from '../../core/payload.js';
import { withDefaults } from '../../core/plan/parameters.js';
import { vectorOf } from '../../core/vectors.js';
import { randomTable, slowNearest } from '../core/tables.js';

export const rows = 300;
export const queryCount = 12;
const dimensions = 8;

/** What is stored and asked. */
export const base = randomTable(rows, dimensions, 11);
export const queries = randomTable(queryCount, dimensions, 12);

const wholeNumbers = Float64Array.from({ length: rows }, (_, row) => {
  return row % 10 === 3 ? Number.NaN : 1900 + ((row * 37) % 120);
});
const fractions = Float64Array.from({ length: rows }, (_, row) => ((row * 53) % 97) / 8 - 4);
const truths = Int8Array.from({ length: rows }, (_, row) => (row % 3) - 1);
const words = ["it's", 'a "b"', 'tag-one', 'Größe', '{x}|y', 'back\\slash', 'two words'];
const colours = ['red', 'green', "o'blue", 'Science Fiction'];

/** Columns of every type; some rows lack a value of each but one. */
export const payload: Payload = {
  colour: {
    type: 'category',
    categories: colours,
    codes: shared(
      Int32Array.from({ length: rows }, (_, row) => (row % 7 === 0 ? -1 : row % colours.length)),
    ),
  },
  year: { type: 'integer', values: shared(wholeNumbers) },
  score: { type: 'float', values: shared(fractions) },
  isOld: { type: 'boolean', values: shared(truths) },
  word: {
    type: 'text',
    values: Array.from({ length: rows }, (_, row) =>
      row % 11 === 0 ? undefined : words[row % words.length],
    ),
  },
};

function shared<T extends Int32Array | Float64Array | Int8Array>(values: T): never {
  const memory = new SharedArrayBuffer(values.byteLength);
  const copy = new (values.constructor as new (memory: SharedArrayBuffer) => T)(memory);
  copy.set(values as never);
  return copy as never;
}

/** What one store is tried with. */
export interface Trial {
  readonly adapter: Adapter;
  readonly adapterUrl: string;
  /** An embedded engine without a host of its own. */
  readonly inProcess: boolean;
  readonly support: IndexSupport;
  readonly metric: Metric;
  /** Of the target; its defaults when not given. */
  readonly options?: unknown;
}

function sampleValue(rule: ParameterRule): ParameterValue | undefined {
  if (rule.type === 'choice') return rule.choices?.[0];
  if (rule.type === 'boolean') return true;
  if (rule.type === 'text') return undefined;
  const most = typeof rule.max === 'number' ? rule.max : 4;
  return Math.min(Math.max(rule.min ?? 1, 4), most);
}

/** Values for what an index family requires; undefined where only a person could choose one. */
export function sampleParams(support: IndexSupport): Parameters | undefined {
  const params: Record<string, ParameterValue> = {};
  for (const [name, rule] of Object.entries(support.params)) {
    if (rule.required !== true) continue;
    const value = sampleValue(rule);
    if (value === undefined) return undefined;
    params[name] = value;
  }
  return withDefaults(support.params, params);
}

export function specOf({ adapter, support, metric }: Trial): CollectionSpec {
  return {
    name: 'contract',
    rows,
    dimensions,
    metric,
    elements: 'f32',
    family: support.family,
    params: sampleParams(support) ?? {},
    buildThreads: 1,
    searchThreads: 1,
    seed: 1,
    ...(fieldsOf(adapter).length > 0 && { payload: fieldsOf(adapter) }),
  };
}

/** The columns that a store takes; filters look at all of them. */
export function fieldsOf({ payload: support }: Adapter): PayloadField[] {
  return Object.entries(payload)
    .filter(([, { type }]) => support?.types.includes(type) === true)
    .map(([name, { type }]) => ({ name, type, indexed: true }));
}

/** What is stored of a part of the rows beside their vectors. */
export function payloadOf(adapter: Adapter, from: number, count: number): Payload {
  const taken = fieldsOf(adapter).map(({ name }) => [name, payload[name]]);
  return payloadSlice(Object.fromEntries(taken) as Payload, from, count);
}

/** The id of a row: not its number, but for stand-ins, which answer from the truth. */
export function idOf({ adapter }: Trial, row: number): number {
  return adapter.standIn === true ? row : 3 * row + 7;
}

const rankings = new Map<string, readonly number[]>();

/** All rows by their distance from a query, which are compared once for all stores. */
function rankingOf(metric: Metric, query: number): readonly number[] {
  const key = `${metric} ${query}`;
  const known = rankings.get(key) ?? slowNearest({ metric, base }, vectorOf(queries, query), rows);
  rankings.set(key, known);
  return known;
}

/** The ids of the nearest rows by comparing all of them. */
export function expectedIds(trial: Trial, query: number, k: number): number[] {
  const nearest = rankingOf(trial.metric, query).slice(0, k);
  return nearest.map((row) => idOf(trial, row));
}

export function requestOf(trial: Trial, query: number, k: number): SearchRequest {
  const params = withDefaults(trial.support.search, {}, specOf(trial).params);
  return { vector: vectorOf(queries, query), k, params, row: query };
}

export function contextOf(trial: Trial): ConnectContext {
  const context = {
    namespace: 'bench_contract',
    connections: 4,
    timeoutNs: 20e9,
    signal: new AbortController().signal,
    log: () => undefined,
  };
  if (trial.adapter.standIn !== true) return context;
  const truth = Array.from({ length: queryCount }, (_, query) => expectedIds(trial, query, rows));
  return { ...context, truth: { k: rows, ids: Int32Array.from(truth.flat()) } };
}
