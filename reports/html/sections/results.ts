import type { Figure, Run, Summary } from '../../../core/result.js';
import { formatNumber } from '../../../core/units.js';
import { repeatsOf } from '../../charts/cells.js';
import { isStandIn, queriesSentence, recallName, seriesName } from '../../charts/series.js';
import { describeBuiltOf } from '../built.js';
import { priceColumns, priceNote } from '../costs.js';
import {
  capital,
  type Format,
  formatFraction,
  formatMs,
  formatParameters,
  value,
  withInterval,
} from '../figures.js';
import { flagTags } from '../flags.js';
import { commonLatency, latencyColumn } from '../latency.js';
import { html, type Markup } from '../markup.js';
import { lossesOfSummary } from '../reasons.js';
import { type Swatches, seriesLabel } from '../swatch.js';
import { type Column, table } from '../table.js';
import { sharedWork, workColumns } from '../work.js';
import { pointUsageTable } from './point-usage.js';

/** Every point of the run. */
export function resultsSection(run: Run, id: string, swatches: Swatches): Markup | undefined {
  if (run.summaries.length === 0) return undefined;
  const queries = queriesSentence(run);
  const words = [sharedWork(run), queries, methods(run)].filter((each) => each !== '').join(' ');
  return html`<section id="${id}" class="wide"><h2>All points</h2>${table<Summary>({
    caption: `Medians over the valid repeats of one build, 95 % intervals beneath. ${words}`,
    layout: 'sortable',
    columns: columnsOf(run, swatches),
    groups: [{ rows: run.summaries }],
    rowClass: (summary) => (isHeld(run, summary) ? 'unranked' : ''),
  })}${priceNote(run)}${missing(run)}${pointUsageTable(run, swatches)}</section>`;
}

/** Points of which not one attempt gave figures have no summary. */
function missing(run: Run): Markup | undefined {
  const shown = new Set(run.summaries.map(({ key, build }) => `${build}/${key}`));
  const tried = new Set(run.cells.map(({ key, build }) => `${build}/${key}`));
  const count = [...tried].filter((each) => !shown.has(each)).length;
  if (count === 0) return undefined;
  const words = count === 1 ? '1 point has no row' : `${count} points have no row`;
  return html`<p>${words}: no attempt gave figures. The reasons are with the cells.</p>`;
}

function isHeld(run: Run, summary: Summary): boolean {
  return summary.validRepeats === 0 || isStandIn(run, summary.target);
}

function methods(run: Run): string {
  const of = (name: string): string => {
    const found = run.summaries.map((each) => each.metrics[name]?.method);
    return [...new Set(found.filter((method) => method !== undefined))].join(', ');
  };
  const named = [
    ['throughput', of('throughputQps')],
    ['recall', of('recall')],
  ].filter(([, method]) => method !== '');
  return named.map(([what, method]) => `Interval of ${what}: ${method}.`).join(' ');
}

function columnsOf(run: Run, swatches: Swatches): readonly Column<Summary>[] {
  return [
    {
      head: 'Index',
      kind: 'head',
      cell: (summary) => indexOf(run, summary, swatches),
    },
    { head: 'Search', cell: (summary) => formatParameters(summary.search) || '–' },
    ...workColumns(run),
    ...qualityColumns(run),
    figureColumn({ head: 'Throughput', unit: 'QPS', metric: () => 'throughputQps' }),
    ...latencyColumns(run),
    ...resourceColumns(),
    ...priceColumns(run),
    {
      head: 'Repeats',
      unit: 'valid / all',
      kind: 'number',
      cell: (summary) => repeatsCell(run, summary),
      sort: ({ validRepeats }) => validRepeats,
    },
  ];
}

/** How many repeats count; codes of attempts that do not beneath. */
function repeatsCell(run: Run, summary: Summary): Markup {
  const losses = lossesOfSummary(run, summary);
  const codes = losses.map(
    ({ code, count }) => html`<small class="words">${code} × ${count}</small>`,
  );
  return html`${summary.validRepeats} / ${summary.repeats}${codes}`;
}

function figureColumn(spec: {
  readonly head: string;
  readonly unit: string;
  readonly metric: (summary: Summary) => string;
  readonly format?: Format;
}): Column<Summary> {
  const { head, unit, metric, format } = spec;
  const figure = (summary: Summary): Figure | undefined => summary.metrics[metric(summary)];
  return {
    head,
    unit,
    kind: 'number',
    cell: (summary) => withInterval(figure(summary), format),
    sort: (summary) => figure(summary)?.median ?? -1,
  };
}

function qualityColumns(run: Run): readonly Column<Summary>[] {
  const recall: Column<Summary> = {
    head: capital(recallName(run)),
    kind: 'number',
    cell: (summary) => withInterval(summary.metrics.recall, formatFraction),
    sort: (summary) => summary.metrics.recall?.median ?? -1,
  };
  const p05: Column<Summary> = {
    head: 'Recall p05',
    unit: 'over queries',
    kind: 'number',
    cell: (summary) => value(recallP05(run, summary), formatFraction),
    sort: (summary) => recallP05(run, summary) ?? -1,
  };
  const judged = [
    ['ndcgAt10', 'NDCG@10'],
    ['mrrAt10', 'MRR@10'],
    ['recallAt100', 'Recall@100'],
  ] as const;
  const has = (metric: string): boolean => run.summaries.some((each) => each.metrics[metric]);
  return [
    recall,
    p05,
    ...judged
      .filter(([metric]) => has(metric))
      .map(
        ([metric, head]): Column<Summary> => ({
          head,
          unit: 'judged',
          kind: 'number',
          cell: (summary) => withInterval(summary.metrics[metric], formatFraction),
          sort: (summary) => summary.metrics[metric]?.median ?? -1,
        }),
      ),
  ];
}

/** The lowest of the repeats. */
function recallP05(run: Run, summary: Summary): number | undefined {
  return repeatsOf(run, summary)
    .map(({ operation }) => operation.recall?.p05)
    .filter((fraction) => fraction !== undefined)
    .sort((a, b) => a - b)[0];
}

function latencyColumns(run: Run): readonly Column<Summary>[] {
  const common = commonLatency(run.summaries.map(({ load }) => load));
  return [
    latencyColumn(run, 'P50', common),
    latencyColumn(run, 'P99', common),
    {
      head: 'Engine p50',
      unit: 'overhead p50, ms',
      kind: 'number',
      cell: (summary) =>
        html`${value(
          summary.metrics.engineMsP50?.median,
          formatMs,
        )}<small>${value(summary.metrics.overheadMsP50?.median, formatMs)}</small>`,
      sort: (summary) => summary.metrics.engineMsP50?.median ?? -1,
    },
  ];
}

function resourceColumns(): readonly Column<Summary>[] {
  return [
    {
      head: 'CPU',
      unit: 'server, client; µs',
      kind: 'number',
      cell: (summary) =>
        html`${value(summary.metrics.serverCpuUs?.median)}<small>${value(
          summary.metrics.clientCpuUs?.median,
        )}</small>`,
      sort: (summary) => summary.metrics.serverCpuUs?.median ?? -1,
    },
    {
      head: 'Failed',
      unit: 'requests',
      kind: 'number',
      cell: (summary) => value(summary.metrics.failed?.median, formatNumber),
      sort: (summary) => summary.metrics.failed?.median ?? -1,
    },
  ];
}

function indexOf(run: Run, summary: Summary, swatches: Swatches): Markup {
  const why = summary.validRepeats > 0 ? [] : lossesOfSummary(run, summary);
  return html`${seriesLabel(swatches, seriesName(run, summary))}<small>${describeBuiltOf(
    run,
    summary,
  )}</small>${flagTags(run, summary)}${why.map(
    ({ code, message, count }) => html`<small>${code} × ${count}, first: ${message}</small>`,
  )}`;
}
