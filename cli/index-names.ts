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
  const isDefault = (summary: Summary, name: string): boolean =>
    asked.get(summary.family)?.has(name) === false &&
    summaries
      .filter((other) => groupOf(other) === groupOf(summary))
      .every(({ params }) => params[name] === summary.params[name]);
  const valuesOf = (summary: Summary, areDefaults: boolean): string[] => {
    const entries = Object.entries(summary.params);
    const wanted = entries.filter(([name]) => isDefault(summary, name) === areDefaults);
    return namedValues(Object.fromEntries(wanted));
  };
  const lines = summaries.flatMap((summary) => {
    const values = valuesOf(summary, true);
    return values.length === 0 ? [] : [[groupOf(summary), ...values].join(' ')];
  });
  return {
    nameOf: (summary) => [summary.family, ...valuesOf(summary, false)].join(' '),
    defaults: [...new Set(lines)],
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
