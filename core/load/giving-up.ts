import { nsPerS } from '../units.js';
import type { Flight } from './flight.js';
import type { MeasureWindow } from './window.js';

/** Why a request is no longer waited for. */
export interface GiveUpReason {
  readonly code: 'TIMEOUT' | 'INTERRUPTED';
  readonly message: string;
}

const longestSweepNs = 50_000_000;
/** What is in flight when a window is cut may take this long to be answered. */
const afterCutNs = nsPerS;

/** How often requests in flight are looked through for such as have waited too long. */
export function sweepEveryNs(timeoutNs: number): number {
  return Math.min(Math.max(timeoutNs / 20, 1_000_000), longestSweepNs);
}

/** Whether a request in flight has waited too long: its time-out, or a second after a cut. */
export function giveUpReason(
  { sentNs }: Flight,
  { timeoutNs, window }: { readonly timeoutNs: number; readonly window: MeasureWindow },
  nowNs: number,
): GiveUpReason | undefined {
  if (nowNs - sentNs >= timeoutNs) {
    return { code: 'TIMEOUT', message: `no answer within ${timeoutNs / nsPerS} s` };
  }
  if (window.isCut && nowNs - window.endNs >= afterCutNs) {
    return { code: 'INTERRUPTED', message: 'the load was ended before it was answered' };
  }
  return undefined;
}
