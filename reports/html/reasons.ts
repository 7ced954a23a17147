import type { Cell, Note, Run, Summary } from '../../core/result.js';
import { cellsOf, counts } from '../charts/cells.js';

/** Notes that say the same, put together. */
export interface NoteGroup extends Note {
  /** How many notes there are. */
  readonly count: number;
}

/** Groups notes of equal code and message, in the order in which they first appear. */
export function groupNotes(notes: readonly Note[]): readonly NoteGroup[] {
  const groups = new Map<string, NoteGroup>();
  for (const { code, message } of notes) {
    const name = JSON.stringify([code, message]);
    groups.set(name, { code, message, count: (groups.get(name)?.count ?? 0) + 1 });
  }
  return [...groups.values()];
}

/** Groups of one code, in the order in which codes first appear. */
export function byCode(groups: readonly NoteGroup[]): ReadonlyMap<string, readonly NoteGroup[]> {
  const codes = new Map<string, NoteGroup[]>();
  for (const group of groups) codes.set(group.code, [...(codes.get(group.code) ?? []), group]);
  return codes;
}

/** Why a cell does not count; empty for one that does. */
export function lossesOf(cell: Cell): readonly Note[] {
  if (counts(cell)) return [];
  const { code, message } = cell.failure ?? { code: '', message: 'it did not run to its end' };
  const ended = `${cell.status}${code === '' ? '' : `, ${code}`}`;
  return [...cell.invalid, ...(cell.status === 'complete' ? [] : [{ code: ended, message }])];
}

/** Why attempts behind a summary do not count: each code with one of its messages. */
export function lossesOfSummary(run: Run, summary: Summary): readonly NoteGroup[] {
  const groups = groupNotes(cellsOf(run, summary).flatMap(lossesOf));
  return [...byCode(groups).values()].map((same) => ({
    ...(same[0] as NoteGroup),
    count: same.reduce((sum, { count }) => sum + count, 0),
  }));
}
