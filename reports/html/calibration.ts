import { describeCalibration } from '../../core/calibrate/result.js';
import type { Run } from '../../core/result.js';
import { html, type Markup } from './markup.js';

/** What bench carries on this machine beside a native tool, where that was measured before. */
export function calibrationNote({ calibration = [] }: Run): Markup | undefined {
  if (calibration.length === 0) return undefined;
  const sentences = calibration.map(
    (cited) =>
      `On this machine ${describeCalibration(cited)} in requests a second: ${cited.contest}, ` +
      `${cited.connections} connections, ${cited.rounds} rounds, ${cited.at.slice(0, 10)}.`,
  );
  return html`<p>${sentences.join(' ')}</p>`;
}
