import { costGaps } from '../core/cost/gaps.js';
import { describePrices } from '../core/cost/prices.js';
import { describeElements } from '../core/element-names.js';
import { describeAsked } from '../core/load/describe-asked.js';
import { describeQueries } from '../core/load/describe-queries.js';
import { describeLoad } from '../core/load/phases.js';
import type { Build, Cell, Figure, Note, Run, Summary } from '../core/result.js';
import { formatBytes, formatNumber } from '../core/units.js';
import { indexNames } from './index-names.js';
import { namedValues } from './named-values.js';
import { formatNoise } from './noise-table.js';
import { type Column, formatTable } from './table.js';

/** The summaries, gates and warnings of a run as text for a terminal. */
export function formatRun(run: Run): string {
  return `${summaryTable(run)}${formatRemarks(run)}`;
}

/** What stands beneath the figures of a run: prices, data, what is left out or failed, warnings. */
export function formatRemarks(run: Run): string {
  const { builds, cells, gates, stopped, unsupported } = run;
  const lines = [...priceLines(run), ...dataLines(run), ...samplingLines(run), ...formatNoise(run)];
  for (const { what, target, why } of unsupported) {
    lines.push(`left out, ${target}: ${what}: ${why}\n`);
  }
  lines.push(...attachedLines(builds), ...violationLines(cells));
  for (const { id, failure } of builds) {
    if (failure !== undefined) lines.push(`failed ${id}: ${formatNote(failure)}`);
  }
  lines.push(...lostCells(cells));
  if (stopped !== undefined) lines.push(`stopped: ${formatNote(stopped)}`);
  for (const { verdict, name, value, low, high, why } of gates) {
    const found = value === undefined ? '' : ` (${value.toPrecision(4)}${interval(low, high)})`;
    lines.push(`gate ${verdict.toUpperCase()}: ${name}${found}: ${why}\n`);
  }
  lines.push(warningLine(run));
  return lines.join('');
}

/** What streams ask and in which order, and which engines got the values in another type. */
function dataLines(run: Run): string[] {
  const orders = describeQueries(run.cells);
  const asked = describeAsked(run);
  const widened = new Map<string, Set<string>>();
  for (const build of run.builds) {
    const how = describeElements(run, build);
    if (!how?.includes(',')) continue;
    widened.set(how, (widened.get(how) ?? new Set()).add(build.target));
  }
  return [
    ...asked.map((each) => `stream ${each}\n`),
    ...(orders.length === 0 ? [] : [`queries ${orders.join('; ')}\n`]),
    ...[...widened].map(([how, targets]) => `values as ${how}: ${[...targets].join(', ')}\n`),
  ];
}

function formatNote({ code, message, hint }: Note): string {
  return `${code}: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`;
}

/** Collections that were there before: of them no build is told. */
function attachedLines(builds: readonly Build[]): string[] {
  const names = builds.flatMap(({ attached, target }) =>
    attached === undefined ? [] : [`${attached} (${target})`],
  );
  return names.length === 0
    ? []
    : [`attached, not built by bench: ${[...new Set(names)].join(', ')}\n`];
}

/** What answers held that they must not, over all cells. */
function violationLines(cells: readonly Cell[]): string[] {
  const counts = new Map<string, number>();
  const operations = cells.flatMap(({ streams }) =>
    streams.flatMap((stream) => Object.values(stream.operations)),
  );
  for (const [code, count] of operations.flatMap(({ violations }) => Object.entries(violations))) {
    counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return [...counts].map(([code, count]) => `violations: ${code} ${formatNumber(count)}\n`);
}

/** Failed and partial cells, counted by reason. */
function lostCells(cells: readonly Cell[]): string[] {
  const counts = new Map<string, number>();
  for (const { status, failure } of cells) {
    if (status === 'complete') continue;
    const reason = `${status} cells\n${failure?.message}`;
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `${reason.replace('\n', `: ${count}: `)}\n`);
}

function interval(low: number | undefined, high: number | undefined): string {
  if (low === undefined || high === undefined || low === high) return '';
  return `, ${low.toPrecision(4)}..${high.toPrecision(4)}`;
}

function warningLine(run: Run): string {
  const codes = new Map<string, number>();
  const notes = [
    ...run.warnings,
    ...run.builds.flatMap(({ warnings }) => warnings),
    ...run.cells.flatMap(({ warnings }) => warnings),
  ];
  for (const { code } of notes) codes.set(code, (codes.get(code) ?? 0) + 1);
  if (codes.size === 0) return '';
  const list = [...codes].map(([code, count]) => `${code} ${count}`).join(', ');
  return `warnings: ${list} (the report has each)\n`;
}

/** A column and what stands in it. */
interface Part extends Column {
  readonly cell: (summary: Summary) => string;
}

/** One row a summary; what is the same in all rows stands beneath instead of in a column. */
function summaryTable(run: Run): string {
  const { summaries } = run;
  const { nameOf, defaults } = indexNames(run);
  const where = placesOf(nameOf);
  const columns = columnsOf(run, where);
  const rows = summaries.map((summary) => columns.map(({ cell }) => cell(summary)));
  const shared = where.flatMap(({ title, cell }) => {
    const values = summaries.map(cell);
    return isOne(values) && values[0] !== '' ? [`${title}: ${values[0]}`] : [];
  });
  const lines = [
    ...(shared.length === 0 ? [] : [shared.join('; ')]),
    ...defaults.map((each) => `by default, ${each}`),
  ];
  return `${formatTable(columns, rows)}${lines.map((line) => `${line}\n`).join('')}`;
}

/** What was measured. */
function placesOf(nameOf: (summary: Summary) => string): readonly Part[] {
  return [
    { title: 'target', cell: ({ target }) => target },
    { title: 'index', cell: nameOf },
    { title: 'search', cell: ({ search }) => namedValues(search).join(' ') },
    { title: 'stream', cell: ({ stream, operation }) => (stream === operation ? '' : stream) },
    { title: 'load', cell: ({ load }) => describeLoad(load) },
  ];
}

function columnsOf(run: Run, where: readonly Part[]): Part[] {
  const { summaries } = run;
  const notes = (summary: Summary): string => notesOf(run, summary);
  return [
    ...where.filter(({ cell }) => !isOne(summaries.map(cell))),
    figure(
      'recall',
      (value) => value.toFixed(3),
      ({ metrics }) => metrics.recall,
    ),
    range(
      (value) => value.toFixed(3),
      ({ metrics }) => metrics.recall,
    ),
    figure('QPS', formatNumber, ({ metrics }) => metrics.throughputQps),
    range(formatNumber, ({ metrics }) => metrics.throughputQps),
    ...latencyColumns(summaries),
    ...costColumns(run),
    figure('size', formatBytes, ({ metrics }) => metrics.engineBytes),
    ...memoryColumns(run),
    figure('build s', formatNumber, ({ metrics }) => metrics.buildS),
    ...(summaries.some((summary) => notes(summary) !== '')
      ? [{ title: 'notes', cell: notes }]
      : []),
  ];
}

const costs = [
  ['costPerMillionByHour', 'by hour'],
  ['costPerMillionByUse', 'by use'],
  ['costPerMillionByRequest', 'by request'],
] as const;

/** What a million queries take and cost; only with prices, and those costs that there are. */
function costColumns({ prices, summaries }: Run): Part[] {
  if (prices === undefined) return [];
  const shown = costs.filter(([name]) => summaries.some(({ metrics }) => metrics[name]));
  return [
    figure('CPU s/M', formatNumber, ({ metrics }) => metrics.cpuSPerMillion),
    ...shown.map(([name, title]) =>
      figure(`${prices.currency}/M ${title}`, formatNumber, ({ metrics }) => metrics[name]),
    ),
  ];
}

/**
 * What stores held while they were measured; only figures that there are. A server holds all
 * collections of a run: there it is what each build added.
 */
function memoryColumns({ summaries, targets }: Run): Part[] {
  const servers = targets.flatMap(({ kind, name }) => (kind === 'server' ? [name] : []));
  const built = summaries.filter(({ metrics }) => metrics.pssGrowthBytes !== undefined);
  const ofServer = built.some(({ target }) => servers.includes(target));
  const shown: readonly [metric: string, title: string][] = [
    ofServer ? ['pssGrowthBytes', 'PSS growth'] : ['serverRssPeakBytes', 'RSS'],
    ['statedMemoryBytes', 'stated'],
  ];
  return shown
    .filter(([name]) => summaries.some(({ metrics }) => metrics[name]))
    .map(([name, title]) => figure(title, formatBytes, ({ metrics }) => metrics[name]));
}

/** What looking at resources took. */
function samplingLines({ sampling }: Run): string[] {
  if (sampling === undefined) return [];
  const cells = sampling.cells === 1 ? 'one cell' : `median of ${sampling.cells} cells`;
  const share = formatNumber(sampling.cpuFraction * 100);
  return [`the sampler took ${share} % of a core (${cells})\n`];
}

/** What the costs rest on, and which of them nothing was measured for. */
function priceLines({ prices, summaries }: Run): string[] {
  if (prices === undefined) return [];
  const without = costGaps(prices, summaries);
  return [
    `prices: ${describePrices(prices)}; M: a million queries\n`,
    ...without.map((gap) => `${gap}\n`),
  ];
}

/** Response from the intended start under open loads, service under closed ones; which is said. */
function latencyColumns(summaries: readonly Summary[]): Part[] {
  const of = (percentile: string) => (summary: Summary) =>
    summary.metrics[`${latencyOf(summary)}Ms${percentile}`];
  const names = summaries.map(latencyOf);
  const which = isOne(names) ? `${names[0]} ` : '';
  return [
    ...(which === '' && names.length > 0 ? [{ title: 'latency', cell: latencyOf }] : []),
    figure(`${which}p50 ms`, formatNumber, of('P50')),
    figure(`${which}p99 ms`, formatNumber, of('P99')),
  ];
}

function latencyOf({ load }: Summary): 'service' | 'response' {
  return load.kind === 'closed' ? 'service' : 'response';
}

function isOne(values: readonly string[]): boolean {
  return new Set(values).size === 1;
}

function figure(
  title: string,
  format: (value: number) => string,
  of: (summary: Summary) => Figure | undefined,
): Part {
  const cell = (summary: Summary): string => {
    const found = of(summary);
    return found === undefined ? '-' : format(found.median);
  };
  return { title, right: true, cell };
}

function range(
  format: (value: number) => string,
  of: (summary: Summary) => Figure | undefined,
): Part {
  const cell = (summary: Summary): string => {
    const { low, high } = of(summary) ?? {};
    return low === undefined || high === undefined ? '' : `${format(low)}..${format(high)}`;
  };
  return { title: '95 %', right: true, cell };
}

/** What has to be known before a row is compared, and what its ramp or spike found. */
function notesOf(run: Run, summary: Summary): string {
  const limited = ['P50', 'P99'].filter((percentile) =>
    summary.pacerLimited?.includes(`responseMs${percentile}`),
  );
  return [
    ...lostRepeats(run, summary),
    ...(summary.saturated === true ? ['saturated'] : []),
    ...(summary.clientLimited ? ['client limit'] : []),
    ...(limited.length > 0 ? [`pacer-limited ${limited.join(' ').toLowerCase()}`] : []),
    ...foundBy(summary),
  ].join('; ');
}

function foundBy({ load, metrics, saturated, validRepeats }: Summary): string[] {
  const { kneeQps, recoveryS } = metrics;
  if (validRepeats === 0) return [];
  if (load.kind === 'ramp') {
    if (kneeQps === undefined) return ['saturated from the first step'];
    return [`${saturated === true ? 'knee' : 'no knee to'} ${formatNumber(kneeQps.median)}/s`];
  }
  if (load.kind !== 'spike') return [];
  return [recoveryS === undefined ? 'no recovery' : `recovery ${formatNumber(recoveryS.median)} s`];
}

/** How many repeats no attempt of which counts, with the codes of the last attempts. */
function lostRepeats({ cells }: Run, { build, key, repeats, validRepeats }: Summary): string[] {
  if (validRepeats === repeats) return [];
  const own = cells.filter((cell) => cell.key === key && cell.build === build);
  const kept = new Set(own.filter(counts).map(({ repeat }) => repeat));
  const lost = own.filter(({ repeat }) => !kept.has(repeat));
  const codes = lost.flatMap(({ invalid, failure }) => [...invalid, ...(failure ? [failure] : [])]);
  const list = [...new Set(codes.map(({ code }) => code))].join(', ');
  const what = lost.every(({ invalid }) => invalid.length > 0) ? 'invalid' : 'lost';
  return [`${repeats - validRepeats} of ${repeats} repeats ${what}: ${list}`];
}

function counts({ status, invalid }: Cell): boolean {
  return status === 'complete' && invalid.length === 0;
}
