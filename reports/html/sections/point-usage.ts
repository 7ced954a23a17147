import type { Figure, Run, Summary } from '../../../core/result.js';
import { formatBytes } from '../../../core/units.js';
import { seriesName } from '../../charts/series.js';
import { describeBuiltOf } from '../built.js';
import { formatParameters, value, withInterval } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { type Swatches, seriesLabel } from '../swatch.js';
import { type Column, table } from '../table.js';
import { workColumns } from '../work.js';

const figures = [
  ['serverRssBytes', 'Resident set', 'median sample'],
  ['serverRssPeakBytes', 'Resident set', 'largest sample'],
  ['statedMemoryBytes', 'Memory', 'as the store states it'],
  ['readBytesPerMillion', 'Read', 'a million queries'],
  ['writeBytesPerMillion', 'Written', 'a million queries'],
] as const;

/** What stores held and moved while points were measured; only figures that there are. */
export function pointUsageTable(run: Run, swatches: Swatches): Markup | undefined {
  const shown = figures.filter(([metric]) => isShown(run, metric));
  if (shown.length === 0) return undefined;
  return html`<h3>What stores held and moved</h3>${table<Summary>({
    caption: `Of the store's processes, in the windows of the points; loading is not in it. Medians
 over the valid repeats, 95 % intervals beneath where there are any.${ioWords(run)}`,
    layout: 'sortable',
    columns: [...placeColumns(run, swatches), ...shown.map(figureColumn)],
    groups: [{ rows: run.summaries }],
  })}`;
}

type Shown = (typeof figures)[number];

function figureColumn([metric, head, unit]: Shown): Column<Summary> {
  return {
    head,
    unit,
    kind: 'number',
    cell: ({ metrics }) => figureCell(metrics[metric]),
    sort: ({ metrics }) => metrics[metric]?.median ?? -1,
  };
}

function figureCell(figure: Figure | undefined): Content {
  if (figure === undefined || figure.low === undefined) {
    return value(figure?.median, formatBytes);
  }
  return withInterval(figure, formatBytes);
}

/** A store that never went to a disk needs no columns to say so. */
function isShown(run: Run, metric: Shown[0]): boolean {
  const values = valuesOf(run, metric);
  return isOfDisks(metric) ? values.some((bytes) => bytes > 0) : values.length > 0;
}

function isOfDisks(metric: string): boolean {
  return metric.endsWith('PerMillion');
}

function ioWords(run: Run): string {
  const of = (metric: string): boolean | undefined => {
    const values = valuesOf(run, metric);
    return values.length === 0 ? undefined : values.every((bytes) => bytes === 0);
  };
  const verbs = [
    ...(of('readBytesPerMillion') === true ? ['had disks fetch'] : []),
    ...(of('writeBytesPerMillion') === true ? ['wrote'] : []),
  ];
  return verbs.length === 0 ? '' : ` They ${verbs.join(' and ')} nothing, where that is known.`;
}

function valuesOf(run: Run, metric: string): readonly number[] {
  return run.summaries.flatMap(({ metrics }) => metrics[metric]?.values ?? []);
}

function placeColumns(run: Run, swatches: Swatches): readonly Column<Summary>[] {
  return [
    {
      head: 'Index',
      kind: 'head',
      cell: (summary) =>
        html`${seriesLabel(swatches, seriesName(run, summary))}<small>${describeBuiltOf(
          run,
          summary,
        )}</small>`,
    },
    { head: 'Search', cell: ({ search }) => formatParameters(search) || '–' },
    ...workColumns(run),
  ];
}
