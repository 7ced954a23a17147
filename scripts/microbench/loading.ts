import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nowNs } from '../../core/clock.js';
import { seededRandom } from '../../core/random.js';
import { median } from '../../core/stats/quantile.js';
import { readBinVectors } from '../../datasets/formats/bin.js';
import { print, rounds } from './runs.js';

const rows = 2 ** 21;
const dimensions = 128;
const headerBytes = 8;
const fileBytes = headerBytes + rows * dimensions * 4;

/** Loading a warm fbin of 1 GiB, against reading it into a fresh buffer of its size. */
export async function loading(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-micro-'));
  try {
    const path = join(folder, 'base.fbin');
    await writeVectors(path);
    // What was just written is in memory; reading it once settles that, and compiles the loader.
    await withFreshMemory(() => readBinVectors(path, 'f32'));
    const loads: number[] = [];
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const plainNs = await withFreshMemory(() => readPlain(path));
      const loadNs = await withFreshMemory(() => readBinVectors(path, 'f32'));
      loads.push(fileBytes / 2 ** 30 / (loadNs / 1e9));
      ratios.push(plainNs / loadNs);
    }
    const all = ratios.map((ratio) => ratio.toFixed(2)).join(' ');
    print('loading a warm fbin of 1 GiB', `${median(loads).toFixed(2)} GiB/s`);
    print('speed of loading / of reading into a buffer', `${median(ratios).toFixed(2)} (${all})`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeVectors(path: string): Promise<void> {
  const random = seededRandom(1);
  const values = Float32Array.from({ length: 2 ** 20 }, () => 2 * random() - 1);
  const file = await open(path, 'w');
  try {
    await file.write(new Uint8Array(Uint32Array.of(rows, dimensions).buffer));
    for (let written = headerBytes; written < fileBytes; written += values.byteLength) {
      await file.write(new Uint8Array(values.buffer));
    }
  } finally {
    await file.close();
  }
}

/** How long `work` takes; what it allocated is let go before and after. */
async function withFreshMemory(work: () => Promise<unknown>): Promise<number> {
  collectGarbage();
  const startNs = nowNs();
  await work();
  const tookNs = nowNs() - startNs;
  collectGarbage();
  return tookNs;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

async function readPlain(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    return await fill(file, new Uint8Array(fileBytes));
  } finally {
    await file.close();
  }
}

async function fill(file: FileHandle, target: Uint8Array): Promise<Uint8Array> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, done);
    if (bytesRead === 0) throw new Error('the file is shorter than what was written');
    done += bytesRead;
  }
  return target;
}
