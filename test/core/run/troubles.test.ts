import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WindowWatch } from '../../../core/load/window-watch.js';
import { emptyFolder } from '../folders.js';
import { quotaGroup, startNode } from '../resources/quota-group.js';
import { nullTarget, runSmall } from './small-run.js';
import { closed, invalidOf, loaded, runTroubled, warningsOf } from './troubled-run.js';

test('a client whose loop is busy is the limit, and its points are not ranked', async (context) => {
  const run = await runTroubled(context, 'burns', { suite: loaded(closed(4)) });
  const [cell] = run.cells;
  assert.equal(cell?.clientLimited, true);
  assert.ok((cell?.resources.client.eventLoopUtilization ?? 0) > 0.9);
  assert.deepEqual(run.fronts, []);
});

test('the cell of two workers of which one ends is partial, invalid, and kept', async (context) => {
  const suite = loaded(closed(2), { workers: 2 });
  const run = await runTroubled(context, 'loses-a-worker', { suite });
  const [cell] = run.cells;
  assert.equal(cell?.status, 'partial');
  assert.deepEqual(invalidOf(cell), ['WORKER_FAILED']);
  assert.match(cell?.failure?.message ?? '', /ended without its report/);
  assert.ok((cell?.streams[0]?.operations.search?.requests.completed ?? 0) > 0);
  assert.equal(run.status, 'complete');
});

test('a process that takes a core is foreign', async (context) => {
  await startNode(context, 'for (;;);');
  const folder = await emptyFolder(context);
  const run = await runSmall({ folder, targets: [nullTarget], suite: loaded(closed(1)) });
  const [cell] = run.cells;
  assert.ok(warningsOf(cell).includes('FOREIGN_CPU'), JSON.stringify(cell?.resources.host));
});

test('a store held by its control group is seen to be', async (context) => {
  // What is begun first ends first: a group cannot be removed around a process.
  const child = await startNode(context, 'process.once("message", () => { for (;;); });');
  const group = quotaGroup(context);
  if (group === undefined) return;
  writeFileSync(join(group, 'cgroup.procs'), `${child.pid}`);
  child.send('go');
  const watch = new WindowWatch({ serverPids: [child.pid], complete: true });
  await new Promise((resolve) => setTimeout(resolve, 100));
  watch.begin();
  await new Promise((resolve) => setTimeout(resolve, 500));
  watch.end();
  const { serverThrottled = 0, clientThrottled } = watch.counters() ?? {};
  // It may run for 20 ms of each 100 ms.
  assert.ok(serverThrottled > 0.3, `${serverThrottled}`);
  assert.equal(clientThrottled ?? 0, 0);
});
