import type { Build, Note, Run } from '../../../core/result.js';
import { seriesName } from '../../charts/series.js';
import { describeBuilt } from '../built.js';
import { html, type Markup } from '../markup.js';
import { byCode, groupNotes } from '../reasons.js';
import { table } from '../table.js';

/** What is said of one place, or of several that say it alike. */
interface Notice {
  readonly where: string;
  readonly code?: string;
  readonly messages: readonly string[];
}

/** Of more messages with one code the others are behind a fold. */
const shownMessages = 3;

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

function line({ where, code, messages }: Notice): Markup {
  const name = code === undefined ? undefined : html`<code>${code}</code> `;
  const [first, ...others] = messages;
  const lines = others.map((message) => html`<div>${message}</div>`);
  const rest = lines.slice(shownMessages - 1);
  const more = html`<details><summary>${rest.length} more</summary>${rest}</details>`;
  return html`<li><span class="where">${where}</span><div class="what">${name}${first}
${lines.slice(0, shownMessages - 1)}${rest.length === 0 ? undefined : more}</div></li>`;
}

function warningsOf(run: Run): readonly Notice[] {
  return [
    ...groupNotes(run.warnings).map((note) => noticeOf('run', note)),
    ...run.targets.flatMap((target) =>
      target.warnings.map((message) => ({
        where: `target ${target.name}`,
        messages: [message],
      })),
    ),
    ...buildWarnings(run),
    ...cellWarnings(run),
  ];
}

function noticeOf(where: string, { code, message }: Note): Notice {
  return { where, code, messages: [message] };
}

function buildWarnings(run: Run): readonly Notice[] {
  const said = new Set(run.targets.flatMap(({ warnings }) => warnings));
  const notes = run.builds.flatMap(({ warnings }) => warnings);
  return groupNotes(notes.filter(({ message }) => !said.has(message))).map((note) => {
    const warned = run.builds.filter(({ warnings }) =>
      warnings.some(({ code, message }) => code === note.code && message === note.message),
    );
    const [first] = warned;
    const isOne = warned.length === 1 && first !== undefined;
    return noticeOf(isOne ? `build ${nameOf(run, first)}` : `${warned.length} builds`, note);
  });
}

/** One entry a code, with how many cells have it; equal messages are one, with their number. */
function cellWarnings(run: Run): readonly Notice[] {
  const groups = groupNotes(run.cells.flatMap((cell) => cell.warnings));
  return [...byCode(groups)].map(([code, same]) => {
    const cells = run.cells.filter(({ warnings }) => warnings.some((note) => note.code === code));
    return {
      where: cells.length === 1 ? '1 cell' : `${cells.length} cells`,
      code,
      messages: same.map(({ message, count }) =>
        count === 1 || same.length === 1 ? message : `${message} (${count} times)`,
      ),
    };
  });
}

function nameOf(run: Run, build: Build): string {
  const name = seriesName(run, { target: build.target, ...build.index });
  return `${name} ${describeBuilt(build)}`.trim();
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
    caption:
      'Asked for by the suite and left out, not zero: what a store lacks, engines not installed.',
    groups: [{ rows: run.unsupported }],
    columns: [
      { head: 'Target', kind: 'head', cell: (each) => each.target },
      { head: 'What', cell: (each) => each.what },
      { head: 'Why', cell: (each) => each.why },
    ],
  });
}
