import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../core/paths.js';
import type { Run } from '../../core/result.js';
import { formatTime } from './figures.js';
import { type Content, html, type Markup, textOf, trustedMarkup } from './markup.js';
import { buildsSection } from './sections/builds.js';
import { capacitySection } from './sections/capacity.js';
import { cellsSection } from './sections/cells.js';
import { costSection, recallSection } from './sections/charts.js';
import { contextSection } from './sections/context.js';
import { definitionsSection } from './sections/definitions.js';
import { headlineSection } from './sections/headline.js';
import { loadSection } from './sections/load.js';
import { noiseSection } from './sections/noise.js';
import { noticesSection } from './sections/notices.js';
import { reproduceSection } from './sections/reproduce.js';
import { resultsSection } from './sections/results.js';
import { streamsSection } from './sections/streams.js';
import { usageSection } from './sections/usage.js';
import { gatesSection, verdictSection } from './sections/verdict.js';
import { swatchesOf } from './swatch.js';

/**
 * The whole document: one file that loads nothing. Style and script are within it, and its policy
 * allows exactly these two by their hashes.
 *
 * @param runs at least one; each gets its own part
 */
export async function renderPage(runs: readonly Run[]): Promise<string> {
  const [style, script] = await Promise.all([styleSheet(), asset('client.js')]);
  const title = runs.map((run) => run.suite.title).join(' / ');
  const parts = await Promise.all(
    runs.map((run, index) => runPart(run, runs.length > 1 ? `run-${index + 1}-` : '')),
  );
  return textOf(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(style, script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – bench report</title>
<style>${trustedMarkup(style)}</style>
</head>
<body>
${parts}
<script>${trustedMarkup(script)}</script>
</body>
</html>
`);
}

/** In order: what comes later overrides. */
async function styleSheet(): Promise<string> {
  const names = ['base', 'tables', 'parts', 'adaptive'];
  const sheets = await Promise.all(names.map((name) => asset(`style/${name}.css`)));
  return sheets.join('\n');
}

function asset(name: string): Promise<string> {
  return readFile(join(packageRoot(), 'reports', 'html', name), 'utf8');
}

function policy(style: string, script: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

async function runPart(run: Run, prefix: string): Promise<Markup> {
  const swatches = swatchesOf(run);
  const sections: readonly (readonly [string, string, Content])[] = [
    ['capacity', 'Capacity', await capacitySection(run, `${prefix}capacity`, swatches)],
    ['streams', 'Streams', streamsSection(run, `${prefix}streams`)],
    ['headline', 'Best at a recall', headlineSection(run, `${prefix}headline`, swatches)],
    ['load', 'Offered rate', await loadSection(run, `${prefix}load`, swatches)],
    ['recall', 'Recall', await recallSection(run, `${prefix}recall`)],
    ['cost', 'Memory and build', await costSection(run, `${prefix}cost`)],
    ['usage', 'Over time', await usageSection(run, `${prefix}usage`)],
    ['noise', 'Noise', await noiseSection(run, `${prefix}noise`)],
    ['gates', 'Gates', gatesSection(run, `${prefix}gates`)],
    ['points', 'All points', resultsSection(run, `${prefix}points`, swatches)],
    ['builds', 'Builds', buildsSection(run, `${prefix}builds`, swatches)],
    ['notices', 'Warnings', noticesSection(run, `${prefix}notices`)],
    ['cells', 'Cells', cellsSection(run, `${prefix}cells`)],
    ['context', 'Data and machine', contextSection(run, `${prefix}context`)],
    ['definitions', 'Definitions', definitionsSection(run, `${prefix}definitions`)],
    ['reproduce', 'Reproduce', reproduceSection(run, `${prefix}reproduce`)],
  ];
  const shown = sections.filter(([, , content]) => content !== undefined);
  const links = shown.map(([id, name]) => html`<li><a href="#${prefix}${id}">${name}</a></li>`);
  return html`<header><p class="overline">${run.tool.name} · suite ${run.suite.name} · ${formatTime(
    run.startedAt,
  )}</p>
<h1>${run.suite.title}</h1>
<p class="subject">${subject(run)}</p></header>
<main>${verdictSection(run)}
<nav aria-label="Parts of the report"><ul class="links">${links}</ul></nav>
${shown.map(([, , content]) => content)}</main>`;
}

function subject(run: Run): string {
  const targets = run.targets
    .filter((target) => !target.standIn)
    .map((target) => `${target.name} ${target.version ?? ''}`.trim());
  const datasets = run.datasets.map(
    (each) =>
      `${each.name} (${each.rows.toLocaleString('en-US')} × ${each.dimensions}, ${each.metric})`,
  );
  return [targets.join(', '), datasets.join(', '), run.environment.cpu.model].join(' · ');
}
