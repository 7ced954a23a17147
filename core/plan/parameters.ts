import type { IndexContext, ParameterRule, Parameters, ParameterValue } from '../adapter.js';
import { suggestion } from '../nearest.js';

type Rules = Readonly<Record<string, ParameterRule>>;

/** Where a parameter stands and what its bounds may name. */
export interface CheckContext {
  /** `indexes[1].search` */
  readonly place: string;
  readonly index: IndexContext;
}

/** Every combination of the listed values, the last name changing fastest. */
export function combinations(
  swept: Readonly<Record<string, ParameterValue | readonly ParameterValue[]>>,
): Parameters[] {
  let all: Record<string, ParameterValue>[] = [{}];
  for (const [name, values] of Object.entries(swept)) {
    const list = (Array.isArray(values) ? values : [values]) as readonly ParameterValue[];
    all = all.flatMap((chosen) => list.map((value) => ({ ...chosen, [name]: value })));
  }
  return all;
}

/** The parameters with what the store does by default where it is not given. */
export function withDefaults(
  rules: Rules,
  given: Parameters,
  build: Parameters = given,
): Parameters {
  const filled: Record<string, ParameterValue> = { ...given };
  for (const [name, rule] of Object.entries(rules)) {
    const meaningless = rule.needs !== undefined && build[rule.needs] === undefined;
    if (filled[name] === undefined && rule.default !== undefined && !meaningless) {
      filled[name] = rule.default;
    }
  }
  return filled;
}

/** Names that the rules do not know. */
export function unknownNames(rules: Rules, given: Parameters): string[] {
  return Object.keys(given).filter((name) => rules[name] === undefined);
}

/** A sentence for each mistake: place, rule, range and value. */
export function checkParameters(rules: Rules, given: Parameters, context: CheckContext): string[] {
  const mistakes: string[] = [];
  for (const name of unknownNames(rules, given)) {
    const known = suggestion(name, Object.keys(rules));
    mistakes.push(`${context.place}.${name} is not a parameter of ${familyOf(context)}; ${known}`);
  }
  for (const [name, rule] of Object.entries(rules)) {
    const value = given[name];
    const place = `${context.place}.${name}`;
    if (value === undefined) {
      if (rule.required === true) mistakes.push(`${place} is missing: ${rule.meaning}`);
      continue;
    }
    const wrong = checkValue(rule, value, context.index);
    if (wrong !== undefined) mistakes.push(`${place} must be ${wrong}, got ${String(value)}`);
  }
  return mistakes;
}

function familyOf(context: CheckContext): string {
  return context.place.endsWith('.search') ? 'its searches' : 'this index family';
}

/** What the value must be, when it is not. */
function checkValue(
  rule: ParameterRule,
  value: ParameterValue,
  index: IndexContext,
): string | undefined {
  if (rule.needs !== undefined && index.params[rule.needs] === undefined) {
    return `left out without ${rule.needs}`;
  }
  if (rule.type === 'choice') {
    const choices = rule.choices ?? [];
    return choices.includes(value) ? undefined : `one of ${choices.join(', ')}`;
  }
  if (rule.type === 'boolean') return typeof value === 'boolean' ? undefined : 'true or false';
  if (rule.type === 'text') return typeof value === 'string' ? undefined : 'a text';
  return checkNumber(rule, value, index);
}

function checkNumber(
  rule: ParameterRule,
  value: ParameterValue,
  index: IndexContext,
): string | undefined {
  const { dimensions } = index;
  const max = boundOf(rule.max, index);
  if (!isInRange(rule, value, max)) return rangeOf(rule, max);
  if (rule.divides === 'dimensions' && dimensions % (value as number) !== 0) {
    return `a divisor of the ${dimensions} dimensions`;
  }
  return undefined;
}

function isInRange(rule: ParameterRule, value: ParameterValue, max: number | undefined): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (rule.type === 'integer' && !Number.isInteger(value)) return false;
  return value >= (rule.min ?? value) && value <= (max ?? value);
}

function rangeOf(rule: ParameterRule, max: number | undefined): string {
  const named = typeof rule.max === 'string' ? ` (${rule.max})` : '';
  const kind = rule.type === 'integer' ? 'a whole number ' : '';
  return `${kind}${rule.min ?? '-'}..${max ?? '-'}${named}`;
}

function boundOf(bound: number | string | undefined, index: IndexContext): number | undefined {
  if (typeof bound !== 'string') return bound;
  if (bound === 'rows') return index.rows;
  if (bound === 'dimensions') return index.dimensions;
  const value = index.params[bound];
  return typeof value === 'number' ? value : undefined;
}
