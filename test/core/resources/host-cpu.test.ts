import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { hostShare, readHostCpu } from '../../../core/resources/host-cpu.js';
import { emptyFolder } from '../folders.js';
import { kernelFiles } from './kernel-files.js';
import { startNode } from './quota-group.js';

/** Fields as in proc_stat(5): user nice system idle iowait irq softirq steal guest guest_nice. */
function procStat(fields: string): Record<string, string> {
  return { 'proc/stat': `cpu  ${fields}\ncpu0 1 1 1 1 1 1 1 1 1 1\nctxt 5` };
}

test('guests are in user time, waiting for disks is idle, and steal is apart', async (context) => {
  const root = await kernelFiles(context, procStat('100 20 30 400 50 0 7 8 11 3'));
  // By hand, in ticks of 10 ms: 100 + 20 + 30 + 0 + 7 = 157 busy; 157 + 400 + 50 + 8 = 615 in all.
  assert.deepEqual(readHostCpu(root), {
    busyUs: 1_570_000,
    interruptUs: 0,
    stealUs: 80_000,
    totalUs: 6_150_000,
  });
});

test('interrupts are apart on a kernel that times them', async (context) => {
  const root = await kernelFiles(context, procStat('100 20 30 400 50 4 7 8 11 3'));
  assert.deepEqual(readHostCpu(root), {
    busyUs: 1_610_000,
    interruptUs: 110_000,
    stealUs: 80_000,
    totalUs: 6_190_000,
  });
});

test('where there is nothing to read there is no figure', async (context) => {
  const none = readHostCpu(await emptyFolder(context));
  assert.equal(none, undefined);
  const old = await kernelFiles(context, procStat('100 20 30 400'));
  assert.equal(readHostCpu(old), undefined);
  const now = { busyUs: 1, interruptUs: 0, stealUs: 0, totalUs: 2 };
  assert.equal(hostShare(none, now, 0), undefined);
  assert.equal(hostShare(now, none, 0), undefined);
  assert.equal(hostShare(now, now, 0), undefined, 'no time went by');
});

test('what neither own processes nor interrupts took is foreign', () => {
  const before = { busyUs: 5_000_000, interruptUs: 1_000_000, stealUs: 70_000, totalUs: 9_000_000 };
  const after = {
    busyUs: 6_500_000,
    interruptUs: 1_100_000,
    stealUs: 170_000,
    totalUs: 11_000_000,
  };
  // By hand: of 2 s, 0.1 s were stolen; 1.5 s busy - 0.1 s in interrupts - 0.8 s own = 0.6 s.
  assert.deepEqual(hostShare(before, after, 800_000), {
    stealFraction: 0.05,
    foreignCpuFraction: 0.3,
  });
  // Own time is told in coarser steps, so that it may exceed what the machine counted.
  assert.equal(hostShare(before, after, 1_410_000)?.foreignCpuFraction, 0);
  assert.deepEqual(hostShare(before, after, undefined), { stealFraction: 0.05 });
});

test('a process beside this one is foreign until it is counted as own', async (context) => {
  const child = await startNode(
    context,
    `process.on('message', () => {
      const begin = process.cpuUsage();
      const until = Date.now() + 1000;
      while (Date.now() < until) Math.sqrt(2);
      const { user, system } = process.cpuUsage(begin);
      process.send(user + system);
    });`,
  );
  const own = process.cpuUsage();
  const before = readHostCpu();
  child.send('go');
  const [childUs] = (await once(child, 'message')) as [number];
  const after = readHostCpu();
  const { user, system } = process.cpuUsage(own);
  if (before === undefined || after === undefined)
    return assert.notEqual(process.platform, 'linux');
  const fraction = childUs / (after.totalUs - before.totalUs);
  const share = hostShare(before, after, user + system);
  const seen = share?.foreignCpuFraction ?? 0;
  // Other programs can only add to it. Sampled by ticks, a second of computing is good to 10 %; and
  // what a hypervisor steals from a process may be told as its own time all the same.
  const slack = 0.1 * fraction + (share?.stealFraction ?? 0);
  assert.ok(seen > fraction - slack, `${seen} foreign, of which ${fraction} the child`);
  const rest = hostShare(before, after, user + system + childUs)?.foreignCpuFraction ?? 1;
  assert.ok(Math.abs(seen - rest - fraction) < slack, `${seen} and ${rest}`);
});
