import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { idleFlight } from '../../../core/load/flight.js';
import { WaitingLine } from '../../../core/load/waiting-line.js';

/** Takes the first in line as its two times. */
function takeFrom(line: WaitingLine): [number, number] {
  const flight = idleFlight();
  line.shift(flight);
  return [flight.intendedNs, flight.firedNs];
}

test('whatever is pushed and taken, the line is that of a plain array', () => {
  // Runs of up to 2,500 go past the first capacity, from wherever the line has got to.
  const steps = fc.array(fc.integer({ min: -2500, max: 2500 }), { maxLength: 12 });
  fc.assert(
    fc.property(steps, (runs) => {
      const line = new WaitingLine();
      const plain: [number, number][] = [];
      let pushed = 0;
      for (const run of runs) {
        for (let step = 0; step < run; step++) {
          pushed += 1;
          line.push(1e15 + pushed, 2e15 + pushed);
          plain.push([1e15 + pushed, 2e15 + pushed]);
        }
        const taken = Math.min(-run, plain.length);
        for (let step = 0; step < taken; step++) {
          assert.deepEqual(takeFrom(line), plain.shift());
        }
        assert.equal(line.length, plain.length);
      }
      while (plain.length > 0) assert.deepEqual(takeFrom(line), plain.shift());
      assert.equal(line.length, 0);
    }),
    { numRuns: 60 },
  );
});

test('a line that grows while it is wrapped around keeps its order', () => {
  const line = new WaitingLine();
  for (let n = 0; n < 1024; n++) line.push(n, 10_000 + n);
  for (let n = 0; n < 700; n++) assert.deepEqual(takeFrom(line), [n, 10_000 + n]);
  // From here on the end lies before the beginning; number 1724 makes it grow, 3772 once more.
  for (let n = 1024; n < 5000; n++) line.push(n, 10_000 + n);
  assert.equal(line.length, 4300);
  for (let n = 700; n < 5000; n++) assert.deepEqual(takeFrom(line), [n, 10_000 + n]);
  assert.equal(line.length, 0);
});

test('taking leaves the other moments of a flight as they are', () => {
  const line = new WaitingLine();
  line.push(5, 6);
  const flight = { intendedNs: 1, firedNs: 2, sentNs: 3, doneNs: 4, body: 7 };
  line.shift(flight);
  assert.deepEqual(flight, { intendedNs: 5, firedNs: 6, sentNs: 3, doneNs: 4, body: 7 });
});
