import type { Run, Summary } from '../core/result.js';
import { namedValues } from './named-values.js';

/** How the rows of a table name their indexes. */
export interface IndexNames {
  /** The family with the parameters that the suite asks for. */
  nameOf(summary: Summary): string;
  /** `target family name=value`, a text for each target and family that leaves some to default. */
  readonly defaults: readonly string[];
}

/** Names that leave to one line for a target and family what its rows share without being asked. */
export function indexNames({ suite, summaries }: Run): IndexNames {
  const asked = askedNames(suite);
  const groups = new Map<string, Summary[]>();
  for (const summary of summaries) {
    const key = groupOf(summary);
    groups.set(key, [...(groups.get(key) ?? []), summary]);
  }
  const left = new Map<string, string[]>();
  for (const [key, [first, ...others]] of groups) {
    const names = asked.get(first?.family ?? '');
    if (first === undefined || names === undefined) continue;
    const unasked = Object.entries(first.params).filter(
      ([name, value]) => !names.has(name) && others.every(({ params }) => params[name] === value),
    );
    left.set(
      key,
      unasked.map(([name]) => name),
    );
  }
  return {
    nameOf: (summary) => {
      const unasked = left.get(groupOf(summary)) ?? [];
      const shown = Object.entries(summary.params).filter(([name]) => !unasked.includes(name));
      return [summary.family, ...namedValues(Object.fromEntries(shown))].join(' ');
    },
    defaults: [...groups].flatMap(([key, [first]]) => {
      const unasked = left.get(key) ?? [];
      const values = Object.entries(first?.params ?? {}).filter(([name]) => unasked.includes(name));
      const shown = namedValues(Object.fromEntries(values));
      return shown.length === 0 ? [] : [[key, ...shown].join(' ')];
    }),
  };
}

const groupOf = ({ target, family }: Summary): string => `${target} ${family}`;

/** The parameters that the entries of a suite name, by family. */
function askedNames(suite: Run['suite']): Map<string, Set<string>> {
  const { indexes = [] } = suite as {
    indexes?: readonly { family: string; params?: object; search?: object }[];
  };
  const asked = new Map<string, Set<string>>();
  for (const { family, params = {}, search = {} } of indexes) {
    const names = asked.get(family) ?? new Set();
    for (const name of [...Object.keys(params), ...Object.keys(search)]) names.add(name);
    asked.set(family, names);
  }
  return asked;
}
