import { BenchError } from '../../core/errors.js';

// PostgreSQL 18, "Message Formats"; all numbers with the highest byte first.
const binary = 1;

/** A message: its letter, its length with the four bytes of the length, its body. */
function message(letter: string, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  const head = Buffer.allocUnsafe(5);
  head.write(letter, 0, 'latin1');
  head.writeInt32BE(length, 1);
  return Buffer.concat([head, ...parts]);
}

function text(...words: readonly string[]): Buffer {
  return Buffer.from(words.map((word) => `${word}\0`).join(''));
}

function numbers(...values: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(2 * values.length);
  for (const [index, value] of values.entries()) buffer.writeInt16BE(value, 2 * index);
  return buffer;
}

function size(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeInt32BE(value);
  return buffer;
}

const sync = message('S');

/** Simple statements, one after the other. */
export function encodeStatements(statements: readonly string[]): Buffer {
  return message('Q', text(statements.join('; ')));
}

/** A statement under a name, in place of the one that had it. */
export function encodeParse(name: string, sql: string): Buffer {
  const close = message('C', Buffer.from('S'), text(name));
  return Buffer.concat([close, message('P', text(name, sql), numbers(0)), sync]);
}

/** Runs a statement of one parameter once for each value; all values and answers are binary. */
export function encodeExecute(name: string, values: readonly Uint8Array[]): Buffer {
  const runs = values.map((value) =>
    Buffer.concat([
      message(
        'B',
        text('', name),
        numbers(1, binary, 1),
        size(value.length),
        value,
        numbers(1, binary),
      ),
      message('E', text(''), size(0)),
    ]),
  );
  return Buffer.concat([...runs, sync]);
}

/** What the answers to {@link encodeExecute} are read into. */
export interface AnswerShape {
  readonly runs: number;
  readonly k: number;
}

/**
 * The one int4 of each row, k for each run, -1 where fewer came.
 *
 * @throws BenchError STORE_FAILED with what the server says
 */
export function decodeIds(answer: Uint8Array, { runs, k }: AnswerShape): Int32Array {
  const ids = new Int32Array(runs * k).fill(-1);
  let run = 0;
  let place = 0;
  for (const { letter, body } of messagesOf(answer)) {
    if (letter === 'E') throw failure(body);
    if (letter === 'D') {
      // The number of columns (2 bytes), the length of the first (4), and its value.
      ids[run * k + place] = body.getInt32(6);
      place += 1;
    } else if (letter === 'C') {
      run += 1;
      place = 0;
    }
  }
  return ids;
}

/** @throws BenchError STORE_FAILED with what the server says, when it is an error */
export function requireSuccess(answer: Uint8Array): void {
  for (const { letter, body } of messagesOf(answer)) if (letter === 'E') throw failure(body);
}

interface Message {
  readonly letter: string;
  readonly body: DataView;
}

function* messagesOf(bytes: Uint8Array): Generator<Message> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = view.getInt32(at + 1);
    const letter = String.fromCharCode(view.getUint8(at));
    yield { letter, body: new DataView(bytes.buffer, bytes.byteOffset + at + 5, length - 4) };
    at += 1 + length;
  }
}

function failure(body: DataView): BenchError {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const fields = bytes.toString('utf8').split('\0');
  const said = fields.find((field) => field.startsWith('M'))?.slice(1) ?? 'an error';
  return new BenchError('STORE_FAILED', `PostgreSQL: ${said}`);
}
