import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readThrottling, throttledUs } from '../../../core/resources/throttling.js';
import { emptyFolder } from '../folders.js';
import { kernelFiles, mountLine } from './kernel-files.js';
import { quotaGroup, startNode } from './quota-group.js';

const version1 = {
  'proc/self/cgroup': '1:cpu,cpuacct:/outer/inner\n0::/',
  'proc/self/mountinfo': mountLine({
    folder: '/sys/fs/cgroup/cpu,cpuacct',
    type: 'cgroup',
    options: 'rw,cpu,cpuacct',
  }),
};

function statOf(group: string): string {
  return `sys/fs/cgroup/cpu,cpuacct/${group}cpu.stat`;
}

function statText(throttledNs: number): string {
  return `nr_periods 9\nnr_throttled 4\nthrottled_time ${throttledNs}\nnr_bursts 0`;
}

test('version 1 tells nanoseconds, of each group around the process', async (context) => {
  const root = await kernelFiles(context, {
    ...version1,
    [statOf('outer/inner/')]: statText(3_000_000),
    [statOf('outer/')]: statText(9_000_000),
    [statOf('')]: statText(0),
  });
  const found = readThrottling({ root });
  assert.deepEqual([...(found?.values() ?? [])], [3000, 9000, 0]);
});

test('version 2 tells microseconds; a group without a quota was not throttled', async (context) => {
  const root = await kernelFiles(context, {
    'proc/41/cgroup': '0::/pod/engine',
    'proc/self/mountinfo': mountLine({ folder: '/sys/fs/cgroup', type: 'cgroup2' }),
    'sys/fs/cgroup/pod/engine/cpu.stat': 'usage_usec 7\nnr_throttled 2\nthrottled_usec 1234',
    'sys/fs/cgroup/pod/cpu.stat': 'usage_usec 9\nnr_throttled 0\nthrottled_usec 0',
    'sys/fs/cgroup/cpu.stat': 'usage_usec 1700',
  });
  assert.deepEqual([...(readThrottling({ pid: 41, root })?.values() ?? [])], [1234, 0, 0]);
  assert.equal(readThrottling({ root }), undefined, 'another process, whose groups are not told');
});

test('a window was throttled as long as the group that was throttled most in it', () => {
  const before = new Map([
    ['/outer/inner', 1_000],
    ['/outer', 900_000],
  ]);
  const after = new Map([
    ['/outer/inner', 81_000],
    ['/outer', 910_000],
  ]);
  // By hand: 80 ms of the inner, 10 ms of the outer; not 90 ms, and not 910 - 900 ms.
  assert.equal(throttledUs(before, after), 80_000);
  assert.equal(throttledUs(before, before), 0);
});

test('what cannot be read or compared is absent', async (context) => {
  assert.equal(readThrottling({ root: await emptyFolder(context) }), undefined);
  const unreadable = await kernelFiles(context, version1);
  assert.equal(readThrottling({ root: unreadable }), undefined, 'groups without files');
  assert.equal(throttledUs(undefined, new Map([['/a', 1]])), undefined);
  assert.equal(throttledUs(new Map([['/a', 1]]), undefined), undefined);
  assert.equal(throttledUs(new Map([['/a', 1]]), new Map([['/b', 1]])), undefined, 'it moved');
});

test('a process that gets a fifth of the core it wants is throttled', async (context) => {
  const group = quotaGroup(context);
  if (group === undefined) return;
  const child = await startNode(context, 'setTimeout(() => { for (;;) Math.sqrt(2); }, 10);');
  writeFileSync(join(group, 'cgroup.procs'), `${child.pid}`);
  await sleep(150);
  const read = () => ({ groups: readThrottling({ pid: child.pid }), ns: process.hrtime.bigint() });
  const before = read();
  await sleep(600);
  const after = read();
  child.kill('SIGKILL');
  const fraction =
    (throttledUs(before.groups, after.groups) ?? 0) / (Number(after.ns - before.ns) / 1000);
  // It waits 80 of every 100 ms, told when the wait ends, so up to 80 of 600 ms early or late. On a
  // busy machine it takes longer to use up its 20 ms, and waits less.
  assert.ok(fraction > 0.4 && fraction < 0.95, `throttled for ${fraction} of the time`);
  const own = readThrottling();
  assert.equal(throttledUs(own, readThrottling()) === undefined, own === undefined);
});
