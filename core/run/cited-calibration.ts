import { readCalibration } from '../calibrate/record.js';
import { citedCalibrations } from '../calibrate/result.js';
import type { Note, Run } from '../result.js';

/**
 * What `bench calibrate` found of this machine before; nothing where it did not.
 *
 * @param warn told of a record that is damaged
 */
export async function citedCalibration(
  warn: (note: Note) => void,
): Promise<Pick<Run, 'calibration'>> {
  const { calibration, damaged } = await readCalibration();
  if (damaged !== undefined) {
    const message = `the calibration of this machine is damaged and not cited: ${damaged}`;
    warn({ code: 'CALIBRATION_DAMAGED', message });
  }
  const cited = calibration === undefined ? [] : citedCalibrations(calibration);
  return cited.length === 0 ? {} : { calibration: cited };
}
