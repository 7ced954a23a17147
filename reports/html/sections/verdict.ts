import { describeAnswer } from '../../../core/capacity/describe-capacity.js';
import type { GateResult, Run } from '../../../core/result.js';
import { formatSeconds } from '../../../core/units.js';
import { capital, formatOfMetric, formatScalars, formatTime, range, value } from '../figures.js';
import { html, type Markup } from '../markup.js';
import { table } from '../table.js';

type Tone = 'pass' | 'fail' | 'undecided' | 'no-data' | 'neutral';

/** Words of a verdict, with a sign that does not need colour. */
const signs: Readonly<Record<Tone, string>> = {
  pass: '✓',
  fail: '✕',
  undecided: '?',
  'no-data': '∅',
  neutral: '·',
};

const order: readonly GateResult['verdict'][] = ['fail', 'no-data', 'undecided', 'pass'];

/** A verdict as a small coloured label. */
export function badge(tone: Tone, text: string): Markup {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${signs[tone]}</span>
 ${text}</span>`;
}

/** What was run, and whether it holds. */
export function verdictSection(run: Run): Markup {
  const { tone, text } = verdictOf(run);
  const bad = run.gates.filter((gate) => gate.verdict !== 'pass');
  return html`<section class="verdict ${tone}" aria-label="Verdict">
<p class="verdict-line"><span class="sign" aria-hidden="true">${signs[tone]}</span>
<strong>${text}</strong></p>
${bad.length === 0 ? undefined : html`<ul>${bad.map(shortGate)}</ul>`}
${stopped(run)}<p class="facts">${facts(run)}</p>${isolation(run)}</section>`;
}

function verdictOf(run: Run): { tone: Tone; text: string } {
  const partial = run.status === 'partial' ? 'Partial run. ' : '';
  if (run.gates.length === 0 && run.capacity.length > 0) {
    return { tone: 'neutral', text: `${partial}${capacityText(run)}` };
  }
  if (run.gates.length === 0) {
    return { tone: 'neutral', text: `${partial}No gates: nothing was judged.` };
  }
  const counts = order.map((verdict) => ({
    verdict,
    count: run.gates.filter((gate) => gate.verdict === verdict).length,
  }));
  const worst = counts.find(({ count }) => count > 0)?.verdict ?? 'pass';
  const parts = counts
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => {
      const words = {
        pass: 'passed',
        fail: 'failed',
        undecided: 'undecided',
        'no-data': 'no data',
      };
      return `${count} ${words[verdict]}`;
    });
  const gates = run.gates.length === 1 ? '1 gate' : `${run.gates.length} gates`;
  return { tone: worst, text: `${partial}${gates}: ${parts.join(', ')}.` };
}

/** What a search for the highest rate found, as far as it goes into a sentence. */
function capacityText({ capacity }: Run): string {
  const [only] = capacity;
  if (only !== undefined && capacity.length === 1) return `${capital(describeAnswer(only))}.`;
  const confirmed = capacity.filter(({ confirmedQps }) => confirmedQps !== undefined);
  return `${confirmed.length} of ${capacity.length} settings have a confirmed rate.`;
}

function shortGate(gate: GateResult): Markup {
  return html`<li>${badge(gate.verdict, gate.verdict)} <b>${gate.name}</b> – ${gate.why}</li>`;
}

function facts(run: Run): string {
  // Trials of a search for the highest rate are no repeats of points.
  const isSearch = run.capacity.length > 0 && run.summaries.length === 0;
  const failed = run.builds.filter((build) => build.status === 'failed').length;
  const attached = run.builds.filter((build) => build.attached !== undefined).length;
  const remarks = [
    ...(attached > 0 ? [`${attached} attached`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  const invalid = run.cells.filter((cell) => cell.invalid.length > 0).length;
  const cut = run.cells.filter((cell) => cell.status !== 'complete').length;
  const started = new Date(run.startedAt).getTime();
  const took = (new Date(run.finishedAt).getTime() - started) / 1000;
  return [
    `${run.cells.length} cells in ${formatSeconds(Math.max(0, took))}`,
    ...(isSearch ? [] : [`${run.summaries.length} points`]),
    `${run.builds.length} builds${remarks.length > 0 ? ` (${remarks.join(', ')})` : ''}`,
    `${invalid} invalid`,
    ...(cut > 0 ? [`${cut} partial or failed`] : []),
    ...(isSearch ? [] : [run.interleaved ? 'repeats interleaved' : 'repeats not interleaved']),
    `started ${formatTime(run.startedAt)}`,
    `seed ${run.seed}`,
  ].join(' · ');
}

/** Why a run ended before its plan did. */
function stopped({ stopped: note }: Run): Markup | undefined {
  if (note === undefined) return undefined;
  return html`<p>Stopped early: <code>${note.code}</code> ${note.message}</p>`;
}

/** Whether client and engine had cores of their own, and why. */
function isolation({ isolation: plan }: Run): Markup | undefined {
  if (plan === undefined) return undefined;
  const { on, clientCores, engineCores, why } = plan;
  const cores = `client on cores ${clientCores.join(', ')}, engines on ${engineCores.join(', ')}`;
  return html`<p class="facts">Isolation ${on ? `on: ${cores}` : 'off'}. ${why}</p>`;
}

/** All gates with their values and limits. */
export function gatesSection(run: Run, id: string): Markup | undefined {
  if (run.gates.length === 0) return undefined;
  const sorted = order.flatMap((verdict) => run.gates.filter((gate) => gate.verdict === verdict));
  return html`<section id="${id}"><h2>Gates</h2>${table<GateResult>({
    caption:
      'A gate passes when the whole interval of its figure is on the right side of the limit.',
    layout: 'stack',
    groups: [{ rows: sorted }],
    columns: [
      { head: 'Gate', kind: 'head', cell: (gate) => gate.name },
      { head: 'Verdict', cell: (gate) => badge(gate.verdict, gate.verdict) },
      { head: 'Metric', cell: (gate) => html`<code>${gate.metric}</code>` },
      { head: 'Where', cell: (gate) => formatScalars(gate.where) || 'every point' },
      { head: 'Limit', kind: 'number', cell: limitOf },
      { head: 'Value', unit: '[interval]', kind: 'number', cell: measured },
      { head: 'Why', cell: (gate) => gate.why },
    ],
  })}</section>`;
}

function limitOf(gate: GateResult): string {
  const format = formatOfMetric(gate.metric);
  const least = gate.atLeast === undefined ? [] : [`≥ ${format(gate.atLeast)}`];
  const most = gate.atMost === undefined ? [] : [`≤ ${format(gate.atMost)}`];
  return [...least, ...most].join(', ');
}

function measured(gate: GateResult): Markup {
  const format = formatOfMetric(gate.metric);
  if (gate.low === undefined || gate.high === undefined) return html`${value(gate.value, format)}`;
  const interval = range(gate.low, gate.high, format);
  return html`${value(gate.value, format)}<small>${interval}</small>`;
}
