import type { Mistake } from './mistakes.js';

/** Plain data whose texts were filled from the environment. */
export interface Filled {
  readonly value: unknown;
  /** What was put in: as it was written (`${NAME}`), by its value. */
  readonly secrets: ReadonlyMap<string, string>;
  /** What could not be put in, with its place. */
  readonly mistakes: readonly Mistake[];
}

/** What a text is filled from: `process.env`, or what takes its place. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Puts the values of variables in place of every `${NAME}` in the texts of plain data; `$${` is a
 * `${` that stays. Keys are left as they are. What is filled stays text.
 */
export function fillTexts(value: unknown, variables: Variables): Filled {
  const secrets = new Map<string, string>();
  const mistakes: Mistake[] = [];
  const fill = (inner: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof inner === 'string') {
      return fillText(inner, { variables, secrets, note: (what) => note(path, what) });
    }
    if (Array.isArray(inner)) return inner.map((item, index) => fill(item, [...path, index]));
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(
      Object.entries(inner).map(([key, each]) => [key, fill(each, [...path, key])]),
    );
  };
  const note = (path: readonly PropertyKey[], what: string): void => {
    mistakes.push({ path, ofKey: false, what });
  };
  return { value: fill(value, []), secrets, mistakes };
}

interface Filling {
  readonly variables: Variables;
  readonly secrets: Map<string, string>;
  readonly note: (what: string) => void;
}

const place = /\$(\$\{)|\$\{([^{}]*)\}|\$\{/g;
const goodName = /^[A-Za-z_][A-Za-z0-9_]*$/;

function fillText(text: string, { variables, secrets, note }: Filling): string {
  return text.replaceAll(place, (whole, kept: string | undefined, name: string | undefined) => {
    if (kept !== undefined) return kept;
    if (name === undefined || !goodName.test(name)) {
      note(`: ${whole} is no variable; write \${NAME}, or $\${ for a \${ that stays`);
      return whole;
    }
    const found = variables[name];
    if (found === undefined || found === '') {
      note(`: the environment variable ${name} ${found === undefined ? 'is not set' : 'is empty'}`);
      return whole;
    }
    secrets.set(found, whole);
    return found;
  });
}
