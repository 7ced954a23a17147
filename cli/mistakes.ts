import { z } from 'zod';
import { suggestion } from '../core/nearest.js';

/** One thing that is wrong with a value, and where in it. */
export interface Mistake {
  /** Keys and indices from the outside in. */
  readonly path: readonly PropertyKey[];
  /** Whether the last key itself is wrong, not what stands under it. */
  readonly ofKey: boolean;
  /** What is wrong, to be written behind the place: ` is not known; did you mean k?`. */
  readonly what: string;
}

const longestShown = 80;

/**
 * Everything that keeps a value from matching a schema, in the order of the schema.
 *
 * @param shown what messages show in place of the value, of the same form
 */
export function mistakesIn(schema: z.ZodType, value: unknown, shown: unknown = value): Mistake[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : mistakesOfIssues(parsed.error.issues, schema, shown);
}

/** What a schema found, as {@link mistakesIn} tells it. */
export function mistakesOfIssues(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  shown: unknown,
): Mistake[] {
  return issues.flatMap((issue) => mistakesOf(issue, { schema, value: shown }));
}

/** A place as a person writes it: `streams[0].load[1].kind`. */
export function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/** A mistake with its place. */
export function describeMistake({ path, what }: Mistake): string {
  return `${placeOf(path)}${what}`;
}

interface Subject {
  readonly schema: z.ZodType;
  /** As messages show it. */
  readonly value: unknown;
}

type Issue = z.core.$ZodIssue;
type UnionIssue = Extract<Issue, { code: 'invalid_union' }>;

function mistakesOf(issue: Issue, subject: Subject): Mistake[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const what = ` is not known; ${suggestion(key, namesAt(subject.schema, path))}`;
      return { path: [...path, key], ofKey: true, what };
    });
  }
  if (issue.code === 'invalid_union') return unionMistakes(issue, subject);
  if (issue.code === 'invalid_key') {
    return [{ path, ofKey: true, what: `: ${issue.issues[0]?.message ?? issue.message}` }];
  }
  return [{ path, ofKey: false, what: whatOf(path, subject.value, issue.message) }];
}

/** Of several forms the one that comes furthest; where none does, what there may be. */
function unionMistakes(issue: UnionIssue, subject: Subject): Mistake[] {
  const { path } = issue;
  if (issue.discriminator !== undefined) {
    return [{ path, ofKey: false, what: kindMistake(issue, subject) }];
  }
  const deeper = issue.errors.find((branch) => branch.every((inner) => inner.path.length > 0));
  if (deeper !== undefined) {
    return deeper.flatMap((inner) => {
      return mistakesOf({ ...inner, path: [...path, ...inner.path] }, subject);
    });
  }
  const expected = [...new Set(expectedBy(issue))];
  const what = expected.length === 0 ? issue.message : `expected ${expected.join(' or ')}`;
  return [{ path, ofKey: false, what: whatOf(path, subject.value, what) }];
}

/** A name that tells which of several forms is meant, and is none of theirs. */
function kindMistake(issue: UnionIssue, { value }: Subject): string {
  const names = 'options' in issue ? (issue.options ?? []).map(String) : [];
  const given = valueAt(value, issue.path);
  if (given === undefined) return ` must be given, one of: ${names.join(', ')}`;
  return `: ${shown(given)} is not known; ${suggestion(String(given), names)}`;
}

function expectedBy(issue: UnionIssue): string[] {
  return issue.errors.flat().flatMap((inner: Issue) => {
    if (inner.path.length > 0) return [];
    if (inner.code === 'invalid_type') return [inner.expected];
    return inner.code === 'invalid_union' ? expectedBy(inner) : [];
  });
}

function whatOf(path: readonly PropertyKey[], whole: unknown, message: string): string {
  const value = valueAt(whole, path);
  return value === undefined ? ' must be given' : `: ${message}, got ${shown(value)}`;
}

function valueAt(whole: unknown, path: readonly PropertyKey[]): unknown {
  let value = whole;
  for (const part of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
  return value;
}

function shown(value: unknown): string {
  const text = asText(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text;
}

function asText(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  // JSON has no form for those that are not finite.
  if (typeof value === 'number') return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // What a module exports may hold itself, or numbers that JSON has no form for.
    return `a value of type ${typeof value}`;
  }
}

/** The keys that a schema knows at a place. */
function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const whole = z.toJSONSchema(schema, { unrepresentable: 'any' }) as JsonSchema;
  let schemas = branchesOf(whole);
  for (const part of path) {
    schemas = schemas.flatMap(({ items, properties, additionalProperties }) => {
      const named = properties?.[String(part)] ?? additionalProperties;
      const inner = typeof part === 'number' ? items : named;
      return typeof inner === 'object' ? branchesOf(inner) : [];
    });
  }
  return [...new Set(schemas.flatMap(({ properties = {} }) => Object.keys(properties)))];
}

function branchesOf(schema: JsonSchema): JsonSchema[] {
  return [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
}

/** The part of a JSON Schema that leads to the names of its keys. */
interface JsonSchema {
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
}
