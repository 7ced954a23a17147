import type { Run } from './result.js';

/** What a file at the top of `reports/` exports: runs in, bytes out. Computes no statistic. */
export interface Report {
  readonly title: string;
  /** File name ending, without the dot. */
  readonly extension: string;
  /** @param runs at least one */
  render(runs: readonly Run[]): Promise<Uint8Array>;
}
