import { BenchError } from '../errors.js';
import type { JournalHeader } from '../journal.js';

/** What must be the same for finished cells to be comparable with those to come. */
const compared = [
  'suiteName',
  'suite',
  'targets',
  'dataset',
  'seed',
  'keepIds',
  'aa',
  'environment',
] as const;

/**
 * Whether a run may go on in a folder.
 *
 * @throws BenchError RESUME_DIFFERS naming what differs and both values
 */
export function checkResume(stored: JournalHeader, wanted: JournalHeader): void {
  for (const field of compared) {
    // What a header leaves out is off.
    const before = canonical(stored[field] ?? false);
    const now = canonical(wanted[field] ?? false);
    if (before === now) continue;
    const cut = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}...` : text);
    throw new BenchError(
      'RESUME_DIFFERS',
      `resuming ${stored.runId}: ${field} was ${cut(before)} and is now ${cut(now)}`,
      { hint: 'leave the option away, or begin a new run with another --out' },
    );
  }
}

/** JSON with sorted keys, undefined left out. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
