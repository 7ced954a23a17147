import { describeQueries } from '../../core/load/describe-queries.js';
import { describeWork } from '../../core/load/describe-work.js';
import type { Load, Run } from '../../core/result.js';

/** What a series belongs to. */
export interface Member {
  readonly target: string;
  readonly family: string;
  readonly params: Readonly<Record<string, string | number | boolean>>;
}

/** One index family of one target, drawn in one colour and shape. */
export interface Series {
  readonly name: string;
  /** A CSS colour variable, `var(--series-1)`, so that a chart follows light and dark. */
  readonly colour: string;
  /** A symbol of Vega. */
  readonly shape: string;
  /** Emulators and test doubles: drawn hollow, never ranked. */
  readonly standIn: boolean;
}

/** Number of colours that the style sheet defines. */
export const seriesColours = 8;

/** A star of five points, as Vega takes a shape: within -1 to 1. */
export const star =
  'M0,-1L0.26,-0.36L0.95,-0.31L0.43,0.14L0.59,0.81L0,0.45' +
  'L-0.59,0.81L-0.43,0.14L-0.95,-0.31L-0.26,-0.36Z';

const shapes = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'cross',
  'triangle-down',
  'triangle-right',
  'triangle-left',
  star,
];

/** The name of a family: with what it re-ranks by, and with the target where there are several. */
export function seriesName(run: Run, member: Member): string {
  const name = familyName(member);
  const real = run.targets.filter((target) => !target.standIn);
  const isPlain = real.length === 1 && real[0]?.name === member.target;
  return isPlain || run.targets.length === 1 ? name : `${name} (${member.target})`;
}

function familyName({ family, params: { refine, factory } }: Member): string {
  const name = family === 'factory' && factory ? String(factory) : family;
  const plain = refine === undefined || refine === 'none' || refine === false;
  return plain ? name : `${name} + refine ${refine}`;
}

/**
 * All series of a run by name, in the order of its builds. Each has a colour and a shape of its
 * own; where there are more of several targets than colours, a target has a colour and a family a
 * shape.
 */
export function seriesOf(run: Run): ReadonlyMap<string, Series> {
  const members = new Map<string, Member>();
  const built = run.builds.map(({ target, index }) => ({ target, ...index }));
  for (const member of [...built, ...run.summaries]) {
    const name = seriesName(run, member);
    if (!members.has(name)) members.set(name, member);
  }
  const all = [...members.values()];
  const targets = [...new Set(all.map(({ target }) => target))];
  const families = [...new Set(all.map(familyName))];
  const byTarget = all.length > seriesColours && targets.length > 1;
  const series = [...members].map(([name, member], index): [string, Series] => {
    const colour = byTarget ? targets.indexOf(member.target) : index;
    const shape = byTarget ? families.indexOf(familyName(member)) : index;
    const standIn = isStandIn(run, member.target);
    return [
      name,
      {
        name,
        colour: `var(--series-${(colour % seriesColours) + 1})`,
        shape: shapes[shape % shapes.length] ?? 'circle',
        standIn,
      },
    ];
  });
  return new Map(series);
}

/** Whether a target only stands in for a store: it is shown, marked, and never ranked. */
export function isStandIn(run: Run, target: string): boolean {
  return run.targets.some((each) => each.name === target && each.standIn);
}

/** The headline latency of a load: response where requests have an intended time, else service. */
export function latencyMetric(load: Load, percentile: 'P50' | 'P99'): string {
  return `${load.kind === 'closed' ? 'service' : 'response'}Ms${percentile}`;
}

/** `recall@10`, or `recall@k` where several k were asked for. */
export function recallName(run: Run): string {
  const operations = run.cells.flatMap((cell) =>
    cell.streams.flatMap((stream) => Object.values(stream.operations)),
  );
  const ks = new Set(operations.flatMap((operation) => operation.recall?.k ?? []));
  return `recall@${ks.size === 1 ? [...ks][0] : 'k'}`;
}

/** How queries were taken, as a sentence; empty where in turn. */
export function queriesSentence(run: Run): string {
  const orders = describeQueries(run.cells);
  return orders.length === 0 ? '' : `Queries ${orders.join('; ')}.`;
}

/** Stream and load in words where all points have the same; they then need no column. */
export function commonWork(run: Run): string | undefined {
  const works = new Set(run.summaries.map(describeWork));
  return works.size === 1 ? [...works][0] : undefined;
}
