import { distance } from 'fastest-levenshtein';

/** The name that is most like a mistyped one; undefined when none is near. */
export function nearestName(typed: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(typed.length / 2)) + 1;
  for (const name of names) {
    const away = distance(typed.toLowerCase(), name.toLowerCase());
    if (away < bestDistance) {
      bestDistance = away;
      best = name;
    }
  }
  return best;
}

/** `; did you mean X?` or the list of what there is, for the end of an error message. */
export function suggestion(typed: string, names: readonly string[]): string {
  const near = nearestName(typed, names);
  if (near !== undefined) return `did you mean ${near}?`;
  return names.length === 0 ? 'there is none' : `one of: ${names.join(', ')}`;
}
