import type { Noise } from '../../../core/result/noise.js';
import type { Run } from '../../../core/result.js';
import { formatNumber } from '../../../core/units.js';
import { nameOfNoise, noiseChart } from '../../charts/noise.js';
import { figure } from '../figure.js';
import { formatFraction, formatPercent, notMeasured, range } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { type Column, table } from '../table.js';

/** Those that a comparison is about; drawn, and first in the table. */
const headlines = [
  'throughputQps',
  'serviceMsP50',
  'serviceMsP99',
  'responseMsP50',
  'responseMsP99',
];

/** How much identical halves differ, and what can be told apart; nothing without an A/A. */
export async function noiseSection(run: Run, id: string): Promise<Markup | undefined> {
  const { noise } = run;
  if (noise === undefined) return undefined;
  if (noise.length === 0) {
    return html`<section id="${id}"><h2>Noise (A/A)</h2>
<p>Not known: too few pairs count; the warnings say of which points.</p></section>`;
  }
  const drawn = headlines.map((metric) =>
    figure(noiseChart(run, metric), {
      id: `${id}-${metric}`,
      caption: html`<code>${metric}</code> of each pair, head against base <small>outside the dashed
 lines a difference is 5 % or more</small>`,
    }),
  );
  return html`<section id="${id}" class="wide"><h2>Noise (A/A)</h2>
<p>Every repeat was measured as two identical halves, one right after the other. What they differ by
is noise: of the machine, the store and the harness. A dot is a pair.</p>
<div class="pair">${await Promise.all(drawn)}</div>${noiseTable(run, noise)}</section>`;
}

function noiseTable(run: Run, noise: readonly Noise[]): Markup {
  const metrics = [...new Set(noise.map(({ metric }) => metric))];
  const inOrder = [
    ...headlines.filter((metric) => metrics.includes(metric)),
    ...metrics.filter((metric) => !headlines.includes(metric)),
  ];
  return table<Noise>({
    caption: html`By metric and point. False alarms: of all ways to call the halves base and head,
 the share that a comparison would tell apart. Detects: the smallest true difference that this many
 pairs tell with a chance of 0.8, beneath it what it may be, since the spread is an estimate.`,
    columns: columnsOf(run),
    groups: inOrder.map((metric) => ({
      title: html`<code>${metric}</code>`,
      rows: noise.filter((one) => one.metric === metric),
    })),
  });
}

function columnsOf(run: Run): readonly Column<Noise>[] {
  return [
    { head: 'Point', kind: 'head', cell: (noise) => nameOfNoise(run, noise) },
    { head: 'Pairs', kind: 'number', cell: ({ pairs }) => pairs },
    { head: 'CV', unit: 'single', kind: 'number', cell: ({ cv }) => formatPercent(cv) },
    {
      head: 'Lag-1',
      unit: 'by chance less than',
      kind: 'number',
      cell: ({ lag1 }) => lagOf(lag1.measurements, lag1.measurementsBound),
    },
    {
      head: 'Lag-1 of ratios',
      unit: 'by chance less than',
      kind: 'number',
      cell: ({ lag1 }) => lagOf(lag1.ratios, lag1.ratiosBound),
    },
    {
      head: 'False alarms',
      unit: 'any, and of 5 %',
      kind: 'number',
      cell: ({ falseAlarmRate: { anyEffect, minimumEffect } }) =>
        html`${shareOf(anyEffect)}<small>${shareOf(minimumEffect)}</small>`,
    },
    { head: 'This A/A', unit: 'head / base', kind: 'number', cell: foundOf },
    {
      head: 'Detects',
      kind: 'number',
      cell: ({ detectableEffect: { value, low, high } }) =>
        html`${formatPercent(value)}<small>${range(low, high, formatPercent)}</small>`,
    },
    { head: 'Pairs for 5 %', kind: 'number', cell: (noise) => needed(noise.pairsFor5Percent) },
    { head: 'for 10 %', kind: 'number', cell: (noise) => needed(noise.pairsFor10Percent) },
  ];
}

function lagOf(found: number | undefined, bound: number): Content {
  if (found === undefined) return notMeasured;
  const isChance = Math.abs(found) <= bound;
  const text = isChance ? found.toFixed(2) : html`<b>${found.toFixed(2)}</b>`;
  return html`${text}<small>${bound.toFixed(2)}</small>`;
}

function shareOf({ rate, low, high }: Noise['falseAlarmRate']['anyEffect']): string {
  const drawn =
    low === undefined || high === undefined ? '' : ` (${range(low, high, formatPercent)})`;
  return `${formatPercent(rate)}${drawn}`;
}

function foundOf({ ratio, low, high, differs, alarm }: Noise): Content {
  const told = alarm ? 'told apart' : differs ? 'differs by less than 5 %' : undefined;
  const size = html`${ratio.toFixed(3)}<small>${range(low, high, formatFraction)}</small>`;
  return told === undefined ? size : html`${size}<small>${told}</small>`;
}

function needed(pairs: number | undefined): string {
  return pairs === undefined ? '> 1,000' : formatNumber(pairs);
}
