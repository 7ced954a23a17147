import { askedOf } from '../../../core/load/describe-asked.js';
import type { Load, Run } from '../../../core/result.js';
import { latencyKind } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { list } from './context.js';
import { usageDefinitions } from './usage-definitions.js';

const common: readonly (readonly [string, Content])[] = [
  [
    'Throughput (QPS)',
    `Queries answered inside the measuring window over the length of the window; a batch of 1,000
 counts as 1,000. Ramp-up and drain are outside.`,
  ],
  [
    'Engine time, overhead',
    `Engine time is what the engine itself spent on the request, without queueing. Overhead is
 service less engine time, taken for each request before any percentile.`,
  ],
  [
    'p50, p99',
    `Half, or 99 %, of the requests were no slower; failed requests are in, with all their waiting
 time. p99 is shown from 1,000 requests on.`,
  ],
  [
    'Recall@k',
    `Of the first k answers, the share that is truly among the k nearest; equally distant rows
 count as equal. The mean over distinct queries, from the timed requests. p05 is the recall that
 5 % of the queries do not exceed: a good mean can hide bad queries. It is the lowest of the
 repeats.`,
  ],
  [
    'Best at a recall',
    `The fastest measured point with that recall or more. A flat index searches everything and
 stands at its one point.`,
  ],
  ['Front', 'The points that no other of the same target beats in both recall and the other axis.'],
  [
    'Interval',
    `95 %. Of time and throughput: over the repeats on one build. Of recall: over the queries, all
 repeats pooled. One repeat has none.`,
  ],
  [
    'Engine memory, PSS, peak',
    `Engine memory is what the engine reports for the index. PSS is what its process occupies,
 pages shared with others divided among them: anonymous, file-backed and shared; of a server all
 that it holds, of other builds, too. Growth is PSS after the build less PSS before its first row,
 below 0 where a server gave back more meanwhile; the chart shows it of servers. Peak is the most
 the process held at any time. The load generator is in none of them.`,
  ],
  ['Build time', 'From the first row until every row is searchable: insert, train, add, index.'],
  [
    'CPU a request',
    'Processor time of the process that holds the index, and of the client, over the requests.',
  ],
  [
    'Invalid',
    `The harness was at fault: shown greyed, measured again, in no median, front or gate.`,
  ],
  [
    'Client-limited',
    `The load generator itself was the limit, so the throughput is a lower bound and is never
 ranked.`,
  ],
  ['Stand-in', 'An emulator or test double. It shows the scale and is never ranked.'],
  ['—', 'Not measured. Nothing is filled in for it.'],
];

type Definition = readonly [string, Content];

const service: Definition = [
  'Service time',
  `From sending a request until its answer is decoded. Under a closed load a request is sent when
 the one before is answered, so there is no intended time to measure from: this is the only
 latency, and it does not show what requests would have waited during a stall.`,
];

/** What only loads have whose requests are due at a time. */
const open: readonly Definition[] = [
  [
    'Response time',
    `From the moment a request was due by the schedule until its answer is decoded: waiting
 included. The headline under open load.`,
  ],
  [
    'Queue wait',
    `From the moment a request was fired until a slot in flight was free for it: time that the
 store is answerable for.`,
  ],
  [
    'Pacer lag',
    `From the moment a request was due until the load generator fired it: time that the harness is
 answerable for. Fired to done is response without it.`,
  ],
  [
    'Pacer-limited',
    `More than a tenth of a percentile may be lag of the pacer: it is neither compared nor gated,
 and fired to done stands next to it.`,
  ],
  [
    'Saturated',
    `The store fell behind the offered rate: the throughput stands, but latency has no end, since it
 grows for as long as one goes on.`,
  ],
  ['Burst size', 'How many requests the pacer fired in one go, because all of them were due.'],
];

const knee: Definition = [
  'Knee',
  'The rate of the last step of a ramp before the first one that was saturated.',
];

/** What only a search for the highest rate has. */
const capacity: readonly Definition[] = [
  [
    'Capacity under an SLO',
    `The highest rate at which every condition of the SLO holds, the store keeps up with what is
 offered, and the client is not the limit. A request that failed or was never sent has recall 0 and
 counts as an error. The recall of a short trial fails where its whole interval is below the limit,
 that of the long one by its mean.`,
  ],
  [
    'Confirmed rate',
    `A rate at which a long trial passed. One that passed in short trials only is shown, and is no
 answer.`,
  ],
  [
    'Knee of a search',
    `The highest rate that the store kept up with, below every rate at which it fell behind in most
 of the trials. What an SLO allows is mostly lower.`,
  ],
];

/** What is said of points that are put together of repeats. */
const ofPoints = ['Best at a recall', 'Front', 'Interval'];

const recovery: Definition = [
  'Recovery',
  `From the end of a burst until the median response of every tenth of a second is below the p99
 from before the burst.`,
];

const loads = {
  closed: 'closed 4: four requests in flight, each sent when one before it is answered',
  open: 'open 200/s: 200 queries a second by a schedule that does not wait for answers',
  ramp: 'ramp 100..800/s: steps of a growing rate, by such a schedule',
  spike: 'spike 100>2000/s: a burst of the second rate within the first',
} as const;

/** The loads of points, or of trials where there are no points. */
function loadsOf({ capacity: found, cells, summaries }: Run): readonly Load[] {
  const trials = found.length === 0 ? [] : cells.filter(({ role }) => role === 'trial');
  const streams = trials.flatMap((cell) => cell.streams);
  return [...summaries, ...streams].map(({ load }) => load);
}

function loadWords(kinds: ReadonlySet<Load['kind']>): Definition {
  const words = Object.entries(loads).filter(([kind]) => kinds.has(kind as keyof typeof loads));
  return ['Load', `${words.map(([, text]) => text).join('; ')}.`];
}

/** What only runs with filters have. */
const filtered: readonly Definition[] = [
  [
    'Filtered search',
    `The nearest among the rows that meet the filter are asked for. Recall is judged among these
 rows: its truth is the k nearest of them, or all of them where fewer than k meet the filter. The
 share of rows is of the whole dataset, the same for every query. A row without a value in a column
 meets no condition on it, so it meets the negation of each.`,
  ],
  [
    'FILTERED_OUT',
    `Ids of rows that do not meet the filter, counted over the judged answers of the window. None
 of them counts as found.`,
  ],
];

const payload: Definition = [
  'With the ids',
  `Columns that the store returned with each id, inside the timed request.`,
];

const attached: Definition = [
  'Attached',
  `A collection that was there before and was only read. How it was built, and how long that took,
 is not known.`,
];

const cost: Definition = [
  'Cost',
  `Of a million queries, at the prices that were given with the run. By the hour: the machine, kept
 as busy as under that load; only of closed loads, whose throughput is the store's. By use:
 processor time, and memory for as long as a million queries take at the measured rate.`,
];

function commonOf({ capacity: found, summaries, prices }: Run): readonly Definition[] {
  const all = prices === undefined ? common : [...common, cost];
  const hasPoints = summaries.length > 0 || found.length === 0;
  return hasPoints ? all : all.filter(([name]) => !ofPoints.includes(name));
}

/** What only some runs have, and is read after something that all have. */
function followers(run: Run, [name]: Definition): readonly Definition[] {
  if (name === 'Recall@k') return askedDefinitions(run);
  if (name === 'Engine memory, PSS, peak') return usageDefinitions(run);
  const isAttached = run.builds.some((build) => build.attached !== undefined);
  return name === 'Build time' && isAttached ? [attached] : [];
}

function askedDefinitions(run: Run): readonly Definition[] {
  const asked = askedOf(run);
  return [
    ...(asked.some(({ filter }) => filter !== undefined) ? filtered : []),
    ...(asked.some(({ payload: columns }) => columns !== undefined) ? [payload] : []),
  ];
}

/** What every figure of the report means, in short. */
export function definitionsSection(run: Run, id: string): Markup {
  const loads = loadsOf(run);
  const kinds = new Set(loads.map(({ kind }) => kind));
  const latencies = new Set(loads.map(latencyKind));
  const isSearch = run.capacity.length > 0;
  const [throughput, ...others] = commonOf(run);
  return html`<section id="${id}" class="definitions"><h2>How to read the figures</h2>${list([
    ...(isSearch ? capacity : []),
    ...(throughput === undefined ? [] : [throughput]),
    ...(kinds.size > 0 ? [loadWords(kinds)] : []),
    ...(latencies.has('service') ? [service] : []),
    ...(latencies.has('response') ? open : []),
    ...(kinds.has('ramp') ? [knee] : []),
    ...(kinds.has('spike') ? [recovery] : []),
    ...others.flatMap((each) => [each, ...followers(run, each)]),
  ])}</section>`;
}
