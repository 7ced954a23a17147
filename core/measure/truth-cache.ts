import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../dataset.js';
import { codeOf, messageOf } from '../errors.js';
import { computeTruth, type Truth, truthMethod } from './truth.js';

/** Which truth is wanted, and where earlier ones lie. */
export interface TruthSource {
  readonly dataset: Dataset;
  /** The dataset's content hash, in hex. */
  readonly sha256: string;
  /** 1..rows. */
  readonly k: number;
  readonly cacheFolder: string;
  readonly threads?: number;
  /** Gets a sentence when the cache cannot be read or written; the truth comes all the same. */
  readonly onWarning?: (message: string) => void;
}

const magic = 'benchtr1';
const headBytes = 16;
const checksumBytes = 32;

/**
 * The truth of a dataset, from the cache where a whole file of the same content lies there, else
 * computed and kept. A cache that cannot be written costs time, nothing else.
 *
 * @throws BenchError as {@link computeTruth}
 */
export async function loadTruth(source: TruthSource): Promise<Truth> {
  const { dataset, k } = source;
  const path = join(source.cacheFolder, `truth-${source.sha256}-${dataset.metric}-${k}.bin`);
  const kept = await readKept(path, source);
  if (kept !== undefined) return kept;
  const { metric, base, queries } = dataset;
  const threads = source.threads === undefined ? {} : { threads: source.threads };
  const truth = await computeTruth({ metric, base, queries, k, ...threads });
  await keep(path, truth, source);
  return truth;
}

async function readKept(path: string, source: TruthSource): Promise<Truth | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') {
      source.onWarning?.(`ground truth is not read from ${path}: ${messageOf(thrown)}`);
    }
    return undefined;
  }
  const truth = decode(bytes, { k: source.k, queries: source.dataset.queries.rows });
  if (truth === undefined) source.onWarning?.(`ground truth in ${path} is damaged: made again`);
  return truth;
}

async function keep(path: string, truth: Truth, source: TruthSource): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await mkdir(source.cacheFolder, { recursive: true });
    await writeFile(draft, encode(truth));
    await rename(draft, path);
  } catch (thrown) {
    source.onWarning?.(`ground truth is not kept in ${path}: ${messageOf(thrown)}`);
    await rm(draft, { force: true }).catch((again: unknown) => {
      source.onWarning?.(`${draft} is left behind: ${messageOf(again)}`);
    });
  }
}

/** magic, k, queries, tie fractions (float64), distances (float64), ids (int32), sha256. */
function encode(truth: Truth): Buffer {
  const head = Buffer.alloc(headBytes);
  head.write(magic, 'latin1');
  head.writeUInt32LE(truth.k, 8);
  head.writeUInt32LE(truth.queries, 12);
  const parts = [head, ...[truth.tieFractions, truth.distances, truth.ids].map(bytesOf)];
  return Buffer.concat([...parts, checksum(parts)]);
}

function decode(bytes: Buffer, expected: { k: number; queries: number }): Truth | undefined {
  const { k, queries } = expected;
  const count = k * queries;
  const length = headBytes + k * 8 + count * 12 + checksumBytes;
  if (bytes.length !== length || bytes.toString('latin1', 0, 8) !== magic) return undefined;
  if (bytes.readUInt32LE(8) !== k || bytes.readUInt32LE(12) !== queries) return undefined;
  const body = bytes.subarray(0, length - checksumBytes);
  if (!checksum([body]).equals(bytes.subarray(length - checksumBytes))) return undefined;
  const tieFractions = new Float64Array(k);
  const distances = new Float64Array(count);
  const ids = new Int32Array(count);
  let offset = headBytes;
  for (const values of [tieFractions, distances, ids]) {
    const target = bytesOf(values);
    body.copy(target, 0, offset);
    offset += target.length;
  }
  const tieFraction = tieFractions[k - 1] as number;
  return { k, queries, ids, distances, tieFraction, tieFractions, method: truthMethod };
}

function bytesOf(values: Float64Array | Int32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

function checksum(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
