import type { Build, Note, Run } from '../../../core/result.js';
import { seriesName } from '../../charts/series.js';
import { formatParameters } from '../figures.js';
import { html, type Markup } from '../markup.js';
import { table } from '../table.js';

interface Notice {
  readonly where: string;
  readonly code?: string;
  readonly message: string;
}

/** Warnings, what a store cannot do, and builds that failed: nothing is left out in silence. */
export function noticesSection(run: Run, id: string): Markup {
  const warnings = warningsOf(run);
  const failed = run.builds.filter((build) => build.status === 'failed');
  if (warnings.length + failed.length + run.unsupported.length === 0) {
    return html`<section id="${id}"><h2>Warnings</h2><p>None.</p></section>`;
  }
  return html`<section id="${id}"><h2>Warnings and gaps</h2>
${warnings.length === 0 ? undefined : html`<ul class="notices">${warnings.map(line)}</ul>`}
${failed.length === 0 ? undefined : failedTable(run, failed)}
${run.unsupported.length === 0 ? undefined : unsupportedTable(run)}</section>`;
}

function line({ where, code, message }: Notice): Markup {
  const name = code === undefined ? undefined : html`<code>${code}</code> `;
  return html`<li><span class="where">${where}</span><span>${name}${message}</span></li>`;
}

function warningsOf(run: Run): readonly Notice[] {
  return [
    ...run.warnings.map((note) => noticeOf('run', note)),
    ...run.targets.flatMap((target) =>
      target.warnings.map((message) => ({
        where: `target ${target.name}`,
        message,
      })),
    ),
    ...run.builds.flatMap((build) =>
      build.warnings.map((note) => noticeOf(`build ${nameOf(run, build)}`, note)),
    ),
    ...cellWarnings(run),
  ];
}

function noticeOf(where: string, { code, message }: Note): Notice {
  return { where, code, message };
}

/** One line a code, with how many cells have it; the cells are listed in a table of their own. */
function cellWarnings(run: Run): readonly Notice[] {
  const byCode = new Map<string, Note[]>();
  for (const note of run.cells.flatMap((cell) => cell.warnings)) {
    byCode.set(note.code, [...(byCode.get(note.code) ?? []), note]);
  }
  return [...byCode.values()].flatMap((notes) => {
    const [first] = notes;
    if (first === undefined) return [];
    return [noticeOf(notes.length === 1 ? '1 cell' : `${notes.length} cells`, first)];
  });
}

function nameOf(run: Run, build: Build): string {
  const name = seriesName(run, { target: build.target, ...build.index });
  return `${name} ${formatParameters(build.index.params)}`.trim();
}

function failedTable(run: Run, builds: readonly Build[]): Markup {
  return table<Build>({
    caption: 'Builds that failed or did not verify; nothing was measured on them.',
    groups: [{ rows: builds }],
    columns: [
      { head: 'Build', kind: 'head', cell: (build) => nameOf(run, build) },
      { head: 'Code', cell: (build) => html`<code>${build.failure?.code ?? 'unknown'}</code>` },
      {
        head: 'Reason',
        cell: (build) => html`<span class="message">${build.failure?.message}</span>`,
      },
    ],
  });
}

function unsupportedTable(run: Run): Markup {
  return table<Run['unsupported'][number]>({
    caption: 'Asked for by the suite, not offered by the store: left out, not zero.',
    groups: [{ rows: run.unsupported }],
    columns: [
      { head: 'Target', kind: 'head', cell: (each) => each.target },
      { head: 'What', cell: (each) => each.what },
      { head: 'Why', cell: (each) => each.why },
    ],
  });
}
