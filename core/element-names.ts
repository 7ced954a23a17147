import type { Run } from './result.js';
import type { ElementType } from './vectors.js';

/** How a person calls the types of values. */
export const elementNames: Readonly<Record<ElementType, string>> = {
  f32: 'float32',
  f16: 'float16',
  u8: 'uint8',
  i8: 'int8',
};

/** What rows of a build became on their way: `float16`, or `float32, widened from float16`. */
export function describeElements(run: Run, build: Run['builds'][number]): string | undefined {
  if (build.elements === undefined) return undefined;
  const stored = run.datasets.find(({ name }) => name === build.dataset)?.elements;
  const sent = elementNames[build.elements];
  const isSame = stored === undefined || stored === build.elements;
  return isSame ? sent : `${sent}, widened from ${elementNames[stored]}`;
}
