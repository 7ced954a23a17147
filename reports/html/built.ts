import type { Build, Run } from '../../core/result.js';
import { formatParameters } from './figures.js';

/** How an index came to be: its parameters, or that it was there before. */
export function describeBuilt({ attached, index }: Build): string {
  if (attached === undefined) return formatParameters(index.params);
  return `attached: ${attached}; not built by bench`;
}

/** The same of a point, whose build is found by its id. */
export function describeBuiltOf(
  { builds }: Run,
  { build, params }: { readonly build: string; readonly params: Build['index']['params'] },
): string {
  const found = builds.find(({ id }) => id === build);
  return found === undefined ? formatParameters(params) : describeBuilt(found);
}
