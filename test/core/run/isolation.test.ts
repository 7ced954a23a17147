import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { BenchError } from '../../../core/errors.js';
import { allowedCores } from '../../../core/resources/process.js';
import {
  applyIsolation,
  coresBySibling,
  type IsolationPlan,
  liftIsolation,
  planIsolation,
} from '../../../core/run/isolation.js';
import { emptyFolder } from '../folders.js';
import { kernelFiles } from '../resources/kernel-files.js';
import { startNode } from '../resources/quota-group.js';

function range(count: number): number[] {
  return Array.from({ length: count }, (_, id) => id);
}

test('client and engine get cores of their own where there are enough', () => {
  const plan = planIsolation({ wanted: undefined, cores: range(8), workers: 2, engineCalls: 5 });
  assert.deepEqual(plan, {
    on: true,
    forced: false,
    clientCores: [0, 1, 2],
    engineCores: [3, 4, 5, 6, 7],
    why: 'The client needs 3 cores, the engine 5, and there are 8.',
  });
});

test('it is on by itself from one core a worker, one for main, and one an engine call', () => {
  // The rule: cores >= engineCalls + workers + 1.
  const table: [cores: number, workers: number, engineCalls: number, on: boolean][] = [
    [2, 1, 1, false],
    [3, 1, 1, true],
    [8, 1, 6, true],
    [8, 1, 7, false],
    [16, 4, 11, true],
    [16, 4, 12, false],
    [64, 1, 0, false],
  ];
  for (const [cores, workers, engineCalls, on] of table) {
    const plan = planIsolation({ wanted: undefined, cores: range(cores), workers, engineCalls });
    assert.equal(plan.on, on, `${cores} cores, ${workers} workers, ${engineCalls} calls`);
    assert.match(plan.why, /^[A-Z].+\.$/);
    if (!on) assert.deepEqual([plan.clientCores, plan.engineCores], [[], []]);
  }
});

test('where it is forced and there are few cores, both get their share', () => {
  // Shares by hand: 2 cores of 1.33 and 0.67; 4 of 2 and 2; 4 of 0.67 and 3.33; 4 of 3.7 and 0.3.
  const table: [cores: number, workers: number, engineCalls: number, client: number][] = [
    [2, 1, 1, 1],
    [4, 3, 4, 2],
    [4, 1, 10, 1],
    [4, 10, 1, 3],
    [8, 1, 6, 2],
  ];
  for (const [cores, workers, engineCalls, client] of table) {
    const plan = planIsolation({ wanted: true, cores: range(cores), workers, engineCalls });
    assert.equal(plan.clientCores.length, client, `${cores} cores, ${workers}, ${engineCalls}`);
    assert.equal(plan.forced, true);
  }
});

test('no core is given twice, none is left over, and both have one', () => {
  const needs = fc.record({
    wanted: fc.constantFrom(true, undefined),
    cores: fc.uniqueArray(fc.nat(255), { minLength: 2, maxLength: 64 }),
    workers: fc.integer({ min: 1, max: 70 }),
    engineCalls: fc.integer({ min: 1, max: 70 }),
  });
  fc.assert(
    fc.property(needs, (each) => {
      const plan = planIsolation(each);
      if (!plan.on) return;
      assert.ok(plan.clientCores.length >= 1 && plan.engineCores.length >= 1);
      const given = [...plan.clientCores, ...plan.engineCores].sort((a, b) => a - b);
      assert.deepEqual(
        given,
        [...each.cores].sort((a, b) => a - b),
      );
    }),
  );
});

test('it is off when it is not wanted, and when no engine host is measured', () => {
  const needs = { cores: range(64), workers: 1, engineCalls: 1 };
  assert.equal(planIsolation({ ...needs, wanted: false }).on, false);
  const without = planIsolation({ ...needs, wanted: true, engineCalls: 0 });
  assert.deepEqual(
    [without.on, without.why],
    [false, 'No engine runs in a process of its own here.'],
  );
});

test('one core cannot be shared out', () => {
  const needs = { cores: [3], workers: 1, engineCalls: 1 };
  assert.equal(planIsolation({ ...needs, wanted: undefined }).on, false);
  assert.throws(
    () => planIsolation({ ...needs, wanted: true }),
    (error) => error instanceof BenchError && /2 or more, got 1/.test(error.format()),
  );
});

test('cores that are one physical core are next to each other', async (context) => {
  const siblings = (core: number, list: string) => ({
    [`sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`]: list,
  });
  const files = {
    'proc/self/status': 'Cpus_allowed_list:\t0-2,4-6',
    'sys/devices/system/cpu/online': '0-7',
  };
  const root = await kernelFiles(context, {
    ...files,
    ...siblings(0, '0,4'),
    ...siblings(1, '1,5'),
    ...siblings(2, '2,6'),
    ...siblings(4, '0,4'),
    ...siblings(5, '1,5'),
    ...siblings(6, '2,6'),
  });
  assert.deepEqual(coresBySibling(root), [0, 4, 1, 5, 2, 6]);
  assert.deepEqual(coresBySibling(await kernelFiles(context, files)), [0, 1, 2, 4, 5, 6]);
});

/** Where the threads of a process may run, in the words of the kernel. */
function masksOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
    return status.split('Cpus_allowed_list:')[1]?.split('\n')[0]?.trim() ?? '';
  });
}

/** A plan for the first two cores of this machine; undefined, and said so, where it has not two. */
function planHere(context: TestContext, wanted: true | undefined): IsolationPlan | undefined {
  const [one, two] = allowedCores();
  if (process.platform === 'linux' && one !== undefined && two !== undefined) {
    const plan = planIsolation({ wanted: true, cores: [one, two], workers: 1, engineCalls: 1 });
    return { ...plan, forced: wanted === true };
  }
  context.diagnostic('not tested: pinning needs Linux and two cores');
  return undefined;
}

async function startThread(context: TestContext): Promise<void> {
  const thread = new Worker("require('node:worker_threads').parentPort.on('message', () => {});", {
    eval: true,
  });
  context.after(() => thread.terminate());
  await once(thread, 'online');
}

const withThread = `
  const { Worker } = require('node:worker_threads');
  new Worker('setInterval(() => {}, 1000)', { eval: true }).on('online', () => process.send('on'));
  process.on('message', () => new Worker('setInterval(() => {}, 1000)', { eval: true })
    .on('online', () => process.send('on')));
`;

test('all threads are on their cores until they are let go, new ones too', async (context) => {
  const plan = planHere(context, true);
  if (plan === undefined) return;
  await startThread(context);
  const [child, doomed] = [
    await startNode(context, withThread),
    await startNode(context, withThread),
  ];
  await Promise.all([once(child, 'message'), once(doomed, 'message')]);
  const [before = ''] = masksOf(process.pid);

  const isolation = await applyIsolation(plan, [child.pid, doomed.pid]);
  try {
    await startThread(context);
    child.send('another');
    await once(child, 'message');
    assert.deepEqual(new Set(masksOf(process.pid)), new Set([`${plan.clientCores[0]}`]));
    assert.deepEqual(new Set(masksOf(child.pid)), new Set([`${plan.engineCores[0]}`]));
    assert.ok(masksOf(process.pid).length > 2 && masksOf(child.pid).length > 3);
    doomed.kill('SIGKILL');
    await once(doomed, 'exit');
  } finally {
    await liftIsolation(isolation);
  }
  assert.deepEqual(new Set(masksOf(process.pid)), new Set([before]));
  assert.deepEqual(new Set(masksOf(child.pid)), new Set([before]));
});

test('a thread that an engine had pinned by itself is pinned there again', async (context) => {
  const plan = planHere(context, true);
  if (plan === undefined) return;
  const child = await startNode(context, withThread);
  await once(child, 'message');
  const threads = readdirSync(`/proc/${child.pid}/task`).map(Number);
  const last = threads.at(-1) as number;
  // The engine's own choice, here by the hand of the test: a core that isolation would not give it.
  execFileSync('taskset', ['-c', '-p', `${plan.clientCores[0]}`, `${last}`]);
  const before = masksOf(child.pid);
  const isolation = await applyIsolation(plan, [child.pid]);
  const during = masksOf(child.pid);
  await liftIsolation(isolation);
  assert.deepEqual(new Set(during), new Set([`${plan.engineCores[0]}`]));
  assert.equal(new Set(before).size, 2);
  assert.deepEqual(masksOf(child.pid), before);
});

test('a host that is gone is left out, and so is another one of its number', async (context) => {
  const plan = planHere(context, true);
  if (plan === undefined) return;
  const child = await startNode(context, withThread);
  await once(child, 'message');
  const before = masksOf(process.pid);
  const isolation = await applyIsolation(plan, [child.pid]);
  const earlier = isolation.earlier.map((affinity) =>
    affinity.pid === child.pid ? { ...affinity, startTicks: '1' } : affinity,
  );
  await liftIsolation({ ...isolation, earlier });
  assert.deepEqual(
    new Set(masksOf(child.pid)),
    new Set([`${plan.engineCores[0]}`]),
    'not the same',
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  await liftIsolation(await applyIsolation(plan, [child.pid]));
  assert.deepEqual(new Set(masksOf(process.pid)), new Set(before));
});

test('without the program it is off and says why, or fails if it was forced', async (context) => {
  const [plan, forced] = [planHere(context, undefined), planHere(context, true)];
  if (plan === undefined || forced === undefined) return;
  const before = masksOf(process.pid);
  const { plan: found, earlier } = await applyIsolation(plan, [], '/nowhere/taskset');
  assert.equal(found.on, false);
  assert.match(
    found.why,
    /^It could not be done: .*\/nowhere\/taskset.* there is no such program\.$/,
  );
  await liftIsolation({ plan: found, earlier });
  await assert.rejects(applyIsolation(forced, [], '/nowhere/taskset'), (error) => {
    assert.ok(error instanceof BenchError && error.code === 'UNSUPPORTED');
    assert.match(error.hint ?? '', /install util-linux/);
    return true;
  });
  assert.deepEqual(masksOf(process.pid), before);
});

test('what it may not do is told in the words of the program, and undone', async (context) => {
  const plan = planHere(context, true);
  if (plan === undefined) return;
  // May move this process, but no other.
  const program = join(await emptyFolder(context), 'taskset');
  const script = [
    '#!/bin/sh',
    'for last; do :; done',
    `[ "$last" = ${process.pid} ] && exec taskset "$@"`,
    `echo "taskset: failed to set pid 7's affinity: Operation not permitted" >&2`,
    'exit 1',
  ];
  writeFileSync(program, script.join('\n'));
  chmodSync(program, 0o755);
  const child = await startNode(context, withThread);
  await once(child, 'message');
  const before = [...masksOf(process.pid), ...masksOf(child.pid)];
  await assert.rejects(applyIsolation(plan, [child.pid], program), (error) => {
    assert.ok(error instanceof BenchError && error.code === 'UNSUPPORTED');
    assert.match(error.message, /Operation not permitted$/);
    return true;
  });
  assert.deepEqual([...masksOf(process.pid), ...masksOf(child.pid)], before);
});
