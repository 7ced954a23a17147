import type { Run } from '../../../core/result.js';
import { html, type Markup } from '../markup.js';
import { list } from './context.js';

/** The command that makes this run again, and what it depends on. */
export function reproduceSection(run: Run, id: string): Markup {
  const { tool } = run;
  const commit = tool.commit === undefined ? '' : `, commit ${tool.commit}`;
  return html`<section id="${id}" class="reproduce"><h2>Reproduce</h2>
<pre><code>${commandOf(run)}</code></pre>${list([
    ['Tool', `${tool.name} ${tool.version}${commit}`],
    ['Suite', run.suite.name],
    ['Seed', String(run.seed)],
    ['Run', html`<code>${run.runId}</code>`],
    ['Schema', html`<code>${run.schema}</code>`],
  ])}</section>`;
}

/** The command as it would be typed in a clone, with the seed spelt out. */
export function commandOf(run: Run): string {
  const words = run.command[0] === 'bench' ? run.command.slice(1) : run.command;
  const hasSeed = words.some((word) => word === '--seed' || word.startsWith('--seed='));
  const seed = hasSeed ? [] : ['--seed', String(run.seed)];
  return ['npm run bench --', ...[...words, ...seed].map(quote)].join(' ');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
