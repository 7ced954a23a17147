import type {
  Adapter,
  CollectionSpec,
  ConnectContext,
  IndexSupport,
  Metric,
  ParameterRule,
  Parameters,
  ParameterValue,
  SearchRequest,
} from '../../core/adapter.js';
import { withDefaults } from '../../core/plan/parameters.js';
import { vectorOf } from '../../core/vectors.js';
import { randomTable, slowNearest } from '../core/tables.js';

export const rows = 300;
export const queryCount = 12;
const dimensions = 8;

/** What is stored and asked. */
export const base = randomTable(rows, dimensions, 11);
export const queries = randomTable(queryCount, dimensions, 12);

/** What one store is tried with. */
export interface Trial {
  readonly adapter: Adapter;
  readonly adapterUrl: string;
  /** An embedded engine without a host of its own. */
  readonly inProcess: boolean;
  readonly support: IndexSupport;
  readonly metric: Metric;
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

export function specOf({ support, metric }: Trial): CollectionSpec {
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
  };
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
