import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import { median } from './quantile.js';

const fewestWindows = 5;
/** Below this many windows, and without ties, the chance of a trend is exact. */
const exactBelow = 10;
const trendP = 0.05;
const trendFraction = 0.1;
const stallFraction = 0.5;

/** Whether a figure stayed the same while it was measured. */
export interface Steadiness {
  readonly steady: boolean;
  /** `trend`: it rose or fell all along; `stall`: a window is more than half of the median off. */
  readonly why?: 'trend' | 'stall';
  /** The change over all windows, over their median; absent where the median is 0. */
  readonly changeFraction?: number;
  /** Two-sided p-value of the trend test. */
  readonly p: number;
}

/**
 * Judges the windows of a cell. A trend needs both: the Mann-Kendall test finds one at 5 %, and the
 * Theil-Sen line changes by more than 10 % of the median over all windows. A window further than
 * 50 % from the median is a stall. At five windows only a rise or fall in every one is a trend.
 *
 * @param windows counts or medians of latency, in the order of time, none below 0
 * @returns undefined where there are fewer than five windows
 * @see Mann, Nonparametric Tests Against Trend (1945)
 * @see Kendall, Rank Correlation Methods (1975), for ties and the exact distribution
 * @see Sen, Estimates of the Regression Coefficient Based on Kendall's Tau (1968)
 */
export function steadiness(windows: readonly number[]): Steadiness | undefined {
  if (windows.length < fewestWindows) return undefined;
  const centre = median(windows);
  const p = trendTest(windows);
  const change = theilSenSlope(windows) * (windows.length - 1);
  const isTrend = p < trendP && Math.abs(change) > trendFraction * centre;
  const isStall = windows.some((value) => Math.abs(value - centre) > stallFraction * centre);
  return {
    steady: !isTrend && !isStall,
    ...(isTrend ? { why: 'trend' } : isStall ? { why: 'stall' } : {}),
    ...(centre > 0 ? { changeFraction: change / centre } : {}),
    p,
  };
}

/** The p-value of the Mann-Kendall test. */
function trendTest(windows: readonly number[]): number {
  const score = Math.abs(pairsOf(windows).reduce((sum, { rise }) => sum + Math.sign(rise), 0));
  const tied = tieSizes(windows);
  if (windows.length < exactBelow && tied.length === windows.length) {
    return exactP(score, windows.length);
  }
  const variance =
    (weightOf(windows.length) - tied.reduce((sum, size) => sum + weightOf(size), 0)) / 18;
  return score === 0 ? 1 : 2 * normalCdf((1 - score) / Math.sqrt(variance), 0, 1);
}

function weightOf(count: number): number {
  return count * (count - 1) * (2 * count + 5);
}

/** The chance of a score as far from 0, by the number of orders with each count of inversions. */
function exactP(score: number, count: number): number {
  const pairs = (count * (count - 1)) / 2;
  let orders = [1];
  for (let added = 2; added <= count; added++) orders = withOneMore(orders, added);
  const all = orders.reduce((sum, each) => sum + each, 0);
  const asFar = orders.filter((_, inversions) => Math.abs(pairs - 2 * inversions) >= score);
  return asFar.reduce((sum, each) => sum + each, 0) / all;
}

/** The next value may go to any of `places`, each of which makes one more inversion. */
function withOneMore(orders: readonly number[], places: number): number[] {
  return Array.from({ length: orders.length + places - 1 }, (_, inversions) =>
    orders
      .slice(Math.max(0, inversions - places + 1), inversions + 1)
      .reduce((sum, each) => sum + each, 0),
  );
}

/** How often each distinct value occurs. */
function tieSizes(windows: readonly number[]): number[] {
  const sizes = new Map<number, number>();
  for (const value of windows) sizes.set(value, (sizes.get(value) ?? 0) + 1);
  return [...sizes.values()];
}

function theilSenSlope(windows: readonly number[]): number {
  return median(pairsOf(windows).map(({ rise, run }) => rise / run));
}

/** Every window with every later one. */
function pairsOf(windows: readonly number[]): { rise: number; run: number }[] {
  return windows.flatMap((early, begin) =>
    windows.slice(begin + 1).map((late, index) => ({ rise: late - early, run: index + 1 })),
  );
}
