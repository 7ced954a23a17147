import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createServiceLog,
  readServiceLog,
  ServiceLogWriter,
  usedBytes,
} from '../../../core/selftest/service-log.js';

test('an empty log has no entries and lost none', () => {
  assert.deepEqual(readServiceLog(createServiceLog(5)), { entries: [], lost: 0 });
});

test('entries are in the order of arrival, whatever the order of their ends', () => {
  const buffer = createServiceLog(5);
  const log = new ServiceLogWriter(buffer);
  const first = log.arrive(10);
  const second = log.arrive(20);
  log.arrive(30);
  log.end(second, { beganNs: 21, endedNs: 25, ok: false });
  log.end(first, { beganNs: 11, endedNs: 40, ok: true });
  assert.deepEqual(readServiceLog(buffer).entries, [
    { arrivedNs: 10, beganNs: 11, endedNs: 40, ok: true, thread: 0 },
    { arrivedNs: 20, beganNs: 21, endedNs: 25, ok: false, thread: 0 },
    { arrivedNs: 30, beganNs: 0, endedNs: 0, ok: false, thread: 0 },
  ]);
});

test('requests beyond the capacity are counted, and spoil no entry', () => {
  const buffer = createServiceLog(3);
  const log = new ServiceLogWriter(buffer);
  const places = [1, 2, 3, 4, 5].map((atNs) => log.arrive(atNs));
  for (const place of places) log.end(place, { beganNs: 7, endedNs: 8, ok: true });
  const { entries, lost } = readServiceLog(buffer);
  assert.deepEqual(
    entries.map(({ arrivedNs }) => arrivedNs),
    [1, 2, 3],
  );
  assert.equal(lost, 2);
});

test('writers to one log do not write over each other', () => {
  const buffer = createServiceLog(4);
  const writers = [new ServiceLogWriter(buffer), new ServiceLogWriter(buffer)];
  for (const atNs of [1, 2, 3, 4]) writers[atNs % 2]?.arrive(atNs);
  const { entries } = readServiceLog(buffer);
  assert.deepEqual(
    entries.map(({ arrivedNs }) => arrivedNs),
    [1, 2, 3, 4],
  );
});

test('a copy of the used bytes reads as the log itself', () => {
  const buffer = createServiceLog(1000);
  const log = new ServiceLogWriter(buffer);
  log.end(log.arrive(2 ** 52 + 1), { beganNs: 2 ** 52 + 3, endedNs: 2 ** 52 + 5, ok: true });
  const copy = Uint8Array.from(usedBytes(buffer));
  // A header and one entry of 32 bytes each.
  assert.equal(copy.byteLength, 64);
  assert.deepEqual(readServiceLog(copy.buffer), readServiceLog(buffer));
});
