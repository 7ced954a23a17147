import type { Load } from '../result.js';
import { describeLoad } from './phases.js';

/** What was asked of a store, and how; results of older versions do not say the stream of all. */
export interface Work {
  readonly stream?: string | undefined;
  readonly operation?: string | undefined;
  readonly load: Load;
}

/** Stream and load in a few words: `search-genre, closed 4`. Most streams are their operation. */
export function describeWork({ stream, operation, load }: Work): string {
  const words = describeLoad(load);
  return stream === undefined || stream === operation ? words : `${stream}, ${words}`;
}

/** Whether both are one stream under one load, as far as they say it. */
export function isSameWork(a: Work, b: Work): boolean {
  const isOne = (one: string | undefined, other: string | undefined): boolean =>
    one === undefined || other === undefined || one === other;
  if (!isOne(a.stream, b.stream) || !isOne(a.operation, b.operation)) return false;
  return describeLoad(a.load) === describeLoad(b.load);
}
