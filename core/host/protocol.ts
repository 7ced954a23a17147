import type { CollectionSpec, Hits, VectorBatch } from '../adapter.js';
import { BenchError, codeOf, type ErrorCode, exitCodeOf, messageOf } from '../errors.js';
import type { Filter } from '../filter.js';
import type { VectorValues } from '../vectors.js';
import { encodePayload } from './payload-block.js';

/** Version of the frames; both sides refuse another one. */
export const protocolVersion = 3;

/** Before the payload: u32 its length, u16 operation or status, u16 version, u32 request id. */
export const headerBytes = 12;

/** What a request asks for, by its number on the wire. */
export const operations = {
  hello: 1,
  create: 2,
  train: 3,
  upsert: 4,
  finish: 5,
  count: 6,
  footprint: 7,
  search: 8,
  drop: 9,
  truth: 10,
} as const;

/** A request by name. */
export type Operation = keyof typeof operations;

/** A reply as it arrives: status 0 is good, 1 is an error told in JSON. */
export interface ReplyFrame {
  readonly status: number;
  readonly requestId: number;
  /** Valid until the next bytes arrive. */
  readonly payload: Buffer;
}

/** What an engine host says of itself. */
export interface HostHello {
  readonly engine: string;
  readonly version: string;
  readonly pid: number;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly warnings: readonly string[];
  /** It takes several queries in one search. */
  readonly batches: boolean;
  /** It serves a stand-in, which answers from the truth that it is sent before `create`. */
  readonly takesTruth?: boolean;
}

/** What went wrong in an engine host, as it is told in JSON. */
export interface HostFailure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

const maxPayloadBytes = 0xffff_ffff;
const searchHeadBytes = 12;
const searchReplyHeadBytes = 16;

/**
 * The header of a request whose payload follows in parts of their own.
 * @throws BenchError BAD_ARGUMENT when the payload has 4 GiB or more
 */
export function encodeHeader(operation: Operation, payloadBytes: number): Buffer {
  if (payloadBytes > maxPayloadBytes) {
    const message = `${operation}: ${payloadBytes} bytes in one request, must be below 4 GiB`;
    throw new BenchError('BAD_ARGUMENT', message, { hint: 'send fewer rows at once' });
  }
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(payloadBytes, 0);
  header.writeUInt16LE(operations[operation], 4);
  header.writeUInt16LE(protocolVersion, 6);
  return header;
}

/** A request without a payload: hello, finish, count, footprint, drop. */
export function encodePlain(operation: Operation): Buffer[] {
  return [encodeHeader(operation, 0)];
}

/** The request to make the empty index. */
export function encodeCreate(spec: CollectionSpec): Buffer[] {
  const body = Buffer.from(JSON.stringify(spec));
  return [encodeHeader('create', body.length), body];
}

/** The request to learn from rows x dimensions values, which are not copied. */
export function encodeTrain(sample: Float32Array): Buffer[] {
  return [encodeHeader('train', sample.byteLength), bytesOf(sample)];
}

/** The request to add rows under their ids, with their payload; ids and vectors are not copied. */
export function encodeUpsert({ ids, vectors, payload }: VectorBatch): Buffer[] {
  const columns = encodePayload(payload);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(ids.length, 0);
  head.writeUInt32LE(columns.length, 4);
  const bytes = head.length + ids.byteLength + paddedLength(columns.length) + vectors.byteLength;
  const parts = [encodeHeader('upsert', bytes), head, bytesOf(ids)];
  if (columns.length > 0) {
    parts.push(columns, Buffer.alloc(paddedLength(columns.length) - columns.length));
  }
  return [...parts, bytesOf(vectors)];
}

/** The request that gives a stand-in the neighbours of each query, k ids a query. */
export function encodeTruth(k: number, ids: Int32Array): Buffer[] {
  const depth = Buffer.alloc(4);
  depth.writeUInt32LE(k);
  return [encodeHeader('truth', 4 + ids.byteLength), depth, bytesOf(ids)];
}

/** What a search frame is made of: queries x dimensions values, k ids wanted for each query. */
export interface SearchBody {
  readonly k: number;
  /** Of each query its row in the query file, -1 where it has none. */
  readonly rows: readonly number[];
  readonly params: Readonly<Record<string, unknown>>;
  /** What the rows of all answers must meet. */
  readonly filter?: Filter | undefined;
  readonly vectors: readonly Float32Array[];
}

/** One whole search frame, to be sent any number of times. */
export function encodeSearch(body: SearchBody): Buffer {
  const { params, filter } = body;
  const asked = Buffer.from(JSON.stringify({ params, filter }));
  const padded = paddedLength(asked.length);
  const rows = Int32Array.from(body.rows);
  const values = body.vectors.reduce((sum, vector) => sum + vector.byteLength, rows.byteLength);
  const header = encodeHeader('search', searchHeadBytes + padded + values);
  // Not from the shared pool: frames are kept, and a pool slab would be kept with each.
  const frame = Buffer.allocUnsafeSlow(headerBytes + searchHeadBytes + padded + values).fill(0);
  header.copy(frame);
  frame.writeUInt32LE(body.k, headerBytes);
  frame.writeUInt32LE(rows.length, headerBytes + 4);
  frame.writeUInt32LE(asked.length, headerBytes + 8);
  asked.copy(frame, headerBytes + searchHeadBytes);
  let at = headerBytes + searchHeadBytes + padded;
  bytesOf(rows).copy(frame, at);
  at += rows.byteLength;
  for (const vector of body.vectors) {
    bytesOf(vector).copy(frame, at);
    at += vector.byteLength;
  }
  return frame;
}

/** Writes the request id into a frame that was encoded ahead. */
export function stampRequestId(frame: Buffer, requestId: number): void {
  frame.writeUInt32LE(requestId, 8);
}

/**
 * The ids and times of a search reply; the ids are copied out of the payload.
 * @throws BenchError the host's own error, by its code
 */
export function decodeHits(reply: ReplyFrame): Hits {
  if (reply.status !== 0) throw decodeError(reply);
  const { payload } = reply;
  const start = payload.byteOffset + searchReplyHeadBytes;
  const bytes = payload.buffer.slice(start, payload.byteOffset + payload.length) as ArrayBuffer;
  return {
    ids: new Int32Array(bytes),
    engineNs: readUInt64(payload, 0),
    hostQueueNs: readUInt64(payload, 8),
  };
}

/**
 * The JSON body of any other reply.
 * @throws BenchError the host's own error, by its code
 */
export function decodeJson(reply: ReplyFrame): unknown {
  if (reply.status !== 0) throw decodeError(reply);
  return JSON.parse(reply.payload.toString('utf8'));
}

/** The error that a host replied; STORE_FAILED where its code is none of ours. */
export function decodeError(reply: ReplyFrame): BenchError {
  return errorOf(JSON.parse(reply.payload.toString('utf8')) as HostFailure, 'engine host');
}

/**
 * The error that a failure in a host is on this side; STORE_FAILED where its code is none of ours.
 *
 * @param subject what the message begins with
 */
export function errorOf({ code, message, hint }: HostFailure, subject: string): BenchError {
  const known = Object.hasOwn(exitCodeOf, code) ? (code as ErrorCode) : 'STORE_FAILED';
  const options = hint === undefined ? {} : { hint };
  return new BenchError(known, `${subject}: ${message}`, options);
}

/** What was thrown in a host, for the other side. */
export function failureOf(thrown: unknown): HostFailure {
  const hint = thrown instanceof BenchError ? thrown.hint : undefined;
  return { code: codeOf(thrown), message: messageOf(thrown), hint };
}

/** The bytes of a typed array, not copied. */
export function bytesOf(values: Int32Array | VectorValues): Buffer {
  // The type of Buffer.from leaves out views whose memory may be shared between threads.
  return Buffer.from(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}

/** The length of a block of JSON with what is put behind it: numbers that follow are aligned. */
export function paddedLength(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

function readUInt64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

/**
 * Cuts a stream of bytes into reply frames, whatever pieces it comes in. Give it each piece in
 * turn; a frame that lies whole in one piece is not copied, any other byte is copied once.
 * @throws BenchError STORE_FAILED when the bytes are no frames of this protocol
 */
export function frameReader(onFrame: (frame: ReplyFrame) => void): (piece: Buffer) => void {
  let pending: Buffer | undefined;
  let filled = 0;
  const header = Buffer.alloc(headerBytes);

  function takeWhole(piece: Buffer, from: number): number {
    const length = piece.length - from < headerBytes ? -1 : payloadLength(piece, from);
    const end = from + headerBytes + length;
    if (length < 0 || end > piece.length) return from;
    onFrame(frameOf(piece.subarray(from, end)));
    return end;
  }

  function continuePending(piece: Buffer, from: number): number {
    const target = pending ?? header;
    const copied = piece.copy(target, filled, from);
    filled += copied;
    if (filled < target.length) return from + copied;
    if (pending === undefined) {
      pending = Buffer.allocUnsafe(headerBytes + payloadLength(header, 0));
      header.copy(pending);
      if (pending.length > headerBytes) return from + copied;
    }
    const whole = pending;
    pending = undefined;
    filled = 0;
    onFrame(frameOf(whole));
    return from + copied;
  }

  return (piece) => {
    let at = 0;
    while (at < piece.length) {
      const next = filled === 0 ? takeWhole(piece, at) : at;
      at = next > at ? next : continuePending(piece, at);
    }
  };
}

function payloadLength(bytes: Buffer, at: number): number {
  const version = bytes.readUInt16LE(at + 6);
  if (version !== protocolVersion) {
    const message = `engine host: frame of version ${version}, must be ${protocolVersion}`;
    throw new BenchError('STORE_FAILED', message);
  }
  return bytes.readUInt32LE(at);
}

function frameOf(bytes: Buffer): ReplyFrame {
  return {
    status: bytes.readUInt16LE(4),
    requestId: bytes.readUInt32LE(8),
    payload: bytes.subarray(headerBytes),
  };
}
