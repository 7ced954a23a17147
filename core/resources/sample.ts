import { z } from 'zod';
import { bytes, count, fraction, id } from '../result/primitives.js';

const kernelCount = z.number().min(0);

/** One line of `samples.ndjson`: what was read at one moment; what could not be read is absent. */
export const sampleSchema = z.looseObject({
  atNs: count.describe('on a clock that begins anew with the machine'),
  cell: id.optional().describe('the cell that was measured'),
  build: id.optional().describe('the build that was made'),
  instance: count.optional(),
  phase: z
    .enum(['baseline', 'build', 'warm-up', 'window', 'after'])
    .describe('before the first row, while building, or of a cell'),
  windowNs: z.number().optional().describe('since the window of the cell opened'),
  client: z.looseObject({ cpuUs: kernelCount, rssBytes: bytes }),
  server: z
    .looseObject({
      processes: count,
      cpuUs: kernelCount,
      rssBytes: bytes,
      readBytes: bytes.optional(),
      writeBytes: bytes.optional(),
      majorFaults: count,
    })
    .optional()
    .describe("the store's processes and all their descendants"),
  cgroup: z
    .looseObject({
      currentBytes: bytes,
      anonBytes: bytes,
      fileBytes: bytes,
      shmemBytes: bytes,
      workingSetBytes: bytes,
    })
    .optional()
    .describe("of the store's control group, where the client is not in it"),
  network: z
    .looseObject({
      receivedBytes: bytes,
      sentBytes: bytes,
      loopbackReceivedBytes: bytes,
      loopbackSentBytes: bytes,
    })
    .optional()
    .describe("of the store's network namespace"),
  machine: z
    .looseObject({ busyUs: kernelCount, stealUs: kernelCount, totalUs: kernelCount })
    .optional(),
  stated: z
    .looseObject({ atNs: count, values: z.record(z.string(), z.number()) })
    .optional()
    .describe('what the store said of itself, in the first row after it did'),
  gpus: z
    .array(
      z.looseObject({
        index: count,
        usedBytes: bytes.optional(),
        busyFraction: fraction.optional(),
        powerW: z.number().optional(),
      }),
    )
    .optional(),
  samplerCpuNs: count.optional().describe('processor time of the sampling thread so far'),
});

/** What was read at one moment of a run. */
export type Sample = z.infer<typeof sampleSchema>;

/** What the sampler shall look at. */
export interface SampleSubject {
  readonly label: Pick<Sample, 'cell' | 'build' | 'instance' | 'phase'>;
  /** The store's processes, without their descendants; empty where none are known. */
  readonly pids: readonly number[];
  /** Whether the store is a server of its own, so that bytes of its network mean something. */
  readonly hasNetwork: boolean;
  /** Where the store tells its metrics, and which of them are kept under which name. */
  readonly metrics?: { readonly url: string; readonly names: Readonly<Record<string, string>> };
}

/** What takes samples while a run goes on. */
export interface SampleSource {
  /** How often a second. */
  readonly hz: number;
  /** Looks at something else from now on, and at once. */
  watch(subject: SampleSubject): void;
  /** Rests, and hands over what was sampled since it was last asked, in order. Never fails. */
  take(): Promise<readonly Sample[]>;
}

/** What main says to the thread that samples. */
export type SamplerOrder =
  | { readonly kind: 'watch'; readonly subject: SampleSubject }
  | { readonly kind: 'take' }
  | { readonly kind: 'end' };

/** What the thread that samples says. */
export type SamplerMessage =
  | { readonly kind: 'samples'; readonly samples: readonly Sample[] }
  | { readonly kind: 'warning'; readonly message: string };
