import { createHash } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { PublicDataset, PublicFile } from '../../../core/download/public-dataset.js';
import type { PullOptions } from '../../../core/download/pull.js';
import type { Limits } from '../../../core/download/retry.js';
import { openTransport } from '../../../core/download/transport.js';
import type { Progress } from '../../../core/progress.js';
import { seededRandom } from '../../../core/random.js';
import { emptyFolder } from '../folders.js';

/** Bytes that are the same for the same seed. */
export function someBytes(count: number, seed: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Array.from({ length: count }, () => Math.floor(random() * 256)));
}

/** SHA-256 of all bytes at once. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A dataset named `sample` of these files. */
export function sampleDataset(
  files: readonly Partial<PublicFile>[],
  facts: Partial<PublicDataset> = {},
): PublicDataset {
  return {
    name: 'sample',
    title: 'a sample',
    format: 'bin',
    metric: 'l2',
    rows: 1,
    dimensions: 1,
    queries: 1,
    licence: 'CC0',
    citation: 'nobody',
    source: 'https://example.org/sample',
    ...facts,
    files: files.map((file) => ({ role: 'all', name: 'base.bin', address: '', ...file })),
  };
}

/** What a pull of a test works with, and what it said and waited for. */
export interface Scene extends PullOptions {
  readonly notes: string[];
  readonly waitsNs: number[];
  /** Begins to watch what is written. @returns what resolves when so much of the file is */
  watch(): (bytes: number) => Promise<void>;
}

const noProxies = { httpProxy: '', httpsProxy: '', noProxy: '' };

/** A pull into an empty folder, without proxies; it notes its waits and does not wait. */
export async function pullScene(
  context: TestContext,
  limits: Partial<Limits> = {},
): Promise<Scene> {
  const notes: string[] = [];
  const waitsNs: number[] = [];
  let written = 0;
  const waiting = new Map<number, () => void>();
  const progress: Progress = {
    phase: () => undefined,
    update(doneMiB) {
      written = doneMiB * 1024 * 1024;
      for (const [bytes, go] of waiting) if (written >= bytes) go();
    },
    note: (line) => void notes.push(line),
    end: () => undefined,
  };
  const transport = openTransport({ stallNs: limits.stallNs ?? 30e9, proxies: noProxies });
  context.after(() => transport.close());
  return {
    folder: await emptyFolder(context),
    progress,
    limits: { tries: 4, ...limits },
    transport,
    freeBytes: async () => 2 ** 40,
    wait: async (waitNs) => void waitsNs.push(waitNs),
    notes,
    waitsNs,
    watch() {
      written = 0;
      waiting.clear();
      return (bytes) =>
        new Promise((resolve) => {
          if (written >= bytes) resolve();
          else waiting.set(bytes, resolve);
        });
    },
  };
}
