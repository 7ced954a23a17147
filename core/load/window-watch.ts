import { nowNs } from '../clock.js';
import { type HostCpu, hostShare, readHostCpu } from '../measure/host-cpu.js';
import { readCpuUs } from '../measure/process.js';
import { readThrottling, type Throttling, throttledUs } from '../measure/throttling.js';

/** What a window cost, and what else the machine did meanwhile; what cannot be read is absent. */
export interface WindowCounters {
  /** Of the whole client process, microseconds. */
  readonly clientCpuUs: number;
  /** Of the store's processes, microseconds. */
  readonly serverCpuUs?: number;
  readonly lastedNs: number;
  /** Shares of the window in which a control group held the processes. */
  readonly clientThrottled?: number;
  readonly serverThrottled?: number;
  /** Shares of all cores of the machine. */
  readonly stealFraction?: number;
  readonly foreignCpuFraction?: number;
}

/** Whose processor time is whose. */
export interface WatchedProcesses {
  /** The store's processes on this machine. */
  readonly serverPids: readonly number[];
  /** Whether these are all; where a server runs unseen, nothing can be called foreign. */
  readonly complete: boolean;
}

interface Reading {
  readonly atNs: number;
  readonly client: NodeJS.CpuUsage;
  readonly serverCpuUs: number | undefined;
  readonly host: HostCpu | undefined;
  readonly clientThrottling: Throttling | undefined;
  readonly serverThrottling: Throttling | undefined;
}

/** Reads counters at the beginning and at the end of a window: some small files of the kernel. */
export class WindowWatch {
  readonly #processes: WatchedProcesses;
  #before: Reading | undefined;
  #after: Reading | undefined;

  constructor(processes: WatchedProcesses) {
    this.#processes = processes;
  }

  begin(): void {
    this.#before = this.#read();
  }

  /** The first call counts. */
  end(): void {
    this.#after ??= this.#read();
  }

  #read(): Reading {
    const { serverPids } = this.#processes;
    const [first] = serverPids;
    return {
      atNs: nowNs(),
      client: process.cpuUsage(),
      serverCpuUs: readCpuUs(serverPids),
      host: readHostCpu(),
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
    const serverCpuUs = difference(after.serverCpuUs, before.serverCpuUs);
    const share = (us: number | undefined): number | undefined =>
      us === undefined ? undefined : Math.min((us * 1000) / lastedNs, 1);
    const client = share(throttledUs(before.clientThrottling, after.clientThrottling));
    const server = share(throttledUs(before.serverThrottling, after.serverThrottling));
    const ownCpuUs = this.#processes.complete ? clientCpuUs + (serverCpuUs ?? 0) : undefined;
    return {
      clientCpuUs,
      ...present('serverCpuUs', serverCpuUs),
      lastedNs,
      ...present('clientThrottled', client),
      ...present('serverThrottled', server),
      ...hostShare(before.host, after.host, ownCpuUs),
    };
  }
}

function difference(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before;
}

function present<N extends string>(name: N, value: number | undefined): { [K in N]?: number } {
  return (value === undefined ? {} : { [name]: value }) as { [K in N]?: number };
}
