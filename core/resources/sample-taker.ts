import { join } from 'node:path';
import { nowNs } from '../clock.js';
import { nsPerS } from '../units.js';
import { readCounters } from './counters.js';
import { findUsageGroup, readUsageOf, type UsageGroup } from './group-usage.js';
import { readHostCpu } from './host-cpu.js';
import { readKernelFile } from './kernel-file.js';
import { readNetwork } from './network.js';
import { processTree } from './process-tree.js';
import type { Sample, SampleSubject } from './sample.js';

/** What tells of itself now and then, and is not read but asked. */
export interface SlowSource<Value> {
  /** What came since it was last asked; undefined where nothing did. */
  news(): Value | undefined;
}

/** Where samples come from, beside the files of the kernel. */
export interface SampleSources {
  readonly stated?: SlowSource<NonNullable<Sample['stated']>> | undefined;
  readonly gpus?: SlowSource<NonNullable<Sample['gpus']>> | undefined;
}

// Finding descendants reads a file of every process of the machine.
const treeAgeNs = nsPerS;

/** Takes samples of one subject: cheap counters of the kernel only. */
export class SampleTaker {
  readonly #subject: SampleSubject;
  readonly #sources: SampleSources;
  readonly #root: string;
  readonly #group: UsageGroup | undefined;
  #tree: readonly number[] = [];
  #treeAtNs = Number.NEGATIVE_INFINITY;

  /** @param root of the file system that is read */
  constructor(subject: SampleSubject, sources: SampleSources = {}, root = '/') {
    this.#subject = subject;
    this.#sources = sources;
    this.#root = root;
    const [first] = subject.pids;
    this.#group = first === undefined ? undefined : findUsageGroup(first, root);
  }

  /** Reads everything once. */
  sample(): Sample {
    const { label, pids, hasNetwork } = this.#subject;
    const root = this.#root;
    const atNs = nowNs();
    const { user, system } = process.cpuUsage();
    const host = readHostCpu(root);
    const [first] = pids;
    const server = readCounters(this.#treeAt(atNs), root);
    const cgroup = this.#group && readUsageOf(this.#group);
    const network = hasNetwork && first !== undefined ? readNetwork(first, root) : undefined;
    return withoutAbsent({
      ...label,
      atNs,
      client: { cpuUs: user + system, rssBytes: process.memoryUsage.rss() },
      server: server && { ...server },
      cgroup: cgroup && { ...cgroup },
      network: network && { ...network },
      machine: host && { busyUs: host.busyUs, stealUs: host.stealUs, totalUs: host.totalUs },
      stated: this.#sources.stated?.news(),
      gpus: this.#sources.gpus?.news(),
      samplerCpuNs: threadCpuNs(root),
    });
  }

  #treeAt(atNs: number): readonly number[] {
    if (atNs - this.#treeAtNs >= treeAgeNs) {
      this.#tree = processTree(this.#subject.pids, this.#root);
      this.#treeAtNs = atNs;
    }
    return this.#tree;
  }
}

/**
 * Processor time of the calling thread in nanoseconds; undefined where the kernel does not tell it.
 *
 * @see The Linux kernel documentation, "Scheduler Statistics", /proc/PID/schedstat
 */
function threadCpuNs(root: string): number | undefined {
  const text = readKernelFile(join(root, 'proc/thread-self/schedstat'));
  const ns = Number(text?.split(' ')[0] || Number.NaN);
  return Number.isInteger(ns) ? ns : undefined;
}

function withoutAbsent(sample: Sample): Sample {
  const present = Object.entries(sample).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Sample;
}
