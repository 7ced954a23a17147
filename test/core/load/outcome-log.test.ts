import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomes } from '../../../core/load/assignment.js';
import { OutcomeLog } from '../../../core/load/outcome-log.js';
import { MeasureWindow } from '../../../core/load/window.js';

function logFrom(startNs: number): OutcomeLog {
  const times = { startNs, minEndNs: startNs + 1e9, maxEndNs: startNs + 1e9 };
  return new OutcomeLog(new MeasureWindow(times, new Float64Array(1), 0));
}

test('a record is the start after that of the window, the response and the outcome', () => {
  const startNs = 2_600_000_000_000_001;
  const log = logFrom(startNs);
  log.add({ intendedNs: startNs + 5, doneNs: startNs + 12 }, outcomes.completed);
  log.add({ intendedNs: startNs + 6, doneNs: startNs + 6 }, outcomes.failed);
  log.add({ intendedNs: startNs, doneNs: startNs + 1e10 }, outcomes.dropped);
  assert.deepEqual([...log.records()], [5, 7, 0, 6, 0, 1, 0, 1e10, 2]);
});

test('a log grows as it must, and gives a buffer of the size of its records', () => {
  for (const count of [0, 4096, 4097, 20_000]) {
    const log = logFrom(100);
    for (let n = 0; n < count; n++) log.add({ intendedNs: 100 + n, doneNs: 100 + 3 * n }, n % 3);
    const records = log.records();
    assert.equal(records.buffer.byteLength, 24 * count);
    const wrong = Array.from({ length: count }, (_, n) => n).find(
      (n) => records[3 * n] !== n || records[3 * n + 1] !== 2 * n || records[3 * n + 2] !== n % 3,
    );
    assert.equal(wrong, undefined);
  }
});
