import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { badData, unreadable } from './data-file.js';

/** One line of a text file, without its end. */
export interface TextLine {
  /** Counted from 1, as editors do. */
  readonly number: number;
  readonly text: string;
}

/** The longest line that is read, in characters: what one line may take of memory is bounded. */
const maxLineCharacters = 4 * 1024 * 1024;

/**
 * Reads a UTF-8 text line by line; a name that ends in `.gz` is unpacked on the way. An end of line
 * after the last line is no further line.
 *
 * @throws BenchError BAD_DATA for a missing, unreadable or damaged file, text that is not UTF-8, or
 *   a line above 4 Mi characters
 */
export async function* textLines(path: string): AsyncGenerator<TextLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let number = 0;
  try {
    for await (const chunk of openText(path)) {
      const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      for (const text of parts) yield { number: ++number, text: withoutReturn(text) };
      requireShort(path, rest, number + 1);
    }
    rest += decoder.decode();
  } catch (thrown) {
    throw unreadable(path, explained(path, thrown, number + 1));
  }
  if (rest !== '') yield { number: number + 1, text: withoutReturn(rest) };
}

function openText(path: string): Readable {
  const file = createReadStream(path);
  if (!path.endsWith('.gz')) return file;
  // The generator sees the error when it reads from the last stream.
  return pipeline(file, createGunzip(), () => undefined);
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

function requireShort(path: string, text: string, line: number): void {
  if (text.length <= maxLineCharacters) return;
  throw badData(path, `line ${line} has more than ${maxLineCharacters} characters`);
}

function explained(path: string, thrown: unknown, line: number): unknown {
  const notText = thrown instanceof TypeError && 'code' in thrown;
  if (!notText || thrown.code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') return thrown;
  return badData(path, `line ${line} or after is not UTF-8 text`, 'save the file as UTF-8');
}
