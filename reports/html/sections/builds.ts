import { describeElements } from '../../../core/element-names.js';
import type { Build, Run } from '../../../core/result.js';
import { formatBytes, formatNumber } from '../../../core/units.js';
import { readyBuilds } from '../../charts/builds.js';
import { seriesName } from '../../charts/series.js';
import { describeBuilt } from '../built.js';
import { formatDuration, notMeasured, value } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { type Swatches, seriesLabel } from '../swatch.js';
import { type Column, table } from '../table.js';

/** Every ready build with its named memory figures; there is no one "memory". */
export function buildsSection(run: Run, id: string, swatches: Swatches): Markup | undefined {
  const builds = readyBuilds(run);
  if (builds.length === 0) return undefined;
  return html`<section id="${id}" class="wide"><h2>Builds</h2>${table<Build>({
    caption: `Memory after the build, of the process that holds the index alone; the client is not
 in it.`,
    layout: 'sortable',
    columns: columnsOf(run, swatches),
    groups: [{ rows: builds }],
  })}${groupTable(run, builds, swatches)}</section>`;
}

type Reading = readonly [head: string, unit: string, of: (build: Build) => number | undefined];

const groupReadings: readonly Reading[] = [
  ['Before loading', 'working set', ({ memory }) => memory.baseline?.cgroup?.workingSetBytes],
  ['Working set', 'group', ({ memory }) => memory.cgroup?.workingSetBytes],
  ['Anonymous', 'group', ({ memory }) => memory.cgroup?.anonBytes],
  ['Files', 'group, page cache', ({ memory }) => memory.cgroup?.fileBytes],
  ['Shared', 'group', ({ memory }) => memory.cgroup?.shmemBytes],
  ['All charged', 'group', ({ memory }) => memory.cgroupBytes],
  ['Peak', 'group', ({ memory }) => memory.cgroup?.peakBytes],
  ['Huge pages', 'processes', ({ memory }) => memory.hugetlbBytes],
  ['Folder', 'on disk', ({ folderBytes }) => folderBytes],
];

/** What only some stores have: a control group of their own, huge pages, a folder that is known. */
function groupTable(run: Run, builds: readonly Build[], swatches: Swatches): Markup | undefined {
  const shown = groupReadings.filter((reading) => isShown(reading, builds));
  if (shown.length === 0) return undefined;
  const columns = shown.map(
    ([head, unit, of]): Column<Build> => ({
      head,
      unit,
      kind: 'number',
      cell: (build) => value(of(build), formatBytes),
      sort: (build) => of(build) ?? -1,
    }),
  );
  return html`<h3>Control group and folder</h3>${table<Build>({
    caption: `After the build, as the kernel charges it to the control group of the store, where it
 has one of its own; and what its folder takes.`,
    layout: 'sortable',
    columns: [indexColumn(run, swatches), ...columns],
    groups: [{ rows: builds }],
  })}`;
}

/** Hardly anyone uses huge pages: then none need no column. */
function isShown([head, , of]: Reading, builds: readonly Build[]): boolean {
  const values = builds.flatMap((build) => of(build) ?? []);
  return head === 'Huge pages' ? values.some((bytes) => bytes > 0) : values.length > 0;
}

function indexColumn(run: Run, swatches: Swatches): Column<Build> {
  const nameOf = (build: Build) => seriesName(run, { target: build.target, ...build.index });
  return {
    head: 'Index',
    kind: 'head',
    cell: (build) =>
      html`${seriesLabel(swatches, nameOf(build))}<small>${describeBuilt(build)}</small>`,
  };
}

function columnsOf(run: Run, swatches: Swatches): readonly Column<Build>[] {
  const bytes = (head: string, unit: string, name: keyof Build['memory']): Column<Build> => ({
    head,
    unit,
    kind: 'number',
    cell: (build) => value(bytesOf(build, name), formatBytes),
    sort: (build) => bytesOf(build, name) ?? -1,
  });
  return [
    indexColumn(run, swatches),
    { head: 'Rows', kind: 'number', cell: (build) => formatNumber(build.rows) },
    {
      head: 'Threads',
      unit: 'build; search',
      kind: 'number',
      cell: (build) => `${build.attached ? '–' : build.threads}; ${build.searchThreads}`,
    },
    ...elementsColumn(run),
    { head: 'Normalised', unit: 'by', cell: (build) => build.normalisedBy },
    bytes('Raw vectors', 'rows × 4 bytes', 'rawBytes'),
    bytes('Engine', 'as reported', 'engineBytes'),
    bytes('Before loading', 'PSS', 'baselineBytes'),
    bytes('Anonymous', 'PSS', 'pssAnonBytes'),
    bytes('Files', 'PSS', 'pssFileBytes'),
    bytes('Shared', 'PSS', 'pssShmemBytes'),
    bytes('Peak', 'resident', 'peakBytes'),
    {
      head: 'Disk',
      kind: 'number',
      cell: (build) => value(build.diskBytes, formatBytes),
      sort: (build) => build.diskBytes ?? -1,
    },
    {
      head: 'Build',
      unit: 'phases',
      kind: 'number',
      cell: (build) => html`${value(build.buildS, formatDuration)}<small>${phases(build)}</small>`,
      sort: (build) => build.buildS ?? -1,
    },
  ];
}

/** How rows were sent; in results that say it. */
function elementsColumn(run: Run): readonly Column<Build>[] {
  if (run.builds.every(({ elements }) => elements === undefined)) return [];
  const cell = (build: Build): Content => {
    const [sent, from] = describeElements(run, build)?.split(', widened ') ?? [];
    if (sent === undefined) return notMeasured;
    return from === undefined ? sent : html`${sent}<small>${from}</small>`;
  };
  return [{ head: 'Values', unit: 'as sent; widened', cell }];
}

function bytesOf(build: Build, name: keyof Build['memory']): number | undefined {
  const found = build.memory[name];
  return typeof found === 'number' ? found : undefined;
}

function phases(build: Build): string {
  return build.phases.map((phase) => `${phase.name} ${formatDuration(phase.s)}`).join(', ');
}
