import { decodeHistogram } from '../measure/histogram.js';
import type { Latency, OperationResult, StreamResult } from '../result.js';
import type { StoredStream } from '../run/cell-result.js';
import { nsPerMs } from '../units.js';
import { type PercentileName, percentiles } from './percentiles.js';
import type { Played } from './play.js';

/** Percentiles in milliseconds; empty where nothing was recorded. */
export type PercentilesMs = Readonly<Partial<Record<PercentileName, number>>>;

/** What the harness measured of one scenario; what it did not is absent. */
export interface Measured {
  readonly requests?: OperationResult['requests'];
  readonly failedByCode?: number;
  /** Requests answered inside the window, from the rate. */
  readonly answered?: number;
  /** The same from the figures by the second. */
  readonly answeredBySecond?: number;
  readonly windowS?: number;
  readonly recall?: number;
  /** Requests that the percentiles are of. */
  readonly serviceCount?: number;
  readonly responseCount?: number;
  readonly serviceMs: PercentilesMs;
  readonly responseMs: PercentilesMs;
}

/** Reads the figures off the cell of a scenario. */
export function measuredOf({ finished, reports }: Played): Measured {
  const [stream] = finished.cell.streams;
  const operation = stream?.operations.search;
  const stored = stream === undefined ? undefined : finished.streams[stream.name];
  if (stream === undefined || operation === undefined || stored === undefined) {
    return { serviceMs: {}, responseMs: {} };
  }
  const { durationS } = finished.cell;
  const { recall } = operation;
  return {
    requests: operation.requests,
    failedByCode: total(Object.values(operation.errors)),
    answered: operation.requestsPerS * durationS,
    answeredBySecond: answeredBySecond(stream),
    ...(reports.length > 0 && { windowS: durationS }),
    ...(recall !== undefined && { recall: recall.mean }),
    ...countsOf(operation.latencyMs),
    serviceMs: percentilesOf(operation.latencyMs.service, stored.histograms.service),
    responseMs: percentilesOf(operation.latencyMs.response, stored.histograms.response),
  };
}

function countsOf({ service, response }: OperationResult['latencyMs']) {
  return {
    ...(service !== undefined && { serviceCount: service.count }),
    ...(response !== undefined && { responseCount: response.count }),
  };
}

function answeredBySecond({ timeline }: StreamResult): number {
  return total(timeline.completed);
}

/** As the cell says; percentiles that it holds back for too few requests, from its histogram. */
function percentilesOf(
  latency: Latency | undefined,
  encoded: StoredStream['histograms']['service'],
): PercentilesMs {
  if (latency === undefined || encoded === undefined) return {};
  const { p50, p90, p99, p999, max } = latency;
  const histogram = decodeHistogram(Buffer.from(encoded, 'base64'));
  const stored = (name: PercentileName): number =>
    histogram.getValueAtPercentile(100 * percentiles[name]) / nsPerMs;
  const ms = { p50, p90, p99: p99 ?? stored('p99'), 'p99.9': p999 ?? stored('p99.9'), max };
  histogram.destroy();
  return ms;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
