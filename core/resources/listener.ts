import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, codeOf } from '../errors.js';
import { readKernelFile } from './kernel-file.js';
import { isAlive, readStat } from './process-stat.js';
import { allPids, processTree } from './process-tree.js';

/** Processes that a person named by their id or their port, and what of them cannot be had. */
export interface FoundProcesses {
  /** Ascending, without their descendants; at least one. */
  readonly pids: readonly number[];
  /** Sentences, each naming figures that this user may not read; empty where all can be had. */
  readonly missing: readonly string[];
}

interface ListeningSocket {
  readonly port: number;
  readonly userId: number;
  readonly inode: string;
}

/** How /proc/net/tcp writes that a socket listens. */
const listenState = '0A';

/** How many ports are named beside one at which nobody listens. */
const portsShown = 8;

/**
 * Programs that listen for others: what comes to them goes on to a container or another machine,
 * so that their figures say nothing of the store. Names as the kernel cuts them, to 15 bytes.
 */
const forwarders = new Set([
  ...['docker-proxy', 'rootlessport', 'rootlesskit', 'slirp4netns', 'pasta', 'pasta.avx2'],
  ...['gvproxy', 'vpnkit-bridge', 'wslrelay', 'kubectl', 'ssh', 'sshd', 'socat', 'systemd'],
]);

/** TCP sockets of this network namespace that listen, of IPv4 and IPv6. */
function listeningSockets(root: string): readonly ListeningSocket[] {
  return ['tcp', 'tcp6'].flatMap((protocol) =>
    (readKernelFile(join(root, 'proc/net', protocol)) ?? '').split('\n').flatMap((line) => {
      const [, local = '', , state, , , , userId, , inode = ''] = line.trim().split(/\s+/);
      if (state !== listenState) return [];
      const port = Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16);
      return [{ port, userId: Number(userId), inode }];
    }),
  );
}

/**
 * Who holds a TCP socket that listens at this port, over IPv4 or IPv6, at any address of this
 * network namespace. Not cheap: the open files of all processes are gone through.
 *
 * @param port 1 to 65535
 * @param root of the file system that is read
 * @returns process ids, ascending; those whose open files may not be read are not among them
 * @see proc_pid_net(5), `/proc/net/tcp`; proc_pid_fd(5)
 */
export function pidsListeningOn(port: number, root = '/'): readonly number[] {
  const sockets = listeningSockets(root).filter((socket) => socket.port === port);
  if (sockets.length === 0) return [];
  const links = new Set(sockets.map(({ inode }) => `socket:[${inode}]`));
  const holders = allPids(root).filter((pid) => holdsOneOf(links, join(root, 'proc', `${pid}`)));
  return holders.sort((a, b) => a - b);
}

function holdsOneOf(links: ReadonlySet<string>, folder: string): boolean {
  try {
    return readdirSync(join(folder, 'fd')).some((fd) => links.has(linkOf(join(folder, 'fd', fd))));
  } catch {
    // Not this user's, or it ended: whether it was the one is told by the caller.
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

/**
 * The store's processes by the port that it listens on. Those that only pass on to others are left
 * out: systemd, which keeps the sockets of services open, proxies of containers, tunnels.
 *
 * @param root of the file system that is read
 * @throws BenchError NO_PROCESS when nobody listens there, or only one that passes on;
 *   NOT_READABLE when the processes that do may not be read; BAD_TARGET when they are bench itself
 */
export function requireListener(port: number, root = '/'): FoundProcesses {
  const holders = pidsListeningOn(port, root);
  const pids = holders.filter((pid) => !forwarders.has(readStat(pid, root)?.name ?? ''));
  if (pids.length === 0) throw noListener(port, holders, root);
  for (const pid of pids) refuseOwn(pid, `port ${port}`, root);
  return { pids, missing: pids.flatMap((pid) => missingOf(pid, root)) };
}

function noListener(port: number, holders: readonly number[], root: string): BenchError {
  const [first] = holders;
  if (first !== undefined) return onlyForwards(port, first, root);
  const sockets = listeningSockets(root);
  const found = sockets.find((socket) => socket.port === port);
  if (found !== undefined) {
    return new BenchError(
      'NOT_READABLE',
      `port ${port}: user ${found.userId} listens on it, whose processes may not be looked at`,
      {
        hint:
          'run bench as that user or as root, or give the process id, of which processor time ' +
          'and resident set can be read by anyone; a process of a container is seen from its host',
      },
    );
  }
  const near = [...new Set(sockets.map((socket) => socket.port))]
    .sort((a, b) => Math.abs(a - port) - Math.abs(b - port))
    .slice(0, portsShown)
    .sort((a, b) => a - b);
  const others =
    near.length === 0 ? 'none is listened on' : `listened on nearby: ${near.join(', ')}`;
  return new BenchError(
    'NO_PROCESS',
    `port ${port}: no process of this machine listens; ${others}`,
    {
      hint:
        'start the store or correct the port; a published port of a container may be listened on ' +
        'in its own network only: give its process id (docker inspect -f {{.State.Pid}} NAME)',
    },
  );
}

function onlyForwards(port: number, pid: number, root: string): BenchError {
  const name = readStat(pid, root)?.name ?? 'a program';
  return new BenchError(
    'NO_PROCESS',
    `port ${port}: ${name} (process ${pid}) listens on it, which passes on to another process; ` +
      "its figures are not the store's",
    {
      hint:
        "give the store's process id; of a container: docker inspect -f {{.State.Pid}} NAME, " +
        'where it runs on this machine',
    },
  );
}

/**
 * A process by its id.
 *
 * @param pid a whole number from 1
 * @param root of the file system that is read
 * @throws BenchError NO_PROCESS when there is none, or it has ended; BAD_TARGET when bench is a
 *   descendant of it, for what the client takes would be in its figures
 */
export function requireProcess(pid: number, root = '/'): FoundProcesses {
  const stat = readStat(pid, root);
  if (stat === undefined || !isAlive(stat)) {
    const why =
      stat === undefined
        ? 'there is none with this id on this machine'
        : `${stat.name} has ended and only waits to be collected`;
    throw new BenchError('NO_PROCESS', `process ${pid}: ${why}`, {
      hint:
        'give the id of a running process as this machine sees it (pgrep -a NAME); of a ' +
        'container: docker inspect -f {{.State.Pid}} NAME',
    });
  }
  refuseOwn(pid, `process ${pid}`, root);
  return { pids: [pid], missing: missingOf(pid, root) };
}

/** The client is in no figure of a store. */
function refuseOwn(pid: number, what: string, root: string): void {
  if (!processTree([pid], root).includes(process.pid)) return;
  const name = readStat(pid, root)?.name;
  const own = pid === process.pid ? 'is bench itself' : `process ${pid} (${name}) started bench`;
  throw new BenchError('BAD_TARGET', `${what}: ${own}, so that its figures hold the client's`, {
    hint: "give the store's own process, the narrowest that holds all of it",
  });
}

/** What is read of a process beyond what everyone may, and the figures that come of it. */
const guarded: Readonly<Record<string, string>> = {
  io: 'bytes read from and written to disks',
  smaps_rollup: 'proportional set sizes (PSS)',
};

function missingOf(pid: number, root: string): string[] {
  return Object.entries(guarded).flatMap(([file, figures]) => {
    const code = failureOf(join(root, 'proc', `${pid}`, file));
    if (code === undefined) return [];
    const why =
      code === 'EACCES' || code === 'EPERM'
        ? 'this user may not: run bench as its user or as root'
        : `this machine does not tell them (${code})`;
    return [`${figures} of process ${pid} cannot be had: ${why}`];
  });
}

/** @returns the code of the error, undefined where it could be read; to open it may be allowed */
function failureOf(path: string): string | undefined {
  try {
    readFileSync(path);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}
