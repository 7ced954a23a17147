import type { Figure, Run, Summary } from '../core/result.js';
import { formatBytes, formatNumber } from '../core/units.js';
import { formatTable } from './table.js';

const columns = [
  { title: 'target' },
  { title: 'index' },
  { title: 'search' },
  { title: 'load' },
  { title: 'recall', right: true },
  { title: '95 %', right: true },
  { title: 'QPS', right: true },
  { title: '95 %', right: true },
  { title: 'p50 ms', right: true },
  { title: 'p99 ms', right: true },
  { title: 'index size', right: true },
  { title: 'build s', right: true },
];

/** The summaries, gates and warnings of a run as text for a terminal. */
export function formatRun(run: Run): string {
  const { summaries, builds, cells, gates, unsupported } = run;
  const lines = [formatTable(columns, summaries.map(rowOf))];
  for (const { what, target, why } of unsupported) {
    lines.push(`not supported by ${target}: ${what}: ${why}\n`);
  }
  for (const { id, failure } of builds) {
    if (failure !== undefined) lines.push(`failed ${id}: ${failure.code}: ${failure.message}\n`);
  }
  const failed = cells.filter(({ status }) => status === 'failed');
  const reasons = new Set(failed.map(({ failure }) => failure?.message));
  for (const reason of reasons) {
    const count = failed.filter(({ failure }) => failure?.message === reason).length;
    lines.push(`failed cells: ${count}: ${reason}\n`);
  }
  for (const { verdict, name, value, low, high, why } of gates) {
    const found = value === undefined ? '' : ` (${value.toPrecision(4)}${interval(low, high)})`;
    lines.push(`gate ${verdict.toUpperCase()}: ${name}${found}: ${why}\n`);
  }
  lines.push(warningLine(run));
  return lines.join('');
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

function rowOf(summary: Summary): string[] {
  const { metrics, family, params, search, load, target } = summary;
  const batch = load.itemsPerRequest > 1 ? `, batch ${load.itemsPerRequest}` : '';
  const limited = summary.clientLimited ? ' (client limit)' : '';
  return [
    target,
    [family, ...named(params)].join(' '),
    named(search).join(' '),
    `${load.kind} ${load.concurrency ?? load.rateQps ?? ''}${batch}${limited}`,
    share(metrics.recall),
    range(metrics.recall, (value) => value.toFixed(3)),
    number(metrics.throughputQps),
    range(metrics.throughputQps, formatNumber),
    number(metrics.serviceMsP50),
    number(metrics.serviceMsP99),
    metrics.engineBytes === undefined ? '' : formatBytes(metrics.engineBytes.median),
    number(metrics.buildS),
  ];
}

function named(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).map(([name, value]) => `${name}=${String(value)}`);
}

function share(figure: Figure | undefined): string {
  return figure === undefined ? '' : figure.median.toFixed(4);
}

function number(figure: Figure | undefined): string {
  return figure === undefined ? '' : formatNumber(figure.median);
}

function range(figure: Figure | undefined, format: (value: number) => string): string {
  if (figure?.low === undefined || figure.high === undefined) return '';
  return `${format(figure.low)}..${format(figure.high)}`;
}
