import type { Cell, Run } from '../../../core/result.js';
import { formatBytes, formatNumber } from '../../../core/units.js';
import { formatPercent, value } from '../figures.js';
import { type Content, html } from '../markup.js';
import type { Column } from '../table.js';

interface Figure {
  readonly head: string;
  readonly unit: string;
  /** Whether a cell has it. */
  readonly has: (resources: Cell['resources']) => boolean;
  readonly show: (resources: Cell['resources']) => Content;
}

const figures: readonly Figure[] = [
  {
    head: 'Resident set',
    unit: 'median; largest',
    has: ({ server }) => server.rssBytes !== undefined,
    show: ({ server }) => [
      value(server.rssBytes, formatBytes),
      html`<small>${value(server.rssPeakBytes, formatBytes)}</small>`,
    ],
  },
  {
    head: 'PSS after',
    unit: 'anonymous; files; shared',
    has: ({ server }) => server.pssAnonBytes !== undefined,
    show: ({ server }) => [
      value(server.pssAnonBytes, formatBytes),
      html`<small>${value(server.pssFileBytes, formatBytes)}</small>`,
      html`<small>${value(server.pssShmemBytes, formatBytes)}</small>`,
    ],
  },
  {
    head: 'Control group',
    unit: 'working set; anonymous',
    has: ({ server }) => server.cgroup !== undefined,
    show: ({ server: { cgroup } }) => [
      value(cgroup?.workingSetBytes, formatBytes),
      html`<small>${value(cgroup?.anonBytes, formatBytes)}</small>`,
    ],
  },
  {
    head: 'Network',
    unit: 'received; sent; loopback, B a query',
    has: ({ server }) => server.network !== undefined,
    show: ({ server: { network } }) => [
      value(network?.receivedBytesPerRequest, formatNumber),
      html`<small>${value(network?.sentBytesPerRequest, formatNumber)}</small>`,
      html`<small>${value(network?.loopbackReceivedBytesPerRequest, formatNumber)}</small>`,
    ],
  },
  {
    head: 'Throttled',
    unit: 'client; store',
    has: isThrottled,
    show: ({ throttled }) => [
      value(throttled?.clientFraction, formatPercent),
      html`<small>${value(throttled?.serverFraction, formatPercent)}</small>`,
    ],
  },
];

/** What a cell took; only columns in which a cell has something. */
export function cellUsageColumns(run: Run): readonly Column<Cell>[] {
  const shown = figures.filter(({ has }) => run.cells.some(({ resources }) => has(resources)));
  return shown.map(({ head, unit, show }) => ({
    head,
    unit,
    kind: 'number',
    cell: ({ resources }) => show(resources),
  }));
}

/** Whether a limit of a control group held a cell's processes back. */
export function isThrottled({ throttled }: Cell['resources']): boolean {
  const { clientFraction = 0, serverFraction = 0 } = throttled ?? {};
  return clientFraction > 0 || serverFraction > 0;
}
