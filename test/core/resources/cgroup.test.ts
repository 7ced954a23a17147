import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { groupChain, memoryLimits, quotaCores } from '../../../core/resources/cgroup.js';
import {
  allowedCores,
  availableMemoryBytes,
  cgroupLimitBytes,
  parseCores,
  usableCores,
} from '../../../core/resources/process.js';
import { emptyFolder } from '../folders.js';
import { kernelFiles, mountLine } from './kernel-files.js';
import { quotaGroup } from './quota-group.js';

const mebibyte = 1024 * 1024;
// What a group of version 1 without a limit says: the largest number of whole pages.
const noLimit1 = '9223372036854771712';

const mounts1 = [
  mountLine({ folder: '/sys/fs/cgroup/cpu', type: 'cgroup', options: 'rw,cpu' }),
  mountLine({ folder: '/sys/fs/cgroup/memory', type: 'cgroup', options: 'rw,memory' }),
  mountLine({ folder: '/sys/fs/cgroup/unified', type: 'cgroup2' }),
].join('\n');
const mounts2 = mountLine({ folder: '/sys/fs/cgroup', type: 'cgroup2' });
const eightCores = {
  'proc/self/status': 'Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7\nMems_allowed:\t1',
  'sys/devices/system/cpu/online': '0-7',
};

function quota1(group: string, quotaUs: number): Record<string, string> {
  return {
    [`sys/fs/cgroup/cpu${group}/cpu.cfs_quota_us`]: `${quotaUs}`,
    [`sys/fs/cgroup/cpu${group}/cpu.cfs_period_us`]: '100000',
  };
}

function memory1(group: string, limit: number | string, usedBytes: number): Record<string, string> {
  return {
    [`sys/fs/cgroup/memory${group}/memory.limit_in_bytes`]: `${limit}`,
    [`sys/fs/cgroup/memory${group}/memory.usage_in_bytes`]: `${usedBytes}`,
  };
}

test('the tightest limit of all groups around the process holds (version 1)', async (context) => {
  const root = await kernelFiles(context, {
    ...eightCores,
    'proc/self/cgroup': '4:memory:/pod/bench\n1:cpu:/pod/bench\n0::/',
    'proc/self/mountinfo': mounts1,
    'proc/meminfo': 'MemAvailable:   1048576 kB',
    ...quota1('/pod/bench', 400_000),
    ...quota1('/pod', 250_000),
    ...quota1('', -1),
    ...memory1('/pod/bench', 96 * mebibyte, 32 * mebibyte),
    ...memory1('/pod', 128 * mebibyte, 120 * mebibyte),
    ...memory1('', noLimit1, 900 * mebibyte),
  });
  assert.equal(quotaCores(root), 2.5);
  assert.equal(usableCores(root), 2.5);
  assert.equal(cgroupLimitBytes(root), 96 * mebibyte);
  // The outer group is the fuller one: 8 MiB are left in it, 64 MiB in the inner.
  assert.equal(availableMemoryBytes(root), 8 * mebibyte);
});

test('the tightest limit of all groups around the process holds (version 2)', async (context) => {
  const root = await kernelFiles(context, {
    ...eightCores,
    'proc/self/cgroup': '0::/pod/bench',
    'proc/self/mountinfo': mounts2,
    'proc/meminfo': 'MemAvailable:   1048576 kB',
    'sys/fs/cgroup/pod/bench/cpu.max': 'max 100000',
    'sys/fs/cgroup/pod/cpu.max': '150000 100000',
    'sys/fs/cgroup/pod/bench/memory.max': 'max',
    'sys/fs/cgroup/pod/bench/memory.current': `${30 * mebibyte}`,
    'sys/fs/cgroup/pod/memory.max': `${64 * mebibyte}`,
    'sys/fs/cgroup/pod/memory.current': `${40 * mebibyte}`,
  });
  assert.equal(usableCores(root), 1.5);
  assert.equal(cgroupLimitBytes(root), 64 * mebibyte);
  assert.equal(availableMemoryBytes(root), 24 * mebibyte);
});

test('without limits there are all cores and all memory', async (context) => {
  const tree1 = {
    ...eightCores,
    'proc/self/cgroup': '4:memory:/\n1:cpu:/\n0::/',
    'proc/self/mountinfo': mounts1,
    'proc/meminfo': 'MemAvailable:   2048 kB',
    ...quota1('', -1),
    ...memory1('', noLimit1, mebibyte),
  };
  const tree2 = {
    ...eightCores,
    'proc/self/cgroup': '0::/',
    'proc/self/mountinfo': mounts2,
    'proc/meminfo': 'MemAvailable:   2048 kB',
    'sys/fs/cgroup/cpu.stat': 'usage_usec 1',
  };
  for (const files of [tree1, tree2]) {
    const root = await kernelFiles(context, files);
    assert.equal(quotaCores(root), undefined);
    assert.equal(usableCores(root), 8);
    assert.equal(cgroupLimitBytes(root), undefined);
    assert.equal(availableMemoryBytes(root), 2 * mebibyte);
  }
});

test('the group of a container is found whatever part of the tree it sees', async (context) => {
  const quota = {
    'sys/fs/cgroup/cpu.max': '50000 100000',
    // Neither a part of a name nor what lies outside of the mount is a group.
    'sys/fs/cgroup/d/cpu.max': '10000 100000',
    'sys/fs/other/cpu.max': '10000 100000',
  };
  const below = (group: string) =>
    mountLine({ group, folder: '/sys/fs/cgroup', type: 'cgroup2', options: 'ro' });
  const views = {
    'a namespace of its own': ['0::/', below('/')],
    'a path of the host that is not in the container': ['0::/docker/abc', below('/')],
    'the group of the host mounted as the root': ['0::/docker/abc', below('/docker/abc')],
    'a group beside that of the namespace': ['0::/../other', below('/')],
    'another group mounted': ['0::/docker/abcd', below('/docker/abc')],
  };
  for (const [view, [cgroup = '', mountinfo = '']] of Object.entries(views)) {
    const files = { 'proc/self/cgroup': cgroup, 'proc/self/mountinfo': mountinfo };
    assert.equal(quotaCores(await kernelFiles(context, { ...files, ...quota })), 0.5, view);
  }
  const inner = await kernelFiles(context, {
    'proc/self/cgroup': '0::/docker/abc/inner',
    'proc/self/mountinfo': below('/docker/abc'),
    'sys/fs/cgroup/inner/cpu.max': '20000 100000',
    ...quota,
  });
  assert.equal(quotaCores(inner), 0.2, 'below the mounted group');
});

test('mounts are found where they are, or at the usual places', async (context) => {
  const elsewhere = await kernelFiles(context, {
    'proc/self/cgroup': '2:cpuacct,cpu:/a\n0::/',
    'proc/self/mountinfo': mountLine({
      folder: '/mnt/control\\040groups',
      type: 'cgroup',
      options: 'rw,cpuacct,cpu',
    }),
    'mnt/control groups/a/cpu.cfs_quota_us': '70000',
    'mnt/control groups/a/cpu.cfs_period_us': '100000',
  });
  assert.equal(quotaCores(elsewhere), 0.7);
  const chain = groupChain({ controller: 'cpu', root: elsewhere });
  assert.deepEqual(chain, {
    version: 1,
    folders: ['mnt/control groups/a', 'mnt/control groups'].map((path) => join(elsewhere, path)),
  });
  const usual1 = await kernelFiles(context, {
    'proc/self/cgroup': '1:cpu:/\n0::/',
    ...quota1('', 30_000),
  });
  assert.equal(quotaCores(usual1), 0.3);
  const usual2 = await kernelFiles(context, {
    'proc/self/cgroup': '0::/b',
    'sys/fs/cgroup/b/memory.max': `${mebibyte}`,
  });
  assert.deepEqual(memoryLimits(usual2), [{ limitBytes: mebibyte }]);
});

test('the affinity mask counts, without cores that are not there', async (context) => {
  const root = await kernelFiles(context, {
    'proc/self/status': 'Cpus_allowed_list:\t0-1,4,6-127',
    'sys/devices/system/cpu/online': '0-6',
  });
  assert.deepEqual(allowedCores(root), [0, 1, 4, 6]);
  assert.equal(usableCores(root), 4);
  assert.deepEqual(parseCores('3'), [3]);
  const none = await emptyFolder(context);
  assert.equal(groupChain({ controller: 'cpu', root: none }), undefined);
  assert.ok(usableCores(none) >= 1, 'what Node says where the kernel does not');
  assert.ok(availableMemoryBytes(none) > 0);
});

const module = new URL('../../../core/resources/process.js', import.meta.url).href;
const asked = `const { allowedCores, usableCores } = await import('${module}');
  console.log(JSON.stringify({ allowed: allowedCores(), usable: usableCores() }));`;

/** What a new process finds that a shell puts into its place first. */
function foundAfter(shell: string): { allowed: number[]; usable: number } {
  const script = `${shell} "$0" --input-type=module -e "$1"`;
  const text = execFileSync('/bin/sh', ['-c', script, process.execPath, asked]);
  return JSON.parse(text.toString()) as { allowed: number[]; usable: number };
}

test('a process in a group with a quota finds that it has a fifth of a core', (context) => {
  const group = quotaGroup(context);
  if (group === undefined) return;
  assert.equal(foundAfter(`echo $$ > '${group}/cgroup.procs'; exec`).usable, 0.2);
});

test('a process that is pinned to one core finds that it has one', (context) => {
  if (process.platform !== 'linux') return context.diagnostic('not tested: this is not Linux');
  const core = allowedCores().at(-1);
  const found = foundAfter(`exec taskset -c ${core}`);
  assert.deepEqual(found.allowed, [core]);
  assert.ok(found.usable <= 1);
});
