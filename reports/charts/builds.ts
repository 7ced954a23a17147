import type { Build, Figure, Run } from '../../core/result.js';
import { formatBytes } from '../../core/units.js';
import { formatDuration, formatParameters } from '../html/figures.js';
import { type Bar, barSpec, type Mark, type Part } from './bars.js';
import { seriesName } from './series.js';
import type { Chart } from './svg.js';

const mebibyte = 1024 * 1024;
const mostChars = 26;

/** The parts of the memory chart. */
export const memoryParts: readonly Part[] = [
  { name: 'engine-reported', colour: 'var(--part-1)' },
  { name: 'process, anonymous', colour: 'var(--part-2)' },
  { name: 'process, files', colour: 'var(--part-3)' },
  { name: 'process, shared', colour: 'var(--part-4)' },
];

/** The parts of the build-time chart: the phases of a build. */
export const phaseParts: readonly Part[] = [
  { name: 'insert', colour: 'var(--part-4)' },
  { name: 'train', colour: 'var(--part-1)' },
  { name: 'add', colour: 'var(--part-3)' },
  { name: 'index', colour: 'var(--part-2)' },
];

/** The builds that stand: ready, and of each id the last instance. */
export function readyBuilds(run: Run): readonly Build[] {
  const last = new Map<string, Build>();
  for (const build of run.builds) if (build.status === 'ready') last.set(build.id, build);
  return [...last.values()];
}

/**
 * Memory of each build: what the engine says, and what its process occupies; of a server, which
 * holds other builds too, what the build added to it.
 */
export function memoryChart(run: Run): Chart | undefined {
  const builds = readyBuilds(run);
  const bars = builds.flatMap((build) => memoryBars(run, build));
  if (bars.length === 0) return undefined;
  const marks = builds.flatMap((build) => memoryMarks(run, build));
  const ticks = builds.flatMap((build) => rawTick(run, build));
  return {
    title: 'Memory of each build (MiB)',
    description: describe(bars),
    spec: barSpec({
      bars,
      marks,
      ticks,
      parts: memoryParts,
      rows: ['engine', 'process'],
      labels: builds.map((build) => labelOf(run, build)),
      title: 'memory (MiB)',
    }),
  };
}

/** Build time of each build, its phases stacked. */
export function buildTimeChart(run: Run): Chart | undefined {
  const builds = readyBuilds(run);
  const bars = builds.flatMap((build) => phaseBars(run, build));
  if (bars.length === 0) return undefined;
  const marks = builds.flatMap((build) => timeMarks(run, build));
  return {
    title: 'Time to build (s)',
    description: describe(bars),
    spec: barSpec({
      bars,
      marks,
      ticks: [],
      parts: phaseParts,
      rows: ['all'],
      labels: builds.map((build) => labelOf(run, build)),
      title: 'build time (s)',
    }),
  };
}

/** How long a build took; words where it was none. */
function timeMarks(run: Run, build: Build): readonly Mark[] {
  const place = { build: labelOf(run, build), row: 'all' };
  if (build.attached !== undefined) return [{ ...place, at: 0, text: 'not built by bench' }];
  const { buildS } = build;
  return buildS === undefined ? [] : [{ ...place, at: buildS, text: formatDuration(buildS) }];
}

function labelOf(run: Run, build: Build): string {
  const { family, params } = build.index;
  const { refine: _, ...shown } = params;
  const name = seriesName(run, { target: build.target, family, params });
  const several = new Set(run.builds.map((each) => each.dataset)).size > 1;
  // The target of a long name goes to the next line.
  const [heading = '', ...rest] = name.length > mostChars ? name.split(/ (?=\()/) : [name];
  const attached = build.attached === undefined ? [] : [`attached: ${build.attached}`];
  const settings = formatParameters(shown).split(' ');
  const words = [...rest, ...settings, ...attached].filter((word) => word !== '');
  return [heading, ...linesOf(several ? [...words, build.dataset] : words)].join('\n');
}

/** Words in as few lines as have room beside a bar. */
export function linesOf(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1) ?? ''} ${word}`.trim();
    if (lines.length > 0 && longer.length <= mostChars) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines;
}

function memoryBars(run: Run, build: Build): readonly Bar[] {
  const amounts = [build.memory.engineBytes, ...processPages(run, build)];
  return amounts.flatMap((bytes, order) => {
    const part = memoryParts[order];
    // What a server gave back meanwhile is in the figure beside the bar.
    if (bytes === undefined || bytes <= 0 || part === undefined) return [];
    return {
      build: labelOf(run, build),
      row: order === 0 ? 'engine' : 'process',
      part: part.name,
      order,
      amount: bytes / mebibyte,
      label: `${labelOf(run, build)}: ${part.name} ${formatBytes(bytes)}`,
    };
  });
}

/** Anonymous, file-backed and shared pages; of a server those that the build added. */
function processPages(run: Run, { target, memory }: Build): readonly (number | undefined)[] {
  const kinds = ['pssAnonBytes', 'pssFileBytes', 'pssShmemBytes'] as const;
  const after = kinds.map((kind) => memory[kind]);
  if (!isServer(run, target)) return after;
  const { baseline = {} } = memory;
  const before = kinds.map((kind) => baseline[kind]);
  return after.map((bytes, at) => {
    const was = before[at];
    return bytes === undefined || was === undefined ? undefined : bytes - was;
  });
}

/** Whether the processes of a target hold the collections of several builds. */
function isServer({ targets }: Run, name: string): boolean {
  return targets.find((target) => target.name === name)?.kind === 'server';
}

function memoryMarks(run: Run, build: Build): readonly Mark[] {
  const metric = isServer(run, build.target) ? 'pssGrowthBytes' : 'pssBytes';
  const pss = figureOf(run, build, metric)?.median ?? sumOf(processPages(run, build));
  const engine = build.memory.engineBytes;
  const place = labelOf(run, build);
  // Behind the tick of the raw vectors, too.
  const raw = build.memory.rawBytes ?? 0;
  const mark = (row: string, bytes: number): Mark => ({
    build: place,
    row,
    at: (row === 'engine' ? Math.max(bytes, raw) : Math.max(bytes, 0)) / mebibyte,
    text: formatBytes(bytes),
  });
  return [
    engine === undefined
      ? { build: place, row: 'engine', at: 0, text: '— not measured' }
      : mark('engine', engine),
    ...(pss === undefined ? [] : [mark('process', pss)]),
  ];
}

/** What the parts of a bar come to, where no summary says it. */
function sumOf(parts: readonly (number | undefined)[]): number | undefined {
  const known = parts.filter((bytes) => bytes !== undefined);
  return known.length < parts.length ? undefined : known.reduce((sum, bytes) => sum + bytes, 0);
}

function rawTick(run: Run, build: Build): readonly object[] {
  const { rawBytes: raw, engineBytes } = build.memory;
  if (raw === undefined || engineBytes === undefined) return [];
  return [{ build: labelOf(run, build), row: 'engine', at: raw / mebibyte }];
}

function figureOf(run: Run, build: Build, metric: string): Figure | undefined {
  return run.summaries.find((summary) => summary.build === build.id)?.metrics[metric];
}

function phaseBars(run: Run, build: Build): readonly Bar[] {
  return build.phases.map((phase) => ({
    build: labelOf(run, build),
    row: 'all',
    part: phase.name,
    order: phaseParts.findIndex((part) => part.name === phase.name),
    amount: phase.s,
    label: `${labelOf(run, build)}: ${phase.name} ${formatDuration(phase.s)}`,
  }));
}

function describe(bars: readonly Bar[]): string {
  return bars.map((bar) => bar.label.replaceAll('\n', ' ')).join('. ');
}
