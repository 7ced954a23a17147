import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalHeader } from '../../../core/journal.js';
import { checkResume } from '../../../core/run/resume.js';
import { headerOf } from '../records.js';

test('the same plan may go on, whatever the order of its keys and the time of day', () => {
  const later = headerOf({
    runId: 'run-2',
    startedAt: '2027-01-01T00:00:00.000Z',
    suite: { measure: { repeats: 3 }, title: 'a suite' },
    command: ['run', '--resume', 'folder'],
  });
  assert.doesNotThrow(() => checkResume(headerOf(), later));
});

test('an option that differs is refused by name, with both values', () => {
  const changes: Partial<JournalHeader>[] = [
    { suiteName: 'other' },
    { suite: { title: 'a suite', measure: { repeats: 4 } } },
    { targets: [{ name: 'exact', adapter: 'null' }] },
    { dataset: { name: 'small', sha256: 'bb' } },
    { seed: 2 },
    { keepIds: true },
    { aa: true },
    { environment: { node: 'v22' } },
  ];
  for (const change of changes) {
    const [field = ''] = Object.keys(change);
    const stored = headerOf();
    assert.throws(() => checkResume(stored, headerOf(change)), {
      code: 'RESUME_DIFFERS',
      message: new RegExp(`resuming run-1: ${field} was .* and is now `),
    });
  }
});

test('an order that matters is compared', () => {
  const two = [
    { name: 'a', adapter: 'exact' },
    { name: 'b', adapter: 'exact' },
  ];
  const stored = headerOf({ targets: two });
  assert.throws(() => checkResume(stored, headerOf({ targets: [...two].reverse() })), {
    code: 'RESUME_DIFFERS',
  });
});
