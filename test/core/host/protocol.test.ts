import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CollectionSpec } from '../../../core/adapter.js';
import { BenchError } from '../../../core/errors.js';
import type { Filter } from '../../../core/filter.js';
import { decodeSearch, decodeUpsert } from '../../../core/host/node/frames.js';
import { decodePayload } from '../../../core/host/payload-block.js';
import {
  decodeHits,
  decodeJson,
  encodeCreate,
  encodeHeader,
  encodePlain,
  encodeSearch,
  encodeTrain,
  encodeTruth,
  encodeUpsert,
  frameReader,
  headerBytes,
  type Operation,
  operations,
  type ReplyFrame,
  stampRequestId,
} from '../../../core/host/protocol.js';
import { packageRoot } from '../../../core/paths.js';
import { type Payload, type PayloadType, payloadRow } from '../../../core/payload.js';

/** Columns as they are on the wire. */
type PlainPayload = Readonly<Record<string, { type: PayloadType; values: readonly unknown[] }>>;

interface RequestCase {
  readonly name: string;
  readonly hex: string;
  readonly operation: number;
  readonly requestId: number;
  readonly spec?: CollectionSpec;
  readonly k?: number;
  readonly rows?: number[];
  readonly truthK?: number;
  readonly params?: Record<string, unknown>;
  readonly filter?: Filter;
  readonly payload?: PlainPayload;
  readonly ids?: number[];
  readonly vectors?: number[];
}

interface ReplyCase {
  readonly name: string;
  readonly hex: string;
  readonly status: number;
  readonly requestId: number;
  readonly body?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  readonly engineNs?: number;
  readonly hostQueueNs?: number;
  readonly ids?: number[];
}

// Written with Python's struct alone; the Python side is tested against the same file.
const vectors = JSON.parse(
  readFileSync(join(packageRoot(), 'test', 'fixtures', 'host-protocol.json'), 'utf8'),
) as { requests: RequestCase[]; replies: ReplyCase[] };

for (const expected of vectors.requests) {
  test(`the request '${expected.name}' is encoded as its frame`, () => {
    const parts = encode(expected);
    const [header] = parts;
    assert.ok(header);
    stampRequestId(header, expected.requestId);
    assert.equal(Buffer.concat(parts).toString('hex'), expected.hex);
  });
}

for (const expected of vectors.requests) {
  const { ids, k, payload, truthK } = expected;
  if (k !== undefined) {
    test(`the host of Node reads the request '${expected.name}'`, () => {
      const frame = decodeSearch(bodyOf(expected));
      const { params, filter, rows, vectors } = expected;
      assert.deepEqual([frame.k, [...frame.rows], [...frame.vectors]], [k, rows, vectors]);
      assert.deepEqual(JSON.parse(frame.asked), { params, ...(filter && { filter }) });
    });
  } else if (ids !== undefined && truthK === undefined) {
    test(`the host of Node reads the request '${expected.name}'`, () => {
      const batch = decodeUpsert(bodyOf(expected), 'f32');
      assert.deepEqual([[...batch.ids], [...batch.vectors]], [ids, expected.vectors]);
      assert.equal(batch.payload === undefined, payload === undefined);
      if (payload === undefined || batch.payload === undefined) return;
      for (const row of ids.keys()) {
        const present: [string, unknown][] = Object.entries(payload).flatMap(
          ([name, { values }]): [string, unknown][] =>
            values[row] === null ? [] : [[name, values[row]]],
        );
        assert.deepEqual(payloadRow(batch.payload, row), Object.fromEntries(present));
      }
    });
  }
}

test('a column with another number of values than there are rows is refused', () => {
  const text = '{"genre":{"type":"category","values":["a"]}}';
  const message = '2 rows came with 1 values of genre';
  assert.throws(() => decodePayload(text, 2), { code: 'BAD_ARGUMENT', message });
});

test('an upsert that ends within its payload is refused', () => {
  const whole = vectors.requests.find(({ name }) => name === 'upsert with payload');
  const body = bodyOf(whole as RequestCase);
  for (const end of [7, 12, 40]) {
    assert.throws(() => decodeUpsert(body.subarray(0, end), 'f32'), { code: 'BAD_ARGUMENT' });
  }
});

for (const expected of vectors.replies) {
  test(`the reply '${expected.name}' is decoded, whole and in pieces of any size`, () => {
    const bytes = Buffer.from(expected.hex, 'hex');
    for (const size of [1, 2, 11, 12, 13, bytes.length - 1, bytes.length]) {
      let seen = 0;
      const read = frameReader((frame) => {
        seen += 1;
        checkReply(frame, expected);
      });
      for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
      assert.equal(seen, 1, `pieces of ${size}`);
    }
  });
}

test('several replies in one piece come out in order', () => {
  const all = Buffer.concat(vectors.replies.map((reply) => Buffer.from(reply.hex, 'hex')));
  for (const size of [7, 64, all.length]) {
    const ids: number[] = [];
    const read = frameReader((frame) => ids.push(frame.requestId));
    for (let at = 0; at < all.length; at += size) read(all.subarray(at, at + size));
    assert.deepEqual(
      ids,
      vectors.replies.map((reply) => reply.requestId),
    );
  }
});

test('a frame of another version is refused', () => {
  const frame = encodeHeader('hello', 0);
  frame.writeUInt16LE(1, 6);
  assert.throws(() => frameReader(() => {})(frame), /version 1, must be 3/);
});

test('a payload of 4 GiB is refused before anything is sent', () => {
  assert.throws(() => encodeHeader('train', 2 ** 32), { code: 'BAD_ARGUMENT' });
});

test('an error code that is none of ours becomes STORE_FAILED', () => {
  const payload = Buffer.from('{"code":"ODD","message":"broke"}');
  assert.throws(() => decodeJson({ status: 1, requestId: 1, payload }), {
    code: 'STORE_FAILED',
    message: 'engine host: broke',
  });
});

test('an error keeps its hint', () => {
  const payload = Buffer.from('{"code":"NO_MEMORY","message":"full","hint":"take less"}');
  const error = { code: 'NO_MEMORY', message: 'engine host: full', hint: 'take less' };
  for (const decode of [decodeJson, decodeHits]) {
    assert.throws(() => decode({ status: 1, requestId: 1, payload }), error);
  }
});

function bodyOf({ hex }: RequestCase): Buffer {
  return Buffer.from(hex, 'hex').subarray(headerBytes);
}

function columnsOf(payload: PlainPayload, rows: number): Payload {
  return decodePayload(JSON.stringify(payload), rows);
}

function encode(expected: RequestCase): Buffer[] {
  const { ids, k, spec, truthK } = expected;
  if (spec) return encodeCreate(spec);
  if (truthK && ids) return encodeTruth(truthK, Int32Array.from(ids));
  if (ids) return encodeRows(expected, Int32Array.from(ids));
  if (k) return [encodeQueries(expected, k)];
  if (expected.vectors) return encodeTrain(Float32Array.from(expected.vectors));
  const name = Object.entries(operations).find(([, number]) => number === expected.operation);
  return encodePlain(name?.[0] as Operation);
}

function encodeRows({ payload, vectors: values = [] }: RequestCase, ids: Int32Array): Buffer[] {
  const columns = payload && { payload: columnsOf(payload, ids.length) };
  return encodeUpsert({ ids, vectors: Float32Array.from(values), ...columns });
}

function encodeQueries(expected: RequestCase, k: number): Buffer {
  const { filter, params = {}, rows = [], vectors: values = [] } = expected;
  return encodeSearch({ k, params, filter, rows, vectors: [Float32Array.from(values)] });
}

function checkReply(frame: ReplyFrame, expected: ReplyCase): void {
  assert.equal(frame.status, expected.status);
  assert.equal(frame.requestId, expected.requestId);
  const { error, engineNs, hostQueueNs, ids } = expected;
  if (error) {
    const message = `engine host: ${error.message}`;
    assert.throws(
      () => decodeJson(frame),
      (thrown) =>
        thrown instanceof BenchError && thrown.code === error.code && thrown.message === message,
    );
  } else if (ids) {
    assert.deepEqual(decodeHits(frame), { ids: Int32Array.from(ids), engineNs, hostQueueNs });
  } else {
    assert.deepEqual(decodeJson(frame), expected.body);
  }
}
