import { readCalibration } from '../core/calibrate/record.js';
import { citedCalibrations, describeCalibration } from '../core/calibrate/result.js';

/** A line of `bench doctor`: what bench carries on this machine beside a native tool. */
export async function calibrationFinding() {
  const { calibration, damaged } = await readCalibration();
  const what = 'calibration';
  const hint = 'bench calibrate';
  if (damaged !== undefined) {
    return { what, ok: false, found: `its record is damaged: ${damaged}`, hint };
  }
  const cited = calibration === undefined ? [] : citedCalibrations(calibration);
  if (cited.length === 0) return { what, ok: true, found: 'not calibrated', hint };
  const found = cited.map(
    (one) => `calibrated ${one.at.slice(0, 10)}: ${describeCalibration(one)}`,
  );
  return { what, ok: true, found: found.join('; ') };
}
