import { describeLoad } from '../../core/load/phases.js';
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

const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down'];

/** The name of a family: with what it re-ranks by, and with the target where there are several. */
export function seriesName(run: Run, member: Member): string {
  const { refine, factory } = member.params;
  const family = member.family === 'factory' && factory ? String(factory) : member.family;
  const refined = refine === undefined || refine === 'none' || refine === false;
  const name = refined ? family : `${family} + refine ${refine}`;
  const real = run.targets.filter((target) => !target.standIn);
  const isPlain = real.length === 1 && real[0]?.name === member.target;
  return isPlain || run.targets.length === 1 ? name : `${name} (${member.target})`;
}

/** All series of a run by name, in the order of its builds. */
export function seriesOf(run: Run): ReadonlyMap<string, Series> {
  const series = new Map<string, Series>();
  const add = (member: Member): void => {
    const name = seriesName(run, member);
    if (series.has(name)) return;
    series.set(name, {
      name,
      colour: `var(--series-${(series.size % seriesColours) + 1})`,
      shape: shapes[series.size % shapes.length] ?? 'circle',
      standIn: isStandIn(run, member.target),
    });
  };
  for (const build of run.builds) add({ target: build.target, ...build.index });
  for (const summary of run.summaries) add(summary);
  return series;
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

/** The load in words where all points have the same; it then needs no column. */
export function commonLoad(run: Run): string | undefined {
  const loads = new Set(run.summaries.map((summary) => describeLoad(summary.load)));
  return loads.size === 1 ? [...loads][0] : undefined;
}
