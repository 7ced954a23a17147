import { metrics } from '../metrics.js';
import { suggestion } from '../nearest.js';
import type { Figure, GateResult, Summary } from '../result.js';
import type { GateRule } from '../suite.js';

/** Repeats from which a gate on time or throughput may decide (methodology rule 27). */
const timeRepeats = 5;
const severity = ['pass', 'undecided', 'fail', 'no-data'] as const;

/** A sentence for each mistake in a suite's gates. */
export function checkGates(gates: readonly GateRule[], places: readonly string[]): string[] {
  return gates.flatMap((gate, index) => {
    const mistakes: string[] = [];
    const place = `gates[${index}]`;
    if (metrics[gate.metric] === undefined) {
      const near = suggestion(gate.metric, Object.keys(metrics));
      mistakes.push(`${place}.metric ${gate.metric} is not a metric; ${near}`);
    }
    if (gate.atLeast === undefined && gate.atMost === undefined) {
      mistakes.push(`${place} must have atLeast or atMost`);
    }
    for (const name of Object.keys(gate.where ?? {})) {
      if (places.includes(name)) continue;
      const near = suggestion(name, places);
      mistakes.push(`${place}.where.${name} is no parameter of this suite; ${near}`);
    }
    return mistakes;
  });
}

/** What `where` may name beside the parameters of the suite. */
export const gatePlaces = [
  'family',
  'target',
  'stream',
  'concurrency',
  'rateQps',
  'batch',
] as const;

/** Judges every gate over the summaries of a run: the worst that it names counts. */
export function judge(gates: readonly GateRule[], summaries: readonly Summary[]): GateResult[] {
  return gates.map((gate) => judgeOne(gate, summaries));
}

function judgeOne(gate: GateRule, summaries: readonly Summary[]): GateResult {
  const matched = summaries.filter((summary) => matches(gate, summary));
  const results = matched.map((summary) => judgeSummary(gate, summary));
  const base = {
    name: gate.name ?? nameOf(gate),
    metric: gate.metric,
    where: gate.where ?? {},
    ...(gate.atLeast === undefined ? {} : { atLeast: gate.atLeast }),
    ...(gate.atMost === undefined ? {} : { atMost: gate.atMost }),
  };
  const worst = results.sort((a, b) => rank(b) - rank(a) || a.margin - b.margin)[0];
  if (worst === undefined) {
    return { ...base, verdict: 'no-data', why: 'no summary matches what the gate names' };
  }
  const { margin, why, ...rest } = worst;
  const share = results.filter(({ verdict }) => verdict === worst.verdict).length;
  const many = results.length > 1 ? ` (${share} of ${results.length} summaries; the worst)` : '';
  return { ...base, ...rest, why: `${why}${many}` };
}

function rank({ verdict }: Judged): number {
  return severity.indexOf(verdict);
}

function nameOf(gate: GateRule): string {
  const where = Object.entries(gate.where ?? {}).map(([name, value]) => `${name} ${value}`);
  const limit = [
    ...(gate.atLeast === undefined ? [] : [`>= ${gate.atLeast}`]),
    ...(gate.atMost === undefined ? [] : [`<= ${gate.atMost}`]),
  ];
  return [`${gate.metric} ${limit.join(' and ')}`, ...where].join(', ');
}

function matches(gate: GateRule, summary: Summary): boolean {
  return Object.entries(gate.where ?? {}).every(([name, value]) => {
    const { family, target, stream, load, params, search } = summary;
    const fixed: Record<string, unknown> = {
      family,
      target,
      stream,
      concurrency: load.concurrency,
      rateQps: load.rateQps,
      batch: load.itemsPerRequest,
    };
    return (search[name] ?? params[name] ?? fixed[name]) === value;
  });
}

interface Judged {
  readonly verdict: GateResult['verdict'];
  readonly why: string;
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
  /** How far the near end of the interval is inside the limits; negative outside. */
  readonly margin: number;
}

/** Requests, over all repeats, from which a percentile is gated (methodology rule 4). */
function requestsNeeded(metric: string): number {
  if (metric.endsWith('P999')) return 100_000;
  return metric.endsWith('P99') ? 10_000 : 0;
}

function judgeSummary(gate: GateRule, summary: Summary): Judged {
  const figure = summary.metrics[gate.metric];
  if (summary.pacerLimited?.includes(gate.metric) === true && figure !== undefined) {
    const why = 'the pacer adds more than a tenth of it; measure.pacer=spin lags less';
    return { verdict: 'undecided', why, value: figure.median, margin: 0 };
  }
  const needed = requestsNeeded(gate.metric);
  if (figure?.requests !== undefined && figure.requests < needed) {
    const why = `it rests on ${figure.requests} requests; measure at least ${needed}`;
    return { verdict: 'undecided', why, value: figure.median, margin: 0 };
  }
  const judged = judgeFigure(gate, figure);
  const [reason] = summary.invalid ?? [];
  if (judged.verdict !== 'no-data' || reason === undefined) return judged;
  const why = `no repeat is valid, also when measured again: ${reason.message}`;
  return { verdict: 'undecided', why, margin: 0 };
}

/** A gate passes when the whole interval is inside the limits, and fails when it is outside. */
function judgeFigure(gate: GateRule, figure: Figure | undefined): Judged {
  if (figure === undefined) {
    return { verdict: 'no-data', why: `${gate.metric} was not measured`, margin: -Infinity };
  }
  const { median: value, low, high, values } = figure;
  if (low === undefined || high === undefined) {
    const why =
      values.length > 1
        ? 'there is no interval where a repeat is not above 0'
        : 'one repeat says nothing of the spread; measure at least 5';
    return { verdict: 'undecided', why, value, margin: 0 };
  }
  const { atLeast = -Infinity, atMost = Infinity } = gate;
  const found = { value, low, high, margin: Math.min(low - atLeast, atMost - high) };
  if (isTimed(gate.metric) && values.length < timeRepeats) {
    const why = `${values.length} repeats cannot decide on time; measure at least ${timeRepeats}`;
    return { verdict: 'undecided', why, ...found };
  }
  if (found.margin >= 0) {
    return { verdict: 'pass', why: 'the whole interval is inside the limit', ...found };
  }
  if (high < atLeast || low > atMost) {
    return { verdict: 'fail', why: 'the whole interval is outside the limit', ...found };
  }
  const why = 'the interval holds the limit; more queries or repeats would narrow it';
  return { verdict: 'undecided', why, ...found };
}

function isTimed(metric: string): boolean {
  const kind = metrics[metric]?.kind;
  return kind === 'time' || kind === 'rate' || kind === 'cost';
}
