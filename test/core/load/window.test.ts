import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MeasureWindow } from '../../../core/load/window.js';

const times = { startNs: 100, minEndNs: 200, maxEndNs: 1000 };

function windowOf(passedAtNs: Float64Array = new Float64Array(1), worker = 0): MeasureWindow {
  return new MeasureWindow(times, passedAtNs, worker);
}

test('a window holds its beginning and not its end', () => {
  const window = windowOf();
  window.pass(150);
  assert.equal(window.isOver(200), true);
  const held = [99, 100, 199, 200].map((timeNs) => window.holds(timeNs));
  assert.deepEqual(held, [false, true, true, false]);
});

test('a window is not over before its time, even when every query was answered', () => {
  const window = windowOf();
  window.pass(110);
  assert.equal(window.isOver(199), false);
  assert.equal(window.endNs, Number.POSITIVE_INFINITY);
});

test('a window stays open past its time until every query was answered', () => {
  const window = windowOf();
  assert.equal(window.isOver(500), false);
  assert.equal(window.holds(500), true);
  window.pass(600);
  assert.equal(window.isOver(601), true);
  // The answer that made the pass full is inside.
  assert.equal(window.holds(600), true);
  assert.equal(window.holds(601), false);
});

test('only the first full pass of a worker counts', () => {
  const window = windowOf();
  window.pass(300);
  window.pass(400);
  assert.equal(window.isOver(450), true);
  assert.ok(window.endNs < 400);
});

test('a window is over at its limit', () => {
  const window = windowOf();
  assert.equal(window.isOver(999), false);
  assert.equal(window.isOver(1500), true);
  assert.equal(window.endNs, 1000);
});

test('a full pass after the limit does not move the end', () => {
  const window = windowOf();
  window.pass(1400);
  window.isOver(1500);
  assert.equal(window.endNs, 1000);
});

test('a window waits for every worker and ends for all of them at the same time', () => {
  const long = { startNs: 0, minEndNs: 10e6, maxEndNs: 900e6 };
  const passedAtNs = new Float64Array(2);
  const [one, two] = [0, 1].map((worker) => new MeasureWindow(long, passedAtNs, worker)) as [
    MeasureWindow,
    MeasureWindow,
  ];
  one.pass(5e6);
  assert.equal(one.isOver(50e6), false);
  two.pass(60e6);
  assert.equal(two.isOver(60e6), false);
  assert.equal(one.isOver(62e6), false);
  assert.equal(one.isOver(70e6), true);
  assert.equal(two.isOver(66e6), true);
  assert.equal(one.endNs, two.endNs);
});

test('a window that is cut ends there, but never before it began', () => {
  const early = windowOf();
  early.cut(50);
  assert.equal(early.endNs, 100);
  assert.equal(early.holds(100), false);
  const middle = windowOf();
  middle.cut(150);
  assert.deepEqual([middle.isOver(149), middle.isOver(150)], [false, true]);
  assert.deepEqual([middle.holds(149), middle.holds(150)], [true, false]);
  const late = windowOf();
  late.pass(120);
  late.isOver(300);
  late.cut(400);
  assert.equal(late.endNs, 200);
});
