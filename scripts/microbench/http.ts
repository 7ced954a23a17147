import { formatContest } from '../../cli/calibration-table.js';
import { cacheFolder, describeTool } from '../../cli/caller.js';
import { loadTarget } from '../../cli/registry.js';
import { nullHttpContest } from '../../core/calibrate/contests/null-http.js';
import { holdContest } from '../../core/calibrate/hold.js';
import { silentProgress } from '../../core/progress.js';
import { rounds } from './runs.js';

/** One load worker beside native tools, all with 50 connections, in alternating rounds. */
export async function nativeTools(): Promise<void> {
  const held = await holdContest(nullHttpContest, {
    conditions: { connections: 50, warmUpS: 1, durationS: 4 },
    rounds,
    seed: 1,
    tool: describeTool(),
    loadTarget,
    cacheFolder: cacheFolder(),
    progress: silentProgress,
    signal: new AbortController().signal,
  });
  process.stdout.write(formatContest(held));
}
