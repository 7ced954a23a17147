import type { Reply } from './package.js';

/** A reply that is a text. */
export function textOf(reply: Reply | undefined): string {
  return reply === undefined || reply === null ? '' : String(reply);
}

/** A reply that is a list; empty where it is not. */
export function listOf(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : [];
}

/** Names and values in turn, as VINFO, FT.INFO and CONFIG GET give them. */
export function pairsOf(reply: Reply | undefined): ReadonlyMap<string, Reply> {
  const list = listOf(reply);
  const pairs = new Map<string, Reply>();
  for (let at = 0; at + 1 < list.length; at += 2) {
    pairs.set(textOf(list[at]), list[at + 1] as Reply);
  }
  return pairs;
}

/** The lines `name:value` of INFO. */
export function infoOf(reply: Reply): ReadonlyMap<string, string> {
  const lines = textOf(reply).split(/\r?\n/);
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const at = line.indexOf(':');
      return at < 1 || line.startsWith('#') ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}

/** The number that the digits at the end of some bytes are, from a place on; -1 where none is. */
function digitsOf(bytes: Reply | undefined, from: number): number {
  if (!Buffer.isBuffer(bytes) || bytes.length <= from) return -1;
  let value = 0;
  for (let at = from; at < bytes.length; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Where the ids are in a list of replies. */
export interface IdPlaces {
  /** The first one. */
  readonly first: number;
  /** Replies from one to the next. */
  readonly step: number;
  /** Bytes before the digits of each. */
  readonly prefixBytes: number;
}

/** k ids, -1 where fewer came. */
export function idsOf(reply: Reply, k: number, places: IdPlaces): Int32Array {
  const list = listOf(reply);
  const ids = new Int32Array(k).fill(-1);
  let at = places.first;
  for (let index = 0; index < k && at < list.length; index++) {
    ids[index] = digitsOf(list[at], places.prefixBytes);
    at += places.step;
  }
  return ids;
}
