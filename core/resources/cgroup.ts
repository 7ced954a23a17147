import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readKernelFile } from './kernel-file.js';

/**
 * The controllers of control groups whose files are read here. Version 2 has one tree for all: the
 * figures of `cpuacct` are in that of `cpu`, and `blkio` is named `io`.
 */
export type Controller = 'cpu' | 'memory' | 'cpuacct' | 'blkio';

/** The control group of a process and those around it. */
export interface GroupChain {
  /** 1: the controller has a tree of its own; 2: one tree for all controllers. */
  readonly version: 1 | 2;
  /** Folders: the process's own group first, then its ancestors as far as they can be seen. */
  readonly folders: readonly string[];
}

/** A memory limit of one control group. */
export interface MemoryLimit {
  readonly limitBytes: number;
  /** What all processes of the group take, page cache included; absent where it is not told. */
  readonly usedBytes?: number;
}

interface Mount {
  readonly type: string;
  /** The group that is mounted, as /proc/PID/cgroup would name it. */
  readonly group: string;
  readonly folder: string;
  /** The controllers of a tree of version 1 are among them. */
  readonly options: readonly string[];
}

const usualMounts: readonly Mount[] = [
  ...['cpu', 'memory', 'cpuacct', 'blkio'].map((name) => ({
    type: 'cgroup',
    group: '/',
    folder: `/sys/fs/cgroup/${name}`,
    options: [name],
  })),
  { type: 'cgroup2', group: '/', folder: '/sys/fs/cgroup', options: [] },
];

/**
 * The control groups whose limits hold for a process. A container often sees its own group at the
 * mount's root under another name, or none of those around it: then the root is the group.
 *
 * @param place the controller; the process, this one when not given; the root of the file system
 * @returns undefined where control groups cannot be read
 * @see cgroups(7) and proc_pid_mountinfo(5), Linux manual pages
 */
export function groupChain(place: {
  readonly controller: Controller;
  readonly pid?: number;
  readonly root?: string;
}): GroupChain | undefined {
  const { controller, pid, root = '/' } = place;
  const text = readKernelFile(join(root, 'proc', `${pid ?? 'self'}`, 'cgroup'));
  if (text === undefined) return undefined;
  const mounts = readMounts(root);
  const paths = groupPaths(text, controller);
  const own = mounts.filter(
    ({ type, options }) => type === 'cgroup' && options.includes(controller),
  );
  const unified = mounts.filter(({ type }) => type === 'cgroup2');
  // A controller is in one tree only: its own where there is one, else the unified one.
  return chainBelow(1, own, paths.own) ?? chainBelow(2, unified, paths.unified);
}

/** Where a process is in the tree of a controller (version 1) and in the unified one (2). */
function groupPaths(text: string, controller: Controller): { own?: string; unified?: string } {
  const found: { own?: string; unified?: string } = {};
  for (const line of text.split('\n')) {
    const match = /^(\d+):([^:]*):(.*)$/.exec(line);
    if (match === null) continue;
    const [, hierarchy, controllers = '', path = '/'] = match;
    if (controllers.split(',').includes(controller)) found.own = path;
    else if (hierarchy === '0' && controllers === '') found.unified = path;
  }
  return found;
}

function readMounts(root: string): readonly Mount[] {
  const text = readKernelFile(join(root, 'proc/self/mountinfo'));
  const mounts = text === undefined ? usualMounts : text.split('\n').flatMap(parseMount);
  return mounts.map((mount) => ({ ...mount, folder: join(root, mount.folder) }));
}

function parseMount(line: string): Mount[] {
  const [mount = '', fileSystem] = line.split(' - ');
  const [type = '', , options = ''] = fileSystem?.split(' ') ?? [];
  if (type !== 'cgroup' && type !== 'cgroup2') return [];
  const [, , , group = '', folder = ''] = mount.split(' ').map(unescapeOctal);
  return [{ type, group, folder, options: options.split(',') }];
}

/** Blanks in the paths of mountinfo are written as `\040`. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function chainBelow(
  version: 1 | 2,
  mounts: readonly Mount[],
  path: string | undefined,
): GroupChain | undefined {
  const [first] = mounts;
  if (first === undefined || path === undefined) return undefined;
  for (const mount of mounts) {
    const below = pathBelow(mount.group, path);
    if (below === undefined || !existsSync(join(mount.folder, below))) continue;
    return { version, folders: upTo(mount.folder, join(mount.folder, below)) };
  }
  return { version, folders: [first.folder] };
}

/** A group's path from the one that is mounted; undefined where it is not inside of that. */
function pathBelow(mounted: string, path: string): string | undefined {
  if (path.split('/').includes('..')) return undefined;
  if (mounted === '/' || mounted === path) return mounted === path ? '' : path;
  return path.startsWith(`${mounted}/`) ? path.slice(mounted.length) : undefined;
}

function upTo(top: string, folder: string): string[] {
  return folder === top || folder === `${top}/` ? [top] : [folder, ...upTo(top, dirname(folder))];
}

/** Cores of the tightest processor quota around this process; undefined without one. */
export function quotaCores(root = '/'): number | undefined {
  const chain = groupChain({ controller: 'cpu', root });
  const quotas = (chain?.folders ?? []).flatMap((folder) => {
    const [quota, period] =
      chain?.version === 1
        ? [number(folder, 'cpu.cfs_quota_us'), number(folder, 'cpu.cfs_period_us')]
        : (readKernelFile(join(folder, 'cpu.max')) ?? '').trim().split(' ').map(Number);
    // No quota is -1 in version 1 and `max` in version 2.
    const cores = (quota ?? Number.NaN) / (period ?? Number.NaN);
    return cores > 0 ? [cores] : [];
  });
  return quotas.length === 0 ? undefined : Math.min(...quotas);
}

/** The memory limits around this process, its own group's first. */
export function memoryLimits(root = '/'): readonly MemoryLimit[] {
  const chain = groupChain({ controller: 'memory', root });
  const [limit, used] =
    chain?.version === 1
      ? (['memory.limit_in_bytes', 'memory.usage_in_bytes'] as const)
      : (['memory.max', 'memory.current'] as const);
  return (chain?.folders ?? []).flatMap((folder) => {
    const limitBytes = number(folder, limit);
    const usedBytes = number(folder, used);
    if (limitBytes === undefined) return [];
    return [usedBytes === undefined ? { limitBytes } : { limitBytes, usedBytes }];
  });
}

function number(folder: string, file: string): number | undefined {
  const value = Number.parseInt(readKernelFile(join(folder, file)) ?? '', 10);
  return Number.isNaN(value) ? undefined : value;
}
