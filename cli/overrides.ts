import { BenchError } from '../core/errors.js';
import { type Suite, suiteSchema } from '../core/suite.js';
import { describeMistake, mistakesIn } from './mistakes.js';

type Tree = Record<string, unknown> | unknown[];

/**
 * A suite with values put in other ones' place.
 *
 * @param settings `measure.durationS=1`, `indexes[0].search.nprobe=4,16`, `streams[0].k=20`
 * @throws BenchError BAD_ARGUMENT for a place that is not there; BAD_SUITE with all mistakes
 */
export function applySettings(name: string, suite: object, settings: readonly string[]): Suite {
  const copy = structuredClone(suite) as Record<string, unknown>;
  for (const setting of settings) applyOne(copy, setting);
  return checkSuite(name, copy);
}

/** Checks the shape of a suite. @throws BenchError BAD_SUITE with all mistakes and their places */
export function checkSuite(name: string, suite: unknown): Suite {
  const parsed = suiteSchema.safeParse(suite);
  if (parsed.success) return parsed.data;
  const lines = mistakesIn(suiteSchema, suite).map(describeMistake);
  throw new BenchError('BAD_SUITE', lines.map((line) => `suite ${name}: ${line}`).join('\n'), {
    hint: 'correct the suite, or the --set that changed it; nothing was run',
  });
}

function applyOne(suite: Record<string, unknown>, setting: string): void {
  const equals = setting.indexOf('=');
  if (equals < 1) {
    throw new BenchError('BAD_ARGUMENT', `--set ${setting}: it must be KEY=VALUE`, {
      hint: 'for example --set measure.durationS=1 or --set indexes[0].search.nprobe=4,16',
    });
  }
  const parts = setting
    .slice(0, equals)
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.');
  const last = parts.pop() as string;
  let tree: Tree = suite;
  for (const part of parts) tree = descend(tree, part, setting);
  assign(tree, { name: last, value: parseValue(setting.slice(equals + 1)), setting });
}

function descend(tree: Tree, part: string, setting: string): Tree {
  checkIndex(tree, part, setting);
  const inner = (tree as Record<string, unknown>)[part];
  if (inner === undefined && (part === 'params' || part === 'search')) {
    const made: Tree = {};
    (tree as Record<string, unknown>)[part] = made;
    return made;
  }
  if (typeof inner !== 'object' || inner === null) {
    const there = Object.keys(tree).join(', ');
    throw new BenchError('BAD_ARGUMENT', `--set ${setting}: there is no ${part}`, {
      hint: `there is: ${there}`,
    });
  }
  return inner as Tree;
}

interface Assignment {
  readonly name: string;
  readonly value: unknown;
  readonly setting: string;
}

function assign(tree: Tree, { name, value, setting }: Assignment): void {
  checkIndex(tree, name, setting);
  (tree as Record<string, unknown>)[name] = value;
}

function checkIndex(tree: Tree, part: string, setting: string): void {
  if (!Array.isArray(tree)) return;
  const index = Number(part);
  if (Number.isInteger(index) && index >= 0 && index < tree.length) return;
  const range = `0..${tree.length - 1}`;
  throw new BenchError('BAD_ARGUMENT', `--set ${setting}: the place must be ${range}, got ${part}`);
}

/** JSON where it is JSON, a list where there are commas, else a text. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.includes(',') ? text.split(',').map(parseValue) : text;
  }
}
