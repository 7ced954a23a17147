import type { Contestant } from '../contest.js';
import { type ProgramTask, runBareLoop } from './node-program.js';

/** A client of bench in the smallest loop that times its requests. */
export interface BareClient {
  /** Of the package. */
  readonly name: string;
  /** The file in `core/calibrate/programs/`. */
  readonly program: string;
  readonly version: () => string;
  readonly task: ProgramTask;
}

/** A bare loop as one who takes part. */
export function bareLoop({ name, program, version, task }: BareClient): Contestant {
  return {
    name,
    title: `a bare ${name} loop`,
    definitions: [],
    find: async () => ({ version: version() }),
    measure: () => runBareLoop(program, task),
  };
}
