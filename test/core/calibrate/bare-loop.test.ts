import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCallers } from '../../../core/calibrate/programs/bare-loop.js';

const conditions = { connections: 3, warmUpS: 0.02, durationS: 0.1 };

test('each caller asks again when it was answered, until the time is over', async () => {
  const open = new Set<number>();
  let most = 0;
  const figures = await runCallers(conditions, async (caller) => {
    assert.equal(open.has(caller), false, 'a caller has one request at a time');
    open.add(caller);
    most = Math.max(most, open.size);
    await sleep(5);
    open.delete(caller);
  });
  assert.equal(most, 3);
  assert.equal(open.size, 0);
  assert.equal(figures.errors, 0);
  // At most twenty answers of five milliseconds for each of three, and one that came early.
  assert.ok(figures.requests > 0 && figures.requests <= 63, `${figures.requests}`);
  assert.ok((figures.msP50 ?? 0) >= 4, `${figures.msP50}`);
  assert.ok((figures.requestsPerS ?? 0) <= 630, `${figures.requestsPerS}`);
});

test('an error ends its caller and is told', async () => {
  let asked = 0;
  const figures = await runCallers(conditions, async (caller) => {
    if (caller === 1) asked += 1;
    if (caller === 1) throw new Error('it was reset');
    await sleep(1);
  });
  assert.deepEqual([asked, figures.errors, figures.firstError], [1, 1, 'it was reset']);
});
