import type { Adapter } from '../core/adapter.js';
import { BenchError } from '../core/errors.js';
import { adapterMistakes } from './adapter-shape.js';
import { guardedAdapter } from './guarded-adapter.js';
import { describeMistake } from './mistakes.js';
import { findOwnFile, importOwn, type OwnKind, urlOfFile } from './own-file.js';

/** An adapter with the name that results give it. */
export interface NamedAdapter {
  readonly name: string;
  readonly adapter: Adapter;
  /** Where load workers and engine hosts import it from. */
  readonly adapterUrl: string;
}

const kind: OwnKind = {
  what: 'target',
  code: 'BAD_TARGET',
  endings: ['.js', '.mjs'],
  isNamed: true,
};
const hint = 'docs/add-an-adapter.md says what an adapter holds';

/**
 * Loads an adapter file of a person's own.
 *
 * @param given its path, from the caller's folder
 * @param taken names that results keep for other adapters
 * @throws BenchError BAD_TARGET when it cannot be loaded, or with all that is missing or wrong
 */
export async function loadOwnAdapter(
  given: string,
  taken: readonly string[],
): Promise<NamedAdapter> {
  const file = findOwnFile(given, kind);
  const { name, shown } = file;
  if (taken.includes(name)) {
    throw new BenchError('BAD_TARGET', `target ${shown}: ${name} is a target of bench itself`, {
      hint: 'rename the file, so that a result tells which of the two was measured',
    });
  }
  const value = await importOwn(file, kind);
  const lines = mistakesOf(value).map((line) => `target ${shown}: ${line}`);
  if (lines.length > 0) throw new BenchError('BAD_TARGET', lines.join('\n'), { hint });
  const adapter = guardedAdapter(value as Adapter, file, kind);
  return { name, adapter, adapterUrl: urlOfFile(file) };
}

function mistakesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) {
    const is = value === null ? 'null' : `a ${typeof value}`;
    return [`its default export must be an adapter, it is ${is}`];
  }
  return adapterMistakes(value).map(describeMistake);
}
