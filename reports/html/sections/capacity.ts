import {
  type CapacityCondition,
  describeAnswer,
  describeBracket,
  describeCondition,
  describeCost,
  describeFlow,
  describeLimit,
  describeLimits,
  describeMeasured,
  describeTuning,
  failedBy,
  isLatency,
  isSameSearch,
  shownTrials,
  type Trial,
} from '../../../core/capacity/describe-capacity.js';
import type { Capacity, Run } from '../../../core/result.js';
import { formatNumber, formatSeconds } from '../../../core/units.js';
import {
  type CapacityView,
  capacityChart,
  trialShapes,
  verdictColours,
} from '../../charts/capacity.js';
import {
  capacityBars,
  capacityParts,
  isRanked,
  sortedCapacity,
  streamOfCapacity,
} from '../../charts/capacity-bars.js';
import { isStandIn, recallName, seriesName } from '../../charts/series.js';
import { figure } from '../figure.js';
import {
  capital,
  formatDuration,
  formatFraction,
  formatParameters,
  formatScalars,
  notMeasured,
  value,
} from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import {
  lineLegend,
  partsLegend,
  type Swatches,
  saturatedLegend,
  seriesLabel,
  shadeLegend,
  symbolLegend,
} from '../swatch.js';
import { type Column, table } from '../table.js';
import { badge } from './verdict.js';

/** So many settings have their trials in sight; those of more are behind folds. */
const mostOpen = 3;

/** The highest rate at which each setting meets an SLO; nothing where none was searched for. */
export async function capacitySection(
  run: Run,
  id: string,
  swatches: Swatches,
): Promise<Markup | undefined> {
  const entries = sortedCapacity(run);
  const [first] = entries;
  if (first === undefined) return undefined;
  const slos = new Set(entries.map(sloOf));
  const title = slos.size === 1 ? sloOf(first) : `${slos.size} SLOs`;
  const parts = entries.map((entry, index) =>
    entryPart(run, { entry, id: `${id}-${index}`, swatches, saysSlo: slos.size > 1 }),
  );
  return html`<section id="${id}" class="wide"><h2>Capacity under ${title}</h2>
<p>The highest rate at which a setting meets the whole SLO at once, keeps up with what is offered,
and the client is not the limit. Rates rise until one fails, the bracket is halved, and a long
trial at its lower end confirms the answer; a rate that fails by little is tried again. Point at a
mark for its figures.</p>${await overview(run, id)}${await Promise.all(parts)}</section>`;
}

/** All confirmed rates next to each other. */
async function overview(run: Run, id: string): Promise<Content> {
  const chart = capacityBars(run);
  const has = (ranked: boolean): boolean =>
    run.capacity.some(
      (entry) => entry.confirmedQps !== undefined && isRanked(run, entry) === ranked,
    );
  const parts = capacityParts.filter((_, index) => has(index === 0));
  const drawn = await figure(chart, {
    id: `${id}-bars`,
    caption: html`Confirmed rates <small>QPS; lines from the highest rate that passed to the lowest
 that did not; without a bar no rate is confirmed</small>`,
    legend: partsLegend(parts),
  });
  return drawn && html`<div class="pair">${drawn}</div>`;
}

interface Part {
  readonly entry: Capacity;
  readonly id: string;
  readonly swatches: Swatches;
  readonly saysSlo: boolean;
}

async function entryPart(run: Run, part: Part): Promise<Markup> {
  const { entry, id, swatches } = part;
  const figures = await figuresOf(run, entry, id);
  const trials = trialsTable(run, entry);
  const count = shownTrials(entry).length;
  const isFolded = run.capacity.length > mostOpen && count > 0;
  const settings = settingsOf(run, entry);
  const stand = isStandIn(run, entry.target) ? html` <span class="tag">stand-in</span>` : undefined;
  return html`<h3>${seriesLabel(swatches, seriesName(run, entry))} ${settings}${stand}</h3>
${answerBox(run, part)}
${figures.length === 0 ? undefined : [legendOf(entry), html`<div class="pair">${figures}</div>`]}
${isFolded ? html`<details><summary>Every trial (${count})</summary>${trials}</details>` : trials}
${tunedTable(entry)}`;
}

/** What tells a setting from others of its series. */
function settingsOf(run: Run, entry: Capacity): string {
  const settings = formatParameters({ ...entry.params, ...entry.search });
  return [streamOfCapacity(run, entry) ?? '', settings].filter((part) => part !== '').join(' ');
}

const tones = {
  confirmed: ['pass', '✓'],
  unconfirmed: ['undecided', '?'],
  'out-of-time': ['undecided', '?'],
  'nothing-passes': ['fail', '✕'],
  'no-limit': ['neutral', '·'],
  'client-limit': ['neutral', '·'],
} as const;

/** The answer, what was in the way of more, and how sure it is. */
function answerBox({ prices }: Run, { entry, saysSlo }: Part): Markup {
  const [tone, sign] = tones[entry.ending];
  const [answer = '', ...rest] = capital(describeAnswer(entry)).split(/(?=[,;:] )/);
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['SLO', saysSlo ? sloOf(entry) : undefined],
    [entry.confirmedQps === undefined ? 'In the way' : 'Limited', readable(describeLimits(entry))],
    ['Rates', describeBracket(entry)],
    ['Sureness', entry.sureness],
    ['Tuned', describeTuning(entry)],
    ['Cost', describeCost(entry, prices)],
  ];
  const shown = lines.filter(([, text]) => text !== undefined);
  return html`<div class="verdict ${tone}"><p class="verdict-line"><span class="sign"
 aria-hidden="true">${sign}</span> <strong>${answer}</strong>${rest.join('')}</p>
<ul>${shown.map(([name, text]) => html`<li><b>${name}:</b> ${text}</li>`)}</ul>
<p class="facts">${factsOf(entry)}</p></div>`;
}

function factsOf(entry: Capacity): string {
  const { budgetS, kneeQps, target, tookS, trials } = entry;
  const knee = kneeQps === undefined ? [] : [`knee ${formatNumber(kneeQps)} QPS`];
  const took = `${formatSeconds(tookS)} of a budget of ${formatSeconds(budgetS)}`;
  const facts = [
    `target ${target}`,
    ...knee,
    describeFlow(entry),
    `trials: ${trials.length}`,
    took,
  ];
  return facts.join(' · ');
}

function readable(text: string | undefined): string | undefined {
  return text?.replaceAll('<=', ' ≤ ').replaceAll('>=', ' ≥ ');
}

function sloOf({ conditions }: Capacity): string {
  return conditions.map((each) => sign(describeCondition(each))).join(', ');
}

function sign(text: string): string {
  return text.replace('<=', '≤').replace('>=', '≥');
}

/** A pair for each condition that is a latency: all rates, and those near the answer. */
async function figuresOf(run: Run, entry: Capacity, id: string): Promise<readonly Markup[]> {
  const name = `${seriesName(run, entry)} ${settingsOf(run, entry)}`;
  const views = entry.conditions.filter(isLatency).flatMap((condition): CapacityView[] => [
    { name, condition, part: 'whole' },
    { name, condition, part: 'near' },
  ]);
  const figures = views.map(({ condition, part, ...view }) =>
    figure(capacityChart(entry, { ...view, condition, part }), {
      id: `${id}-${condition.metric.replace('.', '-')}-${part}`,
      caption:
        part === 'whole'
          ? html`${condition.metric} by offered rate <small>all rates; down and right is
 better</small>`
          : html`${condition.metric} near the answer <small>the same trials; the rate on a linear
 scale</small>`,
    }),
  );
  return (await Promise.all(figures)).filter((each) => each !== undefined);
}

const kinds = {
  ramp: 'ramp',
  bisect: 'bisection',
  confirm: 'long trial',
} as const;

const verdicts = {
  passed: 'passed',
  failed: 'failed',
  client: 'the client was the limit',
} as const;

/** What the marks of the curves mean, as far as they are there. */
function legendOf(entry: Capacity): Markup {
  const { bracket, trials } = entry;
  const shapes = Object.entries(trialShapes).filter(([kind]) =>
    trials.some((trial) => trial.kind === kind),
  );
  const colours = Object.entries(verdictColours).filter(([verdict]) =>
    trials.some((trial) => trial.verdict === verdict && trial.kind !== 'probe'),
  );
  const ink = { fill: 'var(--muted)', stroke: 'var(--muted)' };
  const hasBand = bracket.passedQps !== undefined && bracket.failedQps !== undefined;
  return html`<ul class="legend">${shapes.map(([kind, shape]) =>
    symbolLegend(shape, ink, kinds[kind as keyof typeof kinds]),
  )}${colours.map(([verdict, stroke]) =>
    symbolLegend(
      'circle',
      { fill: verdict === 'passed' ? stroke : 'none', stroke },
      verdicts[verdict as Trial['verdict']],
    ),
  )}${lineLegend('var(--muted)', 'median of the short trials at a rate')}${
    hasBand ? shadeLegend('var(--front)', 'between passed and failed') : undefined
  }${trials.some(({ saturated }) => saturated) ? saturatedLegend() : undefined}</ul>`;
}

function trialsTable(run: Run, entry: Capacity): Markup | undefined {
  const trials = shownTrials(entry);
  if (trials.length === 0) return undefined;
  const probe = trials.some(({ kind }) => kind === 'probe')
    ? ' A probe offers no rate: a few callers without a pause tell where to begin.'
    : '';
  return table<Trial>({
    caption: `Trials in the order in which they ran; values against it are marked.${probe}`,
    layout: 'stack',
    groups: [{ rows: trials }],
    rowClass: ({ verdict }) => (verdict === 'client' ? 'unranked' : ''),
    columns: [
      { head: 'Trial', kind: 'head', cell: ({ kind }) => kind },
      { head: 'Offered', unit: 'QPS', kind: 'number', cell: ({ rateQps }) => offered(rateQps) },
      {
        head: 'Achieved',
        unit: 'QPS',
        kind: 'number',
        cell: ({ achievedQps, saturated }) =>
          html`${saturated ? html`<span class="tag">saturated</span> ` : ''}${formatNumber(
            achievedQps,
          )}`,
      },
      ...entry.conditions.map((condition) => conditionColumn(run, condition)),
      { head: 'Requests', kind: 'number', cell: ({ requests }) => formatNumber(requests) },
      { head: 'Window', kind: 'number', cell: ({ durationS }) => formatDuration(durationS) },
      { head: 'Verdict', cell: ({ verdict }) => badge(verdictTones[verdict], verdict) },
      {
        head: 'Why it did not pass',
        cell: ({ why }) => why.map((each) => html`<div>${readable(each)}</div>`),
      },
      { head: 'Cell', cell: ({ cell }) => html`<code>${cell}</code>` },
    ],
  });
}

const verdictTones = { passed: 'pass', failed: 'fail', client: 'undecided' } as const;

function offered(rateQps: number | undefined): Content {
  return rateQps === undefined ? 'no rate' : formatNumber(rateQps);
}

function conditionColumn(run: Run, condition: CapacityCondition): Column<Trial> {
  const { metric, operator } = condition;
  return {
    head: metric === 'recall' ? recallName(run) : metric,
    unit: sign(`${operator} ${describeLimit(condition)}`),
    kind: 'number',
    cell: (trial) => {
      const measured = describeMeasured(trial, condition);
      if (measured === undefined) return notMeasured;
      return failedBy(trial, condition) ? html`<span class="tag">${measured}</span>` : measured;
    },
  };
}

type Tried = NonNullable<Capacity['tuned']>['tried'][number];

function tunedTable(entry: Capacity): Markup | undefined {
  const { tuned } = entry;
  if (tuned === undefined) return undefined;
  const left = tuned.settings - tuned.tried.length;
  const rest =
    left === 0
      ? ''
      : ` ${left} of ${tuned.settings} settings did not need to be tried: more effort never lowers
 the quality.`;
  const isChosen = ({ search }: Tried): boolean => isSameSearch(search, entry.search);
  return table<Tried>({
    caption: `Settings of ${tuned.names.join(', ')} that were tried, a few callers without a pause;
 the fastest of those whose quality passes is chosen.${rest}`,
    groups: [{ rows: tuned.tried }],
    columns: [
      {
        head: 'Search',
        kind: 'head',
        cell: (each) => {
          const words = formatScalars(each.search);
          return isChosen(each) ? html`<b>${words}</b> chosen` : words;
        },
      },
      { head: 'Recall', kind: 'number', cell: ({ recall }) => value(recall, formatFraction) },
      {
        head: 'Throughput',
        unit: 'QPS',
        kind: 'number',
        cell: ({ throughputQps }) => formatNumber(throughputQps),
      },
      {
        head: 'Quality',
        cell: ({ passed }) => badge(passed ? 'pass' : 'fail', passed ? 'passed' : 'failed'),
      },
    ],
  });
}
