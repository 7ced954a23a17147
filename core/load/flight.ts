/** The four moments of a request (methodology rule 1), in nanoseconds of one clock. */
export interface Flight {
  /** When the schedule wanted it; under closed load the moment it was sent. */
  intendedNs: number;
  /** When the pacer woke for it. */
  firedNs: number;
  /** When it left. */
  sentNs: number;
  /** When the code that waited for the answer ran. */
  doneNs: number;
  /** The number of the prepared body. */
  body: number;
}

/** A flight that has not begun; one a slot, used again for every request. */
export function idleFlight(): Flight {
  return { intendedNs: 0, firedNs: 0, sentNs: 0, doneNs: 0, body: 0 };
}
