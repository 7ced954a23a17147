import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  findUsageGroup,
  readGroupUsage,
  readUsageOf,
} from '../../../core/resources/group-usage.js';
import { emptyFolder } from '../folders.js';
import { kernelFiles, mountLine } from './kernel-files.js';

type Files = Readonly<Record<string, string>>;

/** Files in one folder. */
function within(folder: string, files: Files): Files {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]),
  );
}

// memory.stat as the kernel writes it: fields of version 1 come once for the group alone, once
// (`total_`) with those below it.
const stat1 = `cache 1\nrss 2\nshmem 3\ninactive_file 4\ntotal_cache 7000\ntotal_rss 500
total_rss_huge 400\ntotal_shmem 2000\ntotal_mapped_file 100\ntotal_inactive_file 3000`;
const stat2 = `anon 600\nfile 9000\nkernel 70\nshmem 1000\nfile_mapped 50\ninactive_anon 1
active_anon 2\ninactive_file 2500\nactive_file 5500`;

const mounts1 = ['memory', 'cpuacct', 'blkio'].map((name) =>
  mountLine({ folder: `/sys/fs/cgroup/${name}`, type: 'cgroup', options: `rw,${name}` }),
);
const version1: Files = {
  'proc/self/cgroup': '4:memory:/\n3:cpuacct:/\n2:blkio:/user',
  'proc/41/cgroup': '4:memory:/store\n3:cpuacct:/store\n2:blkio:/store',
  'proc/self/mountinfo': mounts1.join('\n'),
  ...within('sys/fs/cgroup/memory', { release_agent: '', 'memory.usage_in_bytes': '99' }),
  ...within('sys/fs/cgroup/memory/store', {
    'memory.usage_in_bytes': '7600',
    'memory.max_usage_in_bytes': '8000',
    'memory.stat': stat1,
  }),
  ...within('sys/fs/cgroup/cpuacct/store', { 'cpuacct.usage': '123456000' }),
  ...within('sys/fs/cgroup/blkio/store', {
    'blkio.throttle.io_service_bytes_recursive':
      '8:0 Read 4096\n8:0 Write 512\n8:0 Total 4608\n253:0 Read 4096\n259:0 Read 1\nTotal 8705',
  }),
};

const version2: Files = {
  'proc/self/cgroup': '0::/user.slice/terminal.scope',
  'proc/41/cgroup': '0::/system.slice/store.service',
  'proc/self/mountinfo': mountLine({ folder: '/sys/fs/cgroup', type: 'cgroup2' }),
  ...within('sys/fs/cgroup/user.slice/terminal.scope', { 'memory.current': '5' }),
  ...within('sys/fs/cgroup/system.slice', { 'memory.current': '10000' }),
  ...within('sys/fs/cgroup/system.slice/store.service', {
    'memory.current': '9800',
    'memory.peak': '12000',
    'memory.stat': stat2,
    'cpu.stat': 'usage_usec 777\nuser_usec 700\nsystem_usec 77',
    'io.stat':
      '8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=5\n253:0 rbytes=4096 wbytes=8192\n8:16 ',
  }),
};

/** A disk mapper's device 253:0 that lies on the disk 8:0. */
function stacked(root: string): string {
  mkdirSync(join(root, 'sys/dev/block/253:0/slaves/sda'), { recursive: true });
  mkdirSync(join(root, 'sys/dev/block/8:0/slaves'), { recursive: true });
  return root;
}

test('version 1: the totals of memory.stat, reads of disks, and no writes', async (context) => {
  const root = stacked(await kernelFiles(context, version1));
  // By hand: 7000 - 2000 of the cache are no shmem, 7600 - 3000 were used lately.
  assert.deepEqual(readGroupUsage(41, root), {
    version: 1,
    currentBytes: 7600,
    anonBytes: 500,
    fileBytes: 5000,
    shmemBytes: 2000,
    workingSetBytes: 4600,
    peakBytes: 8000,
    cpuUs: 123_456,
    ioReadBytes: 4097,
  });
});

test('version 2: bytes of a device that lies on another count once', async (context) => {
  const root = stacked(await kernelFiles(context, version2));
  const expected = {
    version: 2,
    currentBytes: 9800,
    anonBytes: 600,
    fileBytes: 8000,
    shmemBytes: 1000,
    workingSetBytes: 7300,
    peakBytes: 12_000,
    cpuUs: 777,
    ioReadBytes: 4096,
    ioWriteBytes: 8192,
  };
  assert.deepEqual(readGroupUsage(41, root), expected);
  const group = findUsageGroup(41, root);
  assert.deepEqual(group && readUsageOf(group), expected);
});

/** Whether a figure of a group is given when these files are otherwise. */
async function given(context: TestContext, files: Files): Promise<readonly string[]> {
  return Object.keys(readGroupUsage(41, await kernelFiles(context, files)) ?? {});
}

test('a group that the client is in says nothing of the store', async (context) => {
  const none: readonly string[] = [];
  const own = { ...version2, 'proc/self/cgroup': '0::/system.slice/store.service' };
  assert.deepEqual(await given(context, own), none);
  const above = { ...version2, 'proc/41/cgroup': '0::/system.slice' };
  const below = { ...above, 'proc/self/cgroup': '0::/system.slice/store.service' };
  assert.deepEqual(await given(context, below), none);
  const inMemory1 = { ...version1, 'proc/self/cgroup': '4:memory:/store\n3:cpuacct:/' };
  assert.deepEqual(await given(context, inMemory1), none);
  const inCpu1 = { ...version1, 'proc/self/cgroup': '4:memory:/\n3:cpuacct:/store\n2:blkio:/' };
  const rest = await given(context, inCpu1);
  assert.ok(rest.includes('anonBytes') && rest.includes('ioReadBytes'));
  assert.ok(!rest.includes('cpuUs'));
});

test("the root of the machine's tree says nothing of the store", async (context) => {
  const top1 = {
    ...version1,
    'proc/self/cgroup': '4:memory:/user',
    'proc/41/cgroup': '4:memory:/',
  };
  assert.deepEqual(await given(context, top1), []);
  const top2 = { ...version2, 'proc/41/cgroup': '0::/' };
  assert.deepEqual(await given(context, top2), []);
});

test('where the memory of a group is not counted, one around it is taken', async (context) => {
  const inner = {
    ...version2,
    'proc/41/cgroup': '0::/system.slice/store.service/worker',
    ...within('sys/fs/cgroup/system.slice/store.service/worker', { 'cpu.stat': 'usage_usec 1' }),
  };
  const root = await kernelFiles(context, inner);
  assert.equal(readGroupUsage(41, root)?.currentBytes, 9800);
  assert.equal(readGroupUsage(41, root)?.cpuUs, 777);
});

test('what the kernel does not tell is absent', async (context) => {
  assert.equal(readGroupUsage(41, await emptyFolder(context)), undefined);
  // As Linux 6.18 has it for a group without a limit that wrote 40 MiB.
  const uncounted = {
    ...version1,
    'sys/fs/cgroup/blkio/store/blkio.throttle.io_service_bytes_recursive': 'Total 0',
  };
  assert.ok(!(await given(context, uncounted)).includes('ioReadBytes'));
  const folder = 'sys/fs/cgroup/system.slice/store.service';
  const without = (...names: string[]): Files =>
    Object.fromEntries(
      Object.entries(version2).filter(
        ([path]) => !names.some((name) => path === `${folder}/${name}`),
      ),
    );
  const few = await given(context, without('memory.peak', 'io.stat', 'cpu.stat'));
  for (const name of ['peakBytes', 'cpuUs', 'ioReadBytes', 'ioWriteBytes']) {
    assert.ok(!few.includes(name), name);
  }
  assert.equal(few.length, 6);
  assert.deepEqual(await given(context, without('memory.stat')), []);
  const partly = { ...version2, [`${folder}/memory.stat`]: 'anon 600\nfile 9000' };
  assert.deepEqual(await given(context, partly), []);
});
