import type { Cell, OperationResult, Run, StreamResult, Summary } from '../../core/result.js';

/** The cells behind a summary, attempts that do not count among them. */
export function cellsOf(run: Run, summary: Summary): readonly Cell[] {
  return run.cells.filter((cell) => cell.key === summary.key && cell.build === summary.build);
}

/** Whether a cell counts: it ran to its end, and the harness was not at fault. */
export function counts(cell: Cell): boolean {
  return cell.status === 'complete' && cell.invalid.length === 0;
}

/** A cell that counts, with what a summary is about. */
export interface Measured {
  readonly cell: Cell;
  readonly stream: StreamResult;
  readonly operation: OperationResult;
}

/** What each cell behind a summary measured; cells without figures are left out. */
export function measuredOf(run: Run, summary: Summary): readonly Measured[] {
  return cellsOf(run, summary).flatMap((cell) => {
    const stream = cell.streams.find(({ name }) => name === summary.stream);
    const operation = stream?.operations[summary.operation];
    return stream === undefined || operation === undefined ? [] : [{ cell, stream, operation }];
  });
}

/** The repeats behind a summary: what its figures are made of. */
export function repeatsOf(run: Run, summary: Summary): readonly Measured[] {
  return measuredOf(run, summary).filter(({ cell }) => counts(cell));
}
