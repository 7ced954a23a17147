import type { Cell, Run } from '../../core/result.js';
import { formatBytes, formatNumber } from '../../core/units.js';
import { counts } from './cells.js';
import { colourBy, type Layer } from './point-layers.js';
import { seriesName, seriesOf } from './series.js';
import type { Chart } from './svg.js';
import { chartWidth, theme } from './theme.js';

/** The colour of the client, whatever store it asks. */
export const clientColour = 'var(--muted)';

const dashes = [2, 2];
const height = 220;
/** Of more seconds than these single ones are not marked: the line says it all. */
const mostMarks = 400;
const minS = 60;
const hourS = 3600;
const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

type Figure = 'serverCores' | 'clientCores' | 'serverRssBytes';

/** What was used in one second of a window, or in what the window had of it. */
export interface UsageMark {
  /** Seconds since the run began. */
  readonly fromS: number;
  readonly toS: number;
  /** Cores, or bytes. */
  readonly y: number;
  readonly series: string;
  readonly cell: string;
  /** Marks of one line are joined; where something was not measured another begins. */
  readonly line: string;
  readonly label: string;
}

/** Whether enough was sampled to see how it went: a longer window, or several short ones. */
export function hasUsage(run: Run): boolean {
  const seconds = run.cells.map(({ resources }) => resources.timeline?.secondS.length ?? 0);
  return seconds.some((count) => count >= 2) || seconds.filter((count) => count === 1).length >= 5;
}

/** Cores in use along the clock: of the store by series, and of the client. */
export function coresChart(run: Run): Chart | undefined {
  const title = 'processor time (cores)';
  const format = (cores: number): string => `${formatNumber(cores)} cores`;
  const store = usageMarks(run, { figure: 'serverCores', format });
  const client = usageMarks(run, { figure: 'clientCores', format });
  return usageChart(run, { name: 'Processor time', title, scale: 1, store, client, format });
}

/** The resident set of the store's processes along the clock, by series. */
export function residentChart(run: Run): Chart | undefined {
  const store = usageMarks(run, { figure: 'serverRssBytes', format: formatBytes });
  const isLarge = store.some(({ y }) => y >= gibibyte);
  return usageChart(run, {
    name: 'Memory',
    title: `resident set (${isLarge ? 'GiB' : 'MiB'})`,
    scale: isLarge ? gibibyte : mebibyte,
    store,
    client: [],
    format: formatBytes,
  });
}

/** Who has a figure in any second: the series of stores, or of the client. */
export function usersOf(run: Run, figure: Figure): ReadonlySet<string> {
  return new Set(usageMarks(run, { figure, format: String }).map(({ series }) => series));
}

/** What a figure was in each second that knows it, of all cells in the order of their windows. */
export function usageMarks(run: Run, shown: Shown): readonly UsageMark[] {
  return run.cells.flatMap((cell) => cellMarks(run, cell, shown)).sort((a, b) => a.fromS - b.fromS);
}

interface Shown {
  readonly figure: Figure;
  readonly format: (value: number) => string;
}

function cellMarks(run: Run, cell: Cell, { figure, format }: Shown): readonly UsageMark[] {
  const { timeline } = cell.resources;
  const values = timeline?.[figure];
  if (timeline === undefined || values === undefined) return [];
  const series = nameOf(run, cell);
  const openS =
    (Date.parse(cell.startedAt) - Date.parse(run.startedAt)) / 1000 + (timeline.beginS ?? 0);
  const what = figure === 'clientCores' ? 'client' : series;
  const remark = counts(cell) ? '' : ', does not count';
  let piece = 0;
  let before: number | undefined;
  return timeline.secondS.flatMap((second, index) => {
    const y = values[index];
    if (y === undefined || y === null) return [];
    if (second - 1 !== before) piece += 1;
    before = second;
    return {
      fromS: openS + second,
      toS: openS + Math.min(second + 1, Math.max(cell.durationS, second)),
      y,
      series,
      cell: cell.id,
      line: `${cell.id}/${piece}`,
      label: `${what}, ${cell.id}, second ${second + 1}: ${format(y)}${remark}`,
    };
  });
}

function nameOf(run: Run, { build: id }: Cell): string {
  const build = run.builds.find((each) => each.id === id);
  return build === undefined ? id : seriesName(run, { target: build.target, ...build.index });
}

interface UsageSpec {
  readonly name: string;
  /** Of the upright axis. */
  readonly title: string;
  /** What a value is divided by for the axis. */
  readonly scale: number;
  readonly store: readonly UsageMark[];
  readonly client: readonly UsageMark[];
  readonly format: (value: number) => string;
}

function usageChart(run: Run, spec: UsageSpec): Chart | undefined {
  const { store, client, title, scale } = spec;
  if (store.length + client.length === 0) return undefined;
  const clock = clockOf(run);
  const drawn = (marks: readonly UsageMark[]): readonly Drawn[] =>
    marks.map((mark) => ({ ...mark, y: mark.y / scale, perUnit: clock.perUnit }));
  const color = colourBy(seriesOf(run));
  return {
    title: `${spec.name} along the clock`,
    description: describe(spec),
    spec: {
      width: chartWidth,
      autosize: { type: 'fit-x', contains: 'padding' },
      height,
      config: theme,
      layer: [
        ...lineLayers(drawn(client), { width: 1.25, color: { value: clientColour }, dashes }),
        ...lineLayers(drawn(store), { width: 2, color }),
      ].map((layer) => ({
        ...layer,
        encoding: { x: clock.channel, y: upright(title), ...layer.encoding },
      })),
    } as Chart['spec'],
  };
}

/** The same for all charts of a run: from its first window that was sampled to its last. */
function clockOf(run: Run) {
  const format = String;
  const figures: readonly Figure[] = ['serverCores', 'clientCores', 'serverRssBytes'];
  const marks = figures.flatMap((figure) => usageMarks(run, { figure, format }));
  const lastS = marks.reduce((most, { toS }) => Math.max(most, toS), 0);
  const firstS = marks.reduce((least, { fromS }) => Math.min(least, fromS), lastS);
  const [perUnit, unit] =
    lastS < 10 * minS ? [1, 's'] : lastS < 10 * hourS ? [minS, 'min'] : [hourS, 'h'];
  const channel = {
    field: 'x',
    type: 'quantitative',
    scale: { domain: [firstS / perUnit, lastS / perUnit], nice: false, zero: false },
    axis: { title: `since the run began (${unit})`, grid: false, tickCount: 8 },
  };
  return { perUnit, channel };
}

function upright(title: string): object {
  return {
    field: 'y',
    type: 'quantitative',
    scale: { zero: true, nice: true },
    axis: { title, tickCount: 5, format: ',~r' },
  };
}

interface Drawn extends UsageMark {
  /** Seconds of the unit of the clock. */
  readonly perUnit: number;
}

interface LineStyle {
  readonly width: number;
  /** A channel of Vega-Lite. */
  readonly color: object;
  readonly dashes?: readonly number[];
}

/** A second is as long as it was, so that a window of one is seen. */
function lineLayers(
  marks: readonly Drawn[],
  { width, color, dashes }: LineStyle,
): readonly Layer[] {
  const places = marks.flatMap((mark) =>
    [mark.fromS, mark.toS].map((atS) => ({ ...mark, x: atS / mark.perUnit })),
  );
  const middles = marks.map((mark) => ({ ...mark, x: (mark.fromS + mark.toS) / 2 / mark.perUnit }));
  const line: Layer = {
    data: {
      values: places.map(({ x, y, series, line }, order) => ({ x, y, series, line, order })),
    },
    mark: {
      type: 'line',
      strokeWidth: width,
      aria: false,
      ...(dashes === undefined ? { strokeCap: 'round' } : { strokeDash: dashes }),
    },
    encoding: { color, detail: { field: 'line' }, order: { field: 'order' } },
  };
  if (marks.length > mostMarks) return [line];
  const dots: Layer = {
    data: { values: middles.map(({ x, y, series, label }) => ({ x, y, series, label })) },
    mark: { type: 'point', filled: true, size: 4 * width * width, opacity: 1 },
    encoding: { color, description: { field: 'label' } },
  };
  return [line, dots];
}

/** Of each line what lies between its least and its most. */
function describe({ store, client, format }: UsageSpec): string {
  const groups = new Map<string, readonly UsageMark[]>();
  for (const name of new Set(store.map(({ series }) => series))) {
    groups.set(
      name,
      store.filter(({ series }) => series === name),
    );
  }
  if (client.length > 0) groups.set('client', client);
  return [...groups]
    .map(([name, marks]) => {
      const least = marks.reduce((found, { y }) => Math.min(found, y), Number.POSITIVE_INFINITY);
      const most = marks.reduce((found, { y }) => Math.max(found, y), 0);
      const windows = new Set(marks.map(({ cell }) => cell)).size;
      const seen = `windows: ${windows}, seconds: ${marks.length}`;
      return `${name}: ${format(least)} to ${format(most)} (${seen})`;
    })
    .join('. ');
}
