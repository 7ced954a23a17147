import type { TestContext } from 'node:test';
import type { Cell, Run } from '../../../core/result.js';
import type { Suite, SuiteLoad } from '../../../core/suite.js';
import type { Trouble } from '../../fixtures/adapters/troubled.js';
import { emptyFolder } from '../folders.js';
import { runSmall, type SmallRun, troubledTarget } from './small-run.js';

// Each trouble is made for real; windows are long enough that it shows on a busy machine too.
const measure = { warmUpS: 0, durationS: 1.2, repeats: 1, sampleHz: 0 };

/** One search stream of one load, measured once. */
export function loaded(load: SuiteLoad, more: Partial<Suite['measure']> = {}): Partial<Suite> {
  return {
    streams: [{ operation: 'search', k: 10, load: [load] }],
    measure: { ...measure, ...more },
  };
}

/** An open load of a constant rate. */
export const open = (rateQps: number): SuiteLoad => ({ kind: 'open', rateQps });

/** A closed load. */
export const closed = (concurrency: number): SuiteLoad => ({ kind: 'closed', concurrency });

/** Runs the small suite on a store in trouble. */
export async function runTroubled(
  context: TestContext,
  trouble: Trouble,
  more: Omit<SmallRun, 'folder'>,
): Promise<Run> {
  const folder = await emptyFolder(context);
  return runSmall({ folder, targets: [troubledTarget(trouble)], ...more });
}

/** The codes of a cell's warnings. */
export function warningsOf(cell: Cell | undefined): string[] {
  return cell?.warnings.map(({ code }) => code) ?? [];
}

/** The codes of what makes a cell invalid. */
export function invalidOf(cell: Cell | undefined): string[] {
  return cell?.invalid.map(({ code }) => code) ?? [];
}
