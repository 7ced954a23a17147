import { timestamp } from '../clock.js';
import { messageOf } from '../errors.js';
import { readMachineRecord, writeMachineRecord } from '../machine.js';
import { describeEnvironment } from '../measure/environment.js';
import type { Run } from '../result.js';
import {
  type Calibration,
  type ContestResult,
  calibrationSchema,
  calibrationSchemaName,
} from './result.js';

/** What is known of how bench carries on this machine: at most one of the two. */
export interface KnownCalibration {
  readonly calibration?: Calibration;
  /** Why the record cannot be read. */
  readonly damaged?: string;
}

/** The calibration of this machine; a record that is damaged is said, and never thrown. */
export async function readCalibration(): Promise<KnownCalibration> {
  try {
    const stored = await readMachineRecord('calibration');
    return stored === undefined ? {} : { calibration: calibrationSchema.parse(stored) };
  } catch (error) {
    return { damaged: firstLine(messageOf(error)) };
  }
}

function firstLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 200);
}

/**
 * Keeps contests that were held, in place of those of the same names; other contests of this
 * machine stay, but for those of a damaged record.
 *
 * @returns the file, and what is in it
 * @throws BenchError DISK_FULL or NOT_WRITABLE
 */
export async function keepContests(
  held: readonly ContestResult[],
  tool: Run['tool'],
): Promise<{ readonly path: string; readonly calibration: Calibration }> {
  const { calibration: before } = await readCalibration();
  const others = (before?.contests ?? []).filter(
    ({ name }) => !held.some((contest) => contest.name === name),
  );
  const calibration: Calibration = {
    schema: calibrationSchemaName,
    at: timestamp(),
    tool,
    environment: describeEnvironment(),
    contests: [...others, ...held],
  };
  const path = await writeMachineRecord('calibration', calibrationSchema.parse(calibration));
  return { path, calibration };
}
