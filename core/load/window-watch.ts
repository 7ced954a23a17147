import { nowNs } from '../clock.js';
import { type ProcessCounters, readCounters } from '../resources/counters.js';
import { type HostCpu, hostShare, readHostCpu } from '../resources/host-cpu.js';
import { type NetworkBytes, readNetwork } from '../resources/network.js';
import { processTree } from '../resources/process-tree.js';
import { readThrottling, type Throttling, throttledUs } from '../resources/throttling.js';

/** What a window cost, and what else the machine did meanwhile; what cannot be read is absent. */
export interface WindowCounters {
  /** Of the whole client process, microseconds. */
  readonly clientCpuUs: number;
  /** Of the store's processes and what they started, microseconds. */
  readonly serverCpuUs?: number;
  /** When the window opened, on the clock that all threads share. */
  readonly beganNs?: number;
  readonly lastedNs: number;
  /** What the store's processes fetched from the block layer, and gave to it. */
  readonly serverReadBytes?: number;
  readonly serverWriteBytes?: number;
  /** What went through the interfaces of the store's network namespace. */
  readonly network?: NetworkBytes;
  /** Shares of the window in which a control group held the processes. */
  readonly clientThrottled?: number;
  readonly serverThrottled?: number;
  /** Shares of all cores of the machine. */
  readonly stealFraction?: number;
  readonly foreignCpuFraction?: number;
}

/** Whose processor time is whose. */
export interface WatchedProcesses {
  /** The store's processes on this machine; their descendants are found. */
  readonly serverPids: readonly number[];
  /** Whether these are all; where a server runs unseen, nothing can be called foreign. */
  readonly complete: boolean;
  /** Whether the store is a server of its own, so that bytes of its network mean something. */
  readonly hasNetwork?: boolean;
}

interface Reading {
  readonly atNs: number;
  readonly client: NodeJS.CpuUsage;
  readonly server: ProcessCounters | undefined;
  readonly network: NetworkBytes | undefined;
  readonly host: HostCpu | undefined;
  readonly clientThrottling: Throttling | undefined;
  readonly serverThrottling: Throttling | undefined;
}

/** Reads counters at the beginning and at the end of a window: some small files of the kernel. */
export class WindowWatch {
  readonly #processes: WatchedProcesses;
  #tree: readonly number[] | undefined;
  #before: Reading | undefined;
  #after: Reading | undefined;

  constructor(processes: WatchedProcesses) {
    this.#processes = processes;
  }

  /** Finds the descendants shortly before the window opens: that may take milliseconds. */
  find(): void {
    this.#tree = processTree(this.#processes.serverPids);
  }

  begin(): void {
    this.#before = this.#read();
    // Others may have come when it ends.
    this.#tree = undefined;
  }

  /** The first call counts. */
  end(): void {
    this.#after ??= this.#read();
  }

  #read(): Reading {
    const { serverPids, hasNetwork = false } = this.#processes;
    const [first] = serverPids;
    const atNs = nowNs();
    const client = process.cpuUsage();
    const host = readHostCpu();
    const tree = this.#tree ?? processTree(serverPids);
    return {
      atNs,
      client,
      host,
      // Of one that ended nobody knows what it took.
      server: serverPids.every((pid) => tree.includes(pid)) ? readCounters(tree) : undefined,
      network: hasNetwork && first !== undefined ? readNetwork(first) : undefined,
      clientThrottling: readThrottling(),
      serverThrottling: first === undefined ? undefined : readThrottling({ pid: first }),
    };
  }

  /** What lies between; undefined when the window never opened or never ended. */
  counters(): WindowCounters | undefined {
    const before = this.#before;
    const after = this.#after;
    if (before === undefined || after === undefined || after.atNs <= before.atNs) return undefined;
    const lastedNs = after.atNs - before.atNs;
    const clientCpuUs =
      after.client.user + after.client.system - before.client.user - before.client.system;
    const grown = (field: 'cpuUs' | 'readBytes' | 'writeBytes'): number | undefined =>
      difference(after.server?.[field], before.server?.[field]);
    const serverCpuUs = grown('cpuUs');
    const share = (us: number | undefined): number | undefined =>
      us === undefined ? undefined : Math.min((us * 1000) / lastedNs, 1);
    const client = share(throttledUs(before.clientThrottling, after.clientThrottling));
    const server = share(throttledUs(before.serverThrottling, after.serverThrottling));
    const ownCpuUs = this.#processes.complete ? clientCpuUs + (serverCpuUs ?? 0) : undefined;
    return {
      clientCpuUs,
      ...present('serverCpuUs', serverCpuUs),
      beganNs: before.atNs,
      lastedNs,
      ...present('serverReadBytes', grown('readBytes')),
      ...present('serverWriteBytes', grown('writeBytes')),
      ...networkOf(before.network, after.network),
      ...present('clientThrottled', client),
      ...present('serverThrottled', server),
      ...hostShare(before.host, after.host, ownCpuUs),
    };
  }
}

/** What a counter grew by; one that is smaller than it was belongs to other processes. */
function difference(after: number | undefined, before: number | undefined): number | undefined {
  if (after === undefined || before === undefined || after < before) return undefined;
  return after - before;
}

function networkOf(
  before: NetworkBytes | undefined,
  after: NetworkBytes | undefined,
): Pick<WindowCounters, 'network'> {
  if (before === undefined || after === undefined) return {};
  const network = {
    receivedBytes: after.receivedBytes - before.receivedBytes,
    sentBytes: after.sentBytes - before.sentBytes,
    loopbackReceivedBytes: after.loopbackReceivedBytes - before.loopbackReceivedBytes,
    loopbackSentBytes: after.loopbackSentBytes - before.loopbackSentBytes,
  };
  // An interface that is gone takes its bytes with it.
  return Object.values(network).some((grown) => grown < 0) ? {} : { network };
}

function present<N extends string>(name: N, value: number | undefined): { [K in N]?: number } {
  return (value === undefined ? {} : { [name]: value }) as { [K in N]?: number };
}
