import { messageOf } from '../core/errors.js';
import { keepNoise, knownNoise, noiseProfile, overPoints } from '../core/noise/profile.js';
import type { MetricNoise, Noise, NoiseProfile } from '../core/result/noise.js';
import type { Run } from '../core/result.js';
import { formatNumber } from '../core/units.js';
import { type Column, formatTable } from './table.js';

/** No run has more. */
const mostPairs = 100;

const headlines: Readonly<Record<string, string>> = {
  throughputQps: 'QPS',
  serviceMsP50: 'service p50',
  serviceMsP99: 'service p99',
  responseMsP50: 'response p50',
  responseMsP99: 'response p99',
};

interface Row {
  readonly metric: string;
  readonly points: readonly Noise[];
  readonly over: MetricNoise;
}

interface Part extends Column {
  readonly cell: (row: Row) => string;
}

/** The noise of an A/A run as text for a terminal, a row a metric; nothing of other runs. */
export function formatNoise(run: Run): string[] {
  const { noise, warnings } = run;
  if (noise === undefined) return [];
  const unknown = warnings.flatMap(({ code, message }) =>
    code === 'FEW_PAIRS' ? [`noise not known, ${message}\n`] : [],
  );
  if (noise.length === 0) return ['\n', ...unknown];
  const metrics = [...new Set(noise.map(({ metric }) => metric))];
  const rows = metrics.map((metric) => ({
    metric,
    points: noise.filter((one) => one.metric === metric),
    over: overPoints(noise, metric),
  }));
  const table = formatTable(
    columns,
    rows.map((row) => columns.map(({ cell }) => cell(row))),
  );
  const points = new Set(noise.map(({ build, key }) => `${build}/${key}`)).size;
  const of = points === 1 ? 'one point' : `medians over ${points} points`;
  return ['\n', `noise (A/A), ${pairsOf(noise)} pairs a point, ${of}:\n`, table, ...unknown];
}

function pairsOf(noise: readonly Noise[]): string {
  const counts = noise.map(({ pairs }) => pairs);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? `${least}` : `${least}..${most}`;
}

const columns: readonly Part[] = [
  { title: 'metric', cell: ({ metric }) => metric },
  { title: 'CV', right: true, cell: ({ over }) => percent(over.cv) },
  { title: 'lag-1', right: true, cell: ({ over }) => over.lag1?.toFixed(2) ?? '-' },
  { title: 'correlated', right: true, cell: ({ points }) => shareOf(points, isCorrelated) },
  {
    title: 'false alarms',
    right: true,
    cell: ({ over }) => percent(over.falseAlarmRate.anyEffect),
  },
  { title: '>= 5 %', right: true, cell: ({ over }) => percent(over.falseAlarmRate.minimumEffect) },
  { title: 'told apart', right: true, cell: ({ points }) => shareOf(points, ({ alarm }) => alarm) },
  { title: 'detects', right: true, cell: ({ over }) => percent(over.detectableEffect) },
  { title: 'pairs for 5 %', right: true, cell: ({ over }) => needed(over.pairsFor5Percent) },
  { title: 'for 10 %', right: true, cell: ({ over }) => needed(over.pairsFor10Percent) },
];

/** Whether measurements repeat the ones before, beyond what chance gives. */
function isCorrelated({ lag1 }: Noise): boolean {
  return Math.abs(lag1.measurements ?? 0) > lag1.measurementsBound;
}

function shareOf(points: readonly Noise[], is: (one: Noise) => boolean): string {
  return `${points.filter(is).length} of ${points.length}`;
}

function percent(fraction: number): string {
  return `${formatNumber(fraction * 100)} %`;
}

function needed(pairs: number | undefined): string {
  return pairs === undefined ? '> 1,000' : `${pairs}`;
}

/** What a machine can decide, and by which A/A that is known, as a sentence. */
export function describeNoise(profile: NoiseProfile): string {
  const { at, suite, targets, loads, windowS, metrics } = profile;
  const decided = Object.entries(headlines).flatMap(([metric, name]) => {
    const found = metrics[metric];
    return found === undefined ? [] : [decidable(name, found)];
  });
  if (decided.length === 0) decided.push('nothing: neither QPS nor a p50 or p99 has its noise');
  const load = loads.length === 1 ? `${loads[0]}` : `${loads.length} loads`;
  const how = `suite ${suite}, ${targets.join(', ')}, ${load}, windows of ${windowS} s`;
  return `this machine can decide ${decided.join(', ')} (A/A of ${at.slice(0, 10)}, ${how})`;
}

function decidable(name: string, { pairsFor5Percent, pairsFor10Percent }: MetricNoise): string {
  const tried = [
    ['5 %', pairsFor5Percent],
    ['10 %', pairsFor10Percent],
  ] as const;
  const found = tried.find(([, pairs]) => pairs !== undefined && pairs <= mostPairs);
  if (found === undefined) return `not 10 % in ${name} with ${mostPairs} pairs`;
  return `${found[0]} in ${name} with ${found[1]} pairs`;
}

/**
 * Keeps the noise that an A/A run found for this machine.
 *
 * @returns a line for a person; undefined for other runs
 * @throws BenchError DISK_FULL or NOT_WRITABLE
 */
export async function keepNoiseOf(run: Run): Promise<string | undefined> {
  if (run.noise === undefined) return undefined;
  const profile = noiseProfile(run);
  if (profile === undefined) {
    return 'not kept for this machine: the run is not complete, or a point has too few pairs';
  }
  return `${describeNoise(profile)}\nkept for this machine: ${await keepNoise(profile)}`;
}

const remedy = 'bench run --aa --suite smoke --repeats 12';

/** What the doctor finds of the noise of this machine. */
export async function findNoise(): Promise<{
  what: string;
  ok: boolean;
  found: string;
  hint?: string;
}> {
  const what = 'noise';
  try {
    const profile = await knownNoise();
    if (profile === undefined) return { what, ok: true, found: 'not known', hint: remedy };
    return { what, ok: true, found: describeNoise(profile) };
  } catch (error) {
    const found = `what was kept of it is damaged: ${messageOf(error).split('\n')[0]}`;
    return { what, ok: false, found, hint: `measure it again: ${remedy}` };
  }
}
