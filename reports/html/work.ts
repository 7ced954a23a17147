import type { Work } from '../../core/load/describe-work.js';
import { describeLoad } from '../../core/load/phases.js';
import type { Cell, Run, Summary } from '../../core/result.js';
import { html } from './markup.js';
import type { Column } from './table.js';

/** How several works are told from each other. */
interface Telling {
  /** What stands above their words. */
  readonly head: string;
  readonly wordsOf: (work: Work) => string;
}

/** Names streams where they differ, and loads where these do; undefined where neither do. */
export function tellingOf(works: readonly Work[]): Telling | undefined {
  const { streams, loads } = distinct(works);
  const hasStreams = streams.length > 1;
  const hasLoads = loads.length > 1;
  if (!hasStreams && !hasLoads) return undefined;
  return {
    head: hasStreams ? `Stream${hasLoads ? ', load' : ''}` : 'Load',
    wordsOf: ({ stream = '', load }) =>
      [...(hasStreams ? [stream] : []), ...(hasLoads ? [describeLoad(load)] : [])].join(', '),
  };
}

/** What needs no column, since it is the same everywhere: `Load: closed 1.` */
export function sharedWork({ summaries }: Run): string {
  const { streams, loads } = distinct(summaries);
  const isNamed = summaries.some(({ stream, operation }) => stream !== operation);
  return [
    ...(isNamed && streams.length === 1 ? [`Stream: ${streams[0]}.`] : []),
    ...(loads.length === 1 ? [`Load: ${loads[0]}.`] : []),
  ].join(' ');
}

function distinct(works: readonly Work[]) {
  return {
    streams: [...new Set(works.map(({ stream }) => stream))],
    loads: [...new Set(works.map(({ load }) => describeLoad(load)))],
  };
}

/** Stream and load of points, as far as they differ. */
export function workColumns({ summaries }: Run): readonly Column<Summary>[] {
  const telling = tellingOf(summaries);
  if (telling === undefined) return [];
  const { head, wordsOf } = telling;
  return [{ head, cell: (summary) => html`<span class="load">${wordsOf(summary)}</span>` }];
}

/** What was asked in a cell, each operation of each stream. */
export function worksOf({ streams }: Pick<Cell, 'streams'>): readonly Work[] {
  return streams.flatMap(({ name, load, operations }) =>
    Object.keys(operations).map((operation) => ({ stream: name, operation, load })),
  );
}
