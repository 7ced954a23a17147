import { describeWork } from '../../../core/load/describe-work.js';
import type { PhaseResult, Run, Summary } from '../../../core/result.js';
import { formatNumber } from '../../../core/units.js';
import { repeatsOf } from '../../charts/cells.js';
import { nameOfPoint } from '../../charts/points.js';
import { kneeText } from '../../charts/ramp.js';
import { seriesName } from '../../charts/series.js';
import { recoveryText } from '../../charts/spike.js';
import {
  type Format,
  formatDuration,
  formatMs,
  formatParameters,
  value,
  withInterval,
} from '../figures.js';
import { flagTags } from '../flags.js';
import { commonLatency, eachRepeat, latencyColumn } from '../latency.js';
import { type Content, html, type Markup } from '../markup.js';
import { type Swatches, seriesLabel } from '../swatch.js';
import { type Column, table } from '../table.js';

/** What lies between the schedule and the answer: open loads, then ramps and spikes. */
export function openTables(run: Run, open: readonly Summary[], swatches: Swatches): Content {
  const steady = open.filter(({ load }) => load.kind === 'open');
  const changing = open.filter(({ load }) => load.kind !== 'open');
  const tableOf = (name: string, rows: readonly Summary[], more: readonly Column<Summary>[]) =>
    table<Summary>({
      caption: `${name}: where the time between schedule and answer goes. Medians over the valid
 repeats, 95 % intervals beneath; of bursts the value of each repeat.`,
      layout: 'sortable',
      groups: [{ rows }],
      columns: columnsOf(run, { rows, more, swatches }),
      rowClass: ({ validRepeats }) => (validRepeats === 0 ? 'unranked' : ''),
    });
  return [
    steady.length === 0 ? undefined : tableOf('Open loads', steady, []),
    changing.length === 0 ? undefined : tableOf('Ramps and spikes', changing, [foundColumn(run)]),
  ];
}

function columnsOf(
  run: Run,
  parts: {
    readonly rows: readonly Summary[];
    readonly more: readonly Column<Summary>[];
    readonly swatches: Swatches;
  },
): readonly Column<Summary>[] {
  const common = commonLatency(parts.rows.map(({ load }) => load));
  const isNamed = parts.rows.some(({ stream, operation }) => stream !== operation);
  return [
    {
      head: 'Index',
      kind: 'head',
      cell: (summary) =>
        html`${seriesLabel(parts.swatches, seriesName(run, summary))}<small>${formatParameters({
          ...summary.params,
          ...summary.search,
        })}</small>${flagTags(run, summary)}`,
    },
    {
      head: isNamed ? 'Stream, load' : 'Load',
      cell: (summary) => html`<span class="load">${describeWork(summary)}</span>`,
    },
    ...parts.more,
    metricColumn({ head: 'Offered', unit: 'QPS', metric: 'offeredQps' }),
    metricColumn({ head: 'Answered', unit: 'QPS', metric: 'throughputQps' }),
    latencyColumn(run, 'P50', common),
    latencyColumn(run, 'P99', common),
    metricColumn({
      head: 'Queue wait',
      unit: 'p99, ms',
      metric: 'queueWaitMsP99',
      format: formatMs,
    }),
    metricColumn({ head: 'Pacer lag', unit: 'p99, ms', metric: 'pacerLagMsP99', format: formatMs }),
    {
      head: 'Burst',
      unit: 'size, p99',
      kind: 'number',
      cell: (summary) =>
        eachRepeat(run, summary, ({ burst }) => (burst ? [formatNumber(burst.p99)] : [])),
    },
  ];
}

function metricColumn(spec: {
  readonly head: string;
  readonly unit: string;
  readonly metric: string;
  readonly format?: Format;
}): Column<Summary> {
  const { head, unit, metric, format } = spec;
  return {
    head,
    unit,
    kind: 'number',
    cell: ({ metrics }) => withInterval(metrics[metric], format),
    sort: ({ metrics }) => metrics[metric]?.median ?? -1,
  };
}

/** The knee of a ramp, the recovery of a spike. */
function foundColumn(run: Run): Column<Summary> {
  return {
    head: 'Knee, recovery',
    unit: 'QPS; after the burst',
    kind: 'number',
    cell: (summary) => {
      const { metrics, load } = summary;
      const isRamp = load.kind === 'ramp';
      const text = isRamp ? kneeText(run, summary) : recoveryText(run, summary);
      return [
        isRamp ? withInterval(metrics.kneeQps) : withInterval(metrics.recoveryS, formatDuration),
        html`<small class="words">${text}</small>`,
      ];
    },
  };
}

interface PhaseRow {
  readonly summary: Summary;
  readonly repeat: number;
  readonly phase: PhaseResult;
}

/** Every step of every ramp and every part of every spike, behind a fold. */
export function phasesTable(run: Run, open: readonly Summary[]): Markup | undefined {
  const groups = open
    .map((summary) => ({
      title: `${nameOfPoint(run, summary)}, ${describeWork(summary)}`,
      rows: repeatsOf(run, summary).flatMap(({ cell, stream }) =>
        (stream.phases ?? []).map((phase) => ({ summary, repeat: cell.repeat, phase })),
      ),
    }))
    .filter(({ rows }) => rows.length > 0);
  if (groups.length === 0) return undefined;
  const rows = groups.reduce((sum, group) => sum + group.rows.length, 0);
  const steps = table<PhaseRow>({
    caption: 'By intended start; one row a valid repeat.',
    groups,
    columns: phaseColumns,
  });
  return html`<details><summary>Every step of ramps and part of spikes (${rows})</summary>
${steps}</details>`;
}

function count(head: string, read: (phase: PhaseResult) => number): Column<PhaseRow> {
  return { head, kind: 'number', cell: ({ phase }) => formatNumber(read(phase)) };
}

const phaseColumns: readonly Column<PhaseRow>[] = [
  { head: 'Part', kind: 'head', cell: ({ phase }) => phase.name },
  { head: 'Repeat', kind: 'number', cell: ({ repeat }) => repeat + 1 },
  {
    head: 'From',
    unit: 'for',
    kind: 'number',
    cell: ({ phase }) =>
      html`${formatNumber(phase.beginS)} s<small>${formatDuration(phase.durationS)}</small>`,
  },
  { ...count('Rate', ({ rateQps }) => rateQps), unit: 'QPS' },
  { ...count('Answered', ({ throughputQps }) => throughputQps), unit: 'QPS' },
  count('Offered', ({ offered }) => offered),
  count('Completed', ({ completed }) => completed),
  count('Failed', ({ failed }) => failed),
  count('Never sent', ({ dropped }) => dropped),
  {
    head: 'p50',
    unit: 'response, ms',
    kind: 'number',
    cell: ({ phase }) => value(phase.response?.p50, formatMs),
  },
  {
    head: 'p99',
    unit: 'response, ms',
    kind: 'number',
    cell: ({ phase }) => value(phase.response?.p99, formatMs),
  },
  { head: 'Saturated', cell: ({ phase }) => (phase.saturated ? 'saturated' : '–') },
];
