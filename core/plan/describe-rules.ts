import type { ParameterRule } from '../adapter.js';

/** `rows 1..1000 (100), metric l2|ip|cosine (l2)`: ranges, and what is taken when not given. */
export function describeRules(rules: Readonly<Record<string, ParameterRule>>): string {
  return Object.entries(rules)
    .map(([name, { min, max, choices, default: value }]) => {
      const range = choices === undefined ? `${min}..${max}` : choices.join('|');
      return `${name} ${range} (${value})`;
    })
    .join(', ');
}
