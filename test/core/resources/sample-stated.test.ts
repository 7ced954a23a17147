import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BenchError } from '../../../core/errors.js';
import { parseExposition } from '../../../core/resources/exposition.js';
import type { fetchMetrics } from '../../../core/resources/prometheus.js';
import { StatedSource } from '../../../core/resources/sample-stated.js';

const second = 1_000_000_000;

function sourceOf(fetch: typeof fetchMetrics) {
  const warnings: string[] = [];
  const clock = { now: 0, asked: 0 };
  const names = { memoryBytes: 'resident_bytes', odd: 'absent_total' };
  const source = new StatedSource({
    metrics: { url: 'http://127.0.0.1:1/metrics', names },
    warn: (message) => warnings.push(message),
    fetch: (wanted) => {
      clock.asked += 1;
      return fetch(wanted);
    },
    now: () => clock.now,
  });
  return { source, clock, warnings };
}

test('a store is asked once a second at most, and its answer is told once', async () => {
  const { source, clock, warnings } = sourceOf(async () => parseExposition('resident_bytes 7\n'));
  assert.equal(source.news(), undefined);
  await source.settled();
  clock.now = second / 2;
  assert.deepEqual(source.news(), { atNs: 0, values: { memoryBytes: 7 } });
  assert.equal(source.news(), undefined);
  assert.equal(clock.asked, 1);
  clock.now = second;
  source.news();
  await source.settled();
  assert.equal(clock.asked, 2);
  assert.deepEqual(warnings, ['http://127.0.0.1:1/metrics tells no absent_total (odd)']);
});

test('no question overlaps another', async () => {
  const waiting: (() => void)[] = [];
  const answer = new Promise<void>((resolve) => waiting.push(resolve));
  const { source, clock } = sourceOf(async () => {
    await answer;
    return [];
  });
  source.news();
  clock.now = 5 * second;
  source.news();
  assert.equal(clock.asked, 1);
  for (const go of waiting) go();
  await source.settled();
  source.news();
  assert.equal(clock.asked, 2);
});

test('a failure is told once with its reason, and asked again', async () => {
  const { source, clock, warnings } = sourceOf(() =>
    Promise.reject(new BenchError('METRICS_FAILED', 'HTML came')),
  );
  for (let time = 0; time < 3; time++) {
    clock.now = time * second;
    assert.equal(source.news(), undefined);
    await source.settled();
  }
  assert.equal(clock.asked, 3);
  assert.deepEqual(warnings, ['HTML came']);
});

test('what fails because nobody waits any more is no failure', async () => {
  const { source, warnings } = sourceOf(
    ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')));
      }),
  );
  source.news();
  source.close();
  await source.settled();
  assert.deepEqual(warnings, []);
});
