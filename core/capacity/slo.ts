import { BenchError } from '../errors.js';
import { suggestion } from '../nearest.js';

/** What a condition of an SLO is about, and which values it may take. */
interface Subject {
  readonly meaning: string;
  readonly operator: '<=' | '>=';
  /** What a unit multiplies a value by; `''` is a value without one. */
  readonly units: Readonly<Record<string, number>>;
  /** Of the value in its base unit. */
  readonly max: number;
}

const times = { us: 0.001, ms: 1, s: 1000 };
const shares = { '': 1, '%': 0.01 };
const percentiles = ['p50', 'p90', 'p95', 'p99', 'p999'] as const;

const latencyNames: readonly string[] = ['', 'service.'].flatMap((prefix) =>
  percentiles.map((name) => `${prefix}${name}`),
);

function latency(name: string, what: string): [string, Subject] {
  const meaning = `${name} of what ${what}, with us, ms or s`;
  return [name, { meaning, operator: '<=', units: times, max: 3_600_000 }];
}

const subjects: ReadonlyMap<string, Subject> = new Map([
  ...percentiles.map((name) => latency(name, 'a user waits from the moment the request was due')),
  ...percentiles.map((name) => latency(`service.${name}`, 'the store takes once it was asked')),
  ['recall', { meaning: 'recall@k', operator: '>=', units: shares, max: 1 }],
  ['ndcg', { meaning: 'NDCG@10', operator: '>=', units: shares, max: 1 }],
  ['errors', { meaning: 'share of failed requests', operator: '<=', units: shares, max: 1 }],
  ['qps', { meaning: 'queries a second', operator: '>=', units: { '': 1 }, max: 1e9 }],
] as [string, Subject][]);

/** One condition of an SLO. */
export interface Condition {
  /** `p99`, `service.p99`, `recall`, `ndcg`, `errors` or `qps`. */
  readonly metric: string;
  readonly operator: '<=' | '>=';
  /** Milliseconds, a fraction, or queries a second. */
  readonly limit: number;
  /** As it was written. */
  readonly text: string;
}

/** A service-level objective: all conditions hold, or it is not met. */
export interface Slo {
  /** As it was written. */
  readonly text: string;
  readonly conditions: readonly Condition[];
}

/** SLOs that production systems have published, by what they serve. */
export const sloPresets: Readonly<Record<string, string>> = {
  rag: 'p50<=142ms,ndcg>=0.78',
  'vector-search': 'p99<=87ms',
  features: 'p95<=8.2ms',
  'inference-records': 'p99<=8.7ms,errors<=0.002%',
};

/**
 * Reads an SLO: the name of a preset, or conditions with commas between, as
 * `p99<=20ms,recall>=0.95,errors<=0.1%`.
 *
 * @throws BenchError BAD_ARGUMENT with the column of the mistake, counted from 1
 */
export function parseSlo(given: string): Slo {
  const text = sloPresets[given.trim()] ?? given;
  const conditions: (Condition & { readonly column: number })[] = [];
  let column = 1;
  for (const part of text.split(',')) {
    const condition = { ...parseCondition(part, column), column };
    const earlier = conditions.find(({ metric }) => metric === condition.metric);
    if (earlier !== undefined) {
      throw mistake(column, `${condition.metric} has a limit already, at column ${earlier.column}`);
    }
    refusePointless(conditions, condition);
    conditions.push(condition);
    column += part.length + 1;
  }
  return { text, conditions: conditions.map(({ column: _, ...condition }) => condition) };
}

/** The condition on a metric, if the SLO has one. */
export function conditionOn({ conditions }: Slo, metric: string): Condition | undefined {
  return conditions.find((condition) => condition.metric === metric);
}

/** Requests behind a percentile below which it is not told: ten above it. */
const requestsOf: Readonly<Record<(typeof percentiles)[number], number>> = {
  p50: 100,
  p90: 100,
  p95: 200,
  p99: 1000,
  p999: 10_000,
};

/** Requests that a trial needs for every percentile of an SLO (methodology rule 4). */
export function requestsNeeded({ conditions }: Slo): number {
  const needed = conditions.map(({ metric }) => {
    const name = percentiles.find((percentile) => metric.endsWith(percentile));
    return name === undefined ? 0 : requestsOf[name];
  });
  return Math.max(100, ...needed);
}

/** A higher percentile is never lower: beside its limit a wider one of a lower says nothing. */
function refusePointless(
  earlier: readonly Condition[],
  condition: Condition & { readonly column: number },
): void {
  const place = (metric: string) => latencyNames.indexOf(metric);
  for (const other of earlier) {
    const pair = [other, condition].sort((a, b) => place(a.metric) - place(b.metric));
    const [lower, higher] = pair as [Condition, Condition];
    const isLatency = place(lower.metric) >= 0 && family(lower) === family(higher);
    if (!isLatency || lower.limit <= higher.limit) continue;
    const what = `${lower.text} contradicts ${higher.text}: ${higher.metric} is never below`;
    throw mistake(condition.column, `${what} ${lower.metric}`);
  }
}

function family({ metric }: Condition): string {
  return metric.startsWith('service.') ? 'service' : 'response';
}

const shape = /^(\s*)([a-z][a-z0-9.]*)?(\s*)(<=|>=|[<>=]+)?(\s*)([0-9.e+-]*)([^\s]*)\s*$/i;

function parseCondition(part: string, begin: number): Condition {
  const found = shape.exec(part);
  const [, before = '', metric = '', space = '', operator = '', gap = '', digits = '', unit = ''] =
    found ?? [];
  const at = begin + before.length;
  if (metric === '') throw mistake(at, `expected a metric, got ${quoted(part.trim())}`);
  const subject = subjectOf(metric, at);
  const atOperator = at + metric.length + space.length;
  if (operator !== subject.operator) {
    const got = operator === '' ? 'nothing' : operator;
    throw mistake(atOperator, `expected ${subject.operator} after ${metric}, got ${got}`);
  }
  const atValue = atOperator + operator.length + gap.length;
  const limit = limitOf({ metric, digits, unit, subject }, atValue);
  return { metric, operator: subject.operator, limit, text: part.trim() };
}

function subjectOf(metric: string, column: number): Subject {
  const subject = subjects.get(metric);
  if (subject !== undefined) return subject;
  const near = suggestion(metric, [...subjects.keys()]);
  throw mistake(column, `there is no metric ${metric}; ${near}`);
}

interface Written {
  readonly metric: string;
  readonly digits: string;
  readonly unit: string;
  readonly subject: Subject;
}

function limitOf({ metric, digits, unit, subject }: Written, column: number): number {
  const value = digits === '' ? Number.NaN : Number(digits);
  if (!Number.isFinite(value)) {
    throw mistake(column, `expected a number for ${metric}, got ${quoted(digits + unit)}`);
  }
  const factor = Object.hasOwn(subject.units, unit) ? subject.units[unit] : undefined;
  if (factor === undefined) {
    const units = Object.keys(subject.units).map((one) => (one === '' ? 'no unit' : one));
    const got = unit === '' ? 'no unit' : unit;
    throw mistake(
      column + digits.length,
      `expected ${units.join(' or ')} for ${metric}, got ${got}`,
    );
  }
  const limit = value * factor;
  if (limit < 0 || limit > subject.max) {
    throw mistake(
      column,
      `${metric} must be 0..${subject.max / factor}${unit}, got ${digits}${unit}`,
    );
  }
  return limit;
}

function quoted(text: string): string {
  return text === '' ? 'nothing' : `"${text}"`;
}

function mistake(column: number, what: string): BenchError {
  return new BenchError('BAD_ARGUMENT', `--slo: column ${column}: ${what}`, {
    hint: 'as --slo "p99<=20ms,recall>=0.95,errors<=0.1%"',
  });
}
