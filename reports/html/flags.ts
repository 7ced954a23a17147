import type { Run, Summary } from '../../core/result.js';
import { isStandIn } from '../charts/series.js';
import { html, type Markup } from './markup.js';

/** What has to be said of a point before its figures are compared. */
export function flagTags(run: Run, summary: Summary): readonly Markup[] {
  const tags = [
    ...(summary.validRepeats === 0 ? ['no valid repeat'] : []),
    ...(isStandIn(run, summary.target) ? ['stand-in'] : []),
    ...(summary.clientLimited ? ['client-limited: a lower bound'] : []),
    ...(summary.saturated === true ? ['saturated: latency has no end'] : []),
  ];
  return tags.map((tag) => html`<span class="tag">${tag}</span> `);
}
