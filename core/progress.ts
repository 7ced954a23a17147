/** Where a run says what it is doing; the command line shows it, tests collect it. */
export interface Progress {
  /** A new phase begins. @param total units of work, when they are known */
  phase(name: string, total?: number): void;
  /** So many units of the phase are done. @param detail what is being done now */
  update(done: number, detail?: string): void;
  /** Something worth a line of its own. */
  note(line: string): void;
  /** The last phase is over. */
  end(): void;
}

/** Says nothing. */
export const silentProgress: Progress = {
  phase: () => undefined,
  update: () => undefined,
  note: () => undefined,
  end: () => undefined,
};
