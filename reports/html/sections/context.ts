import { elementNames } from '../../../core/element-names.js';
import { describeQueries } from '../../../core/load/describe-queries.js';
import type { DatasetResult, Run, TargetResult } from '../../../core/result.js';
import { formatBytes, formatNumber } from '../../../core/units.js';
import { calibrationNote } from '../calibration.js';
import { formatPercent, formatScalars, notMeasured } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';

const metricNames = {
  l2: 'squared Euclidean distance (L2)',
  ip: 'inner product',
  cosine: 'cosine',
} as const;

/** The data, the targets and the machine. */
export function contextSection(run: Run, id: string): Markup {
  return html`<section id="${id}"><h2>What was measured, and where</h2><div class="cards">
${run.datasets.map((dataset) => datasetCard(run, dataset))}${run.targets.map(targetCard)}
${machineCard(run)}</div>${calibrationNote(run)}</section>`;
}

/** Named values; entries without a value are left out. */
export function list(entries: readonly (readonly [string, Content])[]): Markup {
  return html`<dl>${entries
    .filter(([, content]) => content !== undefined && content !== '')
    .map(([name, content]) => html`<div><dt>${name}</dt><dd>${content}</dd></div>`)}</dl>`;
}

function datasetCard(run: Run, dataset: DatasetResult): Markup {
  return html`<article><h3>Dataset ${dataset.name}</h3>${list([
    ['Rows', formatNumber(dataset.rows)],
    ['Dimensions', formatNumber(dataset.dimensions)],
    ['Values', dataset.elements && elementNames[dataset.elements]],
    ['Metric', metricNames[dataset.metric]],
    ['Queries', formatNumber(dataset.queries)],
    ['Order of queries', describeQueries(run.cells).join('; ') || 'in turn'],
    ['Ground truth', `${dataset.truth.k} nearest, ${dataset.truth.method}`],
    ['Queries with a tie at rank k', formatPercent(dataset.truth.tieFraction)],
    ['Duplicate rows', formatNumber(dataset.duplicateRows)],
    ['Licence', text(dataset.licence)],
    ['Source', text(dataset.source)],
    ['SHA-256', html`<code class="hash">${dataset.sha256}</code>`],
  ])}</article>`;
}

function targetCard(target: TargetResult): Markup {
  const client = target.client && `${target.client.name} ${target.client.version}`;
  const mark = target.standIn ? html` <span class="tag">stand-in, not ranked</span>` : undefined;
  return html`<article><h3>Target ${target.name}${mark}</h3>${list([
    ['Adapter', `${target.adapter} (${target.kind})`],
    ['Version', target.version ?? notMeasured],
    ['Transport', target.transport],
    ['Client', client],
    ...Object.entries(target.settings).map(([name, setting]) => [name, String(setting)] as const),
  ])}</article>`;
}

function machineCard({ environment: machine, sampling }: Run): Markup {
  const { cpu, os } = machine;
  return html`<article><h3>Machine</h3>${list([
    ['CPU', cpu.model],
    ['Cores', `${cpu.cores}, usable ${formatNumber(cpu.usableCores)}`],
    ['Memory', formatBytes(machine.memoryBytes)],
    ['System', `${os.platform} ${os.release}`],
    ['Node.js', machine.node],
    ['Container', plain(machine.container)],
    ['GPUs', machine.gpus.map(plain).join('; ') || 'none'],
    ['The sampler took', sampling && samplingWords(sampling)],
  ])}</article>`;
}

/** What looking at resources took of the machine that was looked at. */
function samplingWords({ cells, cpuFraction }: NonNullable<Run['sampling']>): string {
  const of = cells === 1 ? 'one cell' : `median of ${cells} cells`;
  return `${formatPercent(cpuFraction)} of a core (${of})`;
}

function text(found: unknown): string | undefined {
  return typeof found === 'string' ? found : undefined;
}

function plain(record: Readonly<Record<string, unknown>>): string {
  const scalars = Object.entries(record).flatMap(([name, found]) =>
    typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean'
      ? [[name, found] as const]
      : [],
  );
  return formatScalars(Object.fromEntries(scalars));
}
