import type { Hits, VectorBatch } from '../../adapter.js';
import { BenchError } from '../../errors.js';
import type { ElementType, VectorValues } from '../../vectors.js';
import { decodePayload } from '../payload-block.js';
import { bytesOf, headerBytes, paddedLength, protocolVersion } from '../protocol.js';

/** A search as a host reads it. */
export interface SearchFrame {
  readonly k: number;
  /** Of each query its row in the query file, -1 where it has none. */
  readonly rows: Int32Array;
  /** The search parameters and the filter as JSON. */
  readonly asked: string;
  /** queries x dimensions values. */
  readonly vectors: Float32Array;
}

const searchHeadBytes = 12;
const upsertHeadBytes = 8;
const hitsHeadBytes = headerBytes + 16;

/** @throws BenchError BAD_ARGUMENT when the parts do not fit the frame */
export function decodeSearch(payload: Buffer): SearchFrame {
  requireBytes('a search', payload, searchHeadBytes);
  const k = payload.readUInt32LE(0);
  const queries = payload.readUInt32LE(4);
  const length = payload.readUInt32LE(8);
  const rowsAt = searchHeadBytes + paddedLength(length);
  const vectorsAt = rowsAt + 4 * queries;
  requireBytes('a search', payload, vectorsAt);
  return {
    k,
    rows: integersOf(payload, rowsAt, queries),
    asked: payload.toString('utf8', searchHeadBytes, searchHeadBytes + length),
    vectors: floatsOf(payload, vectorsAt),
  };
}

/**
 * Rows that come, under their ids, with their payload.
 *
 * @param type of their values
 * @throws BenchError BAD_ARGUMENT when ids or payload do not fit the frame
 */
export function decodeUpsert(payload: Buffer, type: ElementType): VectorBatch {
  requireBytes('an upsert', payload, upsertHeadBytes);
  const rows = payload.readUInt32LE(0);
  const length = payload.readUInt32LE(4);
  const columnsAt = upsertHeadBytes + 4 * rows;
  const vectorsAt = columnsAt + paddedLength(length);
  requireBytes('an upsert', payload, vectorsAt);
  const { buffer } = new Uint8Array(payload.subarray(vectorsAt));
  const batch = {
    ids: integersOf(payload, upsertHeadBytes, rows),
    vectors: valuesOf[type](buffer),
  };
  if (length === 0) return batch;
  const columns = payload.toString('utf8', columnsAt, columnsAt + length);
  return { ...batch, payload: decodePayload(columns, rows) };
}

/** @throws BenchError BAD_ARGUMENT when it is too short */
export function decodeTruth(payload: Buffer): { k: number; ids: Int32Array } {
  requireBytes('a truth', payload, 4);
  const ids = integersOf(payload, 4, (payload.length - 4) / 4);
  return { k: payload.readUInt32LE(0), ids };
}

/** The float32 values from a place on, in memory of their own, where they are aligned. */
export function floatsOf(payload: Buffer, at: number): Float32Array {
  const bytes = new Uint8Array(payload.subarray(at));
  return new Float32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
}

// A rest of bytes that is no whole value is left out; the number of values is checked later.
const valuesOf: Readonly<Record<ElementType, (bytes: ArrayBuffer) => VectorValues>> = {
  f32: (bytes) => new Float32Array(bytes, 0, Math.floor(bytes.byteLength / 4)),
  f16: (bytes) => new Uint16Array(bytes, 0, Math.floor(bytes.byteLength / 2)),
  u8: (bytes) => new Uint8Array(bytes),
  i8: (bytes) => new Int8Array(bytes),
};

function integersOf(payload: Buffer, at: number, count: number): Int32Array {
  const bytes = new Uint8Array(payload.subarray(at, at + 4 * Math.floor(count)));
  return new Int32Array(bytes.buffer, 0, bytes.length / 4);
}

function requireBytes(what: string, payload: Buffer, bytes: number): void {
  if (payload.length >= bytes) return;
  const message = `${what} of ${payload.length} bytes is too short, expected ${bytes} or more`;
  throw new BenchError('BAD_ARGUMENT', message);
}

/** A reply with a JSON body. @param status 0 good, 1 an error */
export function encodeReply(status: 0 | 1, requestId: number, body: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(body));
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  writeHeader(frame, { status, requestId });
  payload.copy(frame, headerBytes);
  return frame;
}

/** What a search took in the host, whole nanoseconds. */
export interface HostTimes {
  readonly engineNs: number;
  readonly hostQueueNs: number;
}

/** The reply to a search. */
export function encodeHits(requestId: number, { ids }: Hits, times: HostTimes): Buffer {
  const frame = Buffer.allocUnsafe(hitsHeadBytes + ids.byteLength);
  writeHeader(frame, { status: 0, requestId });
  writeUInt64(frame, times.engineNs, headerBytes);
  writeUInt64(frame, times.hostQueueNs, headerBytes + 8);
  bytesOf(ids).copy(frame, hitsHeadBytes);
  return frame;
}

function writeHeader(frame: Buffer, head: { status: number; requestId: number }): void {
  frame.writeUInt32LE(frame.length - headerBytes, 0);
  frame.writeUInt16LE(head.status, 4);
  frame.writeUInt16LE(protocolVersion, 6);
  frame.writeUInt32LE(head.requestId, 8);
}

function writeUInt64(frame: Buffer, value: number, at: number): void {
  frame.writeUInt32LE(value % 2 ** 32, at);
  frame.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}
