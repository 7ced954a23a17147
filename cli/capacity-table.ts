import {
  describeAnswer,
  describeBracket,
  describeCost,
  describeFlow,
  describeLimits,
  describeMeasured,
  describeTuning,
  isSameSearch,
  shownTrials,
  type Trial,
} from '../core/capacity/describe-capacity.js';
import type { Capacity, Run } from '../core/result.js';
import { formatNumber, formatSeconds } from '../core/units.js';
import { namedValues } from './named-values.js';
import { formatRemarks } from './run-table.js';
import { type Column, formatTable } from './table.js';

/** No line is longer, unless a word is. */
const mostColumns = 100;
const indent = '  ';

/**
 * What a search for the highest rate found, as text for a terminal: for each setting the answer,
 * what limits it, the bracket, how sure it is, and the trials; then what a run has to say beside.
 */
export function formatCapacity(run: Run): string {
  const blocks = run.capacity.map((entry) => formatEntry(run, entry));
  const none = run.capacity.length === 0 ? ['no capacity was found\n'] : [];
  return [...none, ...blocks, formatRemarks(run)].filter((block) => block !== '').join('\n');
}

function formatEntry(run: Run, entry: Capacity): string {
  const { budgetS, kneeQps, slo, sureness, tookS, trials } = entry;
  const limits = describeLimits(entry);
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['slo', slo],
    [entry.confirmedQps === undefined ? 'in the way' : 'limited', limits],
    ['rates', describeBracket(entry)],
    ['knee', kneeQps === undefined ? undefined : formatNumber(kneeQps)],
    ['sureness', sureness],
    ['tuned', describeTuning(entry)],
    ['cost', describeCost(entry, run.prices)],
    ['load', describeFlow(entry)],
    ['took', `${formatSeconds(tookS)} of ${formatSeconds(budgetS)}; trials: ${trials.length}`],
  ];
  const facts = lines.flatMap(([name, text]) =>
    text === undefined ? [] : wrapped(text, `${indent}${`${name}:`.padEnd(factWidth)}`),
  );
  const head = wrapped(describeAnswer(entry), `${nameOf(run, entry)}: `, 4);
  const parts = [...head, ...facts, ...trialLines(entry), ...tunedLines(entry)];
  return `${parts.join('\n')}\n`;
}

const factWidth = 12;

/** With the stream where settings differ in it. */
function nameOf({ capacity }: Run, entry: Capacity): string {
  const { target, family, params, search, stream } = entry;
  const isOne = capacity.every((other) => other.stream === stream);
  const settings = namedValues({ ...params, ...search });
  return [target, family, ...settings, ...(isOne ? [] : [stream])].join(' ');
}

/**
 * Text in lines of at most {@link mostColumns}.
 *
 * @param opening begins the first line
 * @param margin spaces before the others; as many as the opening is long when not given
 */
function wrapped(text: string, opening: string, margin = opening.length): string[] {
  const lines: string[] = [];
  let line = opening;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    const longer = isEmpty ? `${line}${word}` : `${line} ${word}`;
    if (!isEmpty && longer.length > mostColumns) {
      lines.push(line);
      line = `${' '.repeat(margin)}${word}`;
    } else line = longer;
    isEmpty = false;
  }
  return [...lines, line];
}

/** A column of the trials and what stands in it. */
interface Part extends Column {
  readonly cell: (trial: Trial) => string;
}

const firstParts: readonly Part[] = [
  { title: 'trial', cell: ({ kind }) => kind },
  { title: 'rate', right: true, cell: ({ rateQps }) => (rateQps ? formatNumber(rateQps) : '-') },
  { title: 'achieved', right: true, cell: ({ achievedQps }) => formatNumber(achievedQps) },
];

const lastParts: readonly Part[] = [
  {
    title: 'verdict',
    cell: ({ saturated, verdict }) => `${verdict}${saturated ? ', saturated' : ''}`,
  },
];

/** A row a trial; why it did not pass stands beneath, as do measured values without room. */
function trialLines(entry: Capacity): string[] {
  const trials = shownTrials(entry);
  if (trials.length === 0) return [];
  const conditions = entry.conditions.map(
    (condition): Part => ({
      title: condition.metric,
      right: true,
      cell: (trial) => describeMeasured(trial, condition) ?? '-',
    }),
  );
  const whole = rowsOf([...firstParts, ...conditions, ...lastParts], trials);
  const isWide = whole.some((line) => line.length > mostColumns);
  const rows = isWide ? rowsOf([...firstParts, ...lastParts], trials) : whole;
  const [head = '', rule = '', ...body] = rows;
  const values = (trial: Trial): string =>
    conditions.map((part) => `${part.title} ${part.cell(trial)}`).join(', ');
  const beneath = (trial: Trial): string[] =>
    [...(isWide ? [values(trial)] : []), trial.why.join('; ')].filter((text) => text !== '');
  const lines = trials.flatMap((trial, index) => [
    body[index] ?? '',
    ...beneath(trial).flatMap((text) => wrapped(text, indent.repeat(3))),
  ]);
  return [head, rule, ...lines];
}

function rowsOf(parts: readonly Part[], trials: readonly Trial[]): string[] {
  const cells = trials.map((trial) => parts.map(({ cell }) => cell(trial)));
  const text = formatTable(parts, cells).trimEnd();
  return text.split('\n').map((line) => `${indent}${line}`);
}

/** The settings that were tried before rates were. */
function tunedLines(entry: Capacity): string[] {
  const { tuned } = entry;
  if (tuned === undefined) return [];
  return tuned.tried.flatMap(({ search, recall, throughputQps, passed }) => {
    const quality = recall === undefined ? '' : `recall ${recall.toFixed(3)}, `;
    const words = `${quality}${formatNumber(throughputQps)}/s, ${passed ? 'passed' : 'failed'}`;
    const chosen = isSameSearch(search, entry.search) ? ', chosen' : '';
    const setting = namedValues(search).join(' ') || 'all off';
    return wrapped(`${words}${chosen}`, `${indent}tried ${setting}: `, 6);
  });
}
