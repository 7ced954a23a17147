import type { Metric, ParameterRule, Parameters, ParameterValue } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { suggestion } from '../../core/nearest.js';
import { describeRules } from '../../core/plan/describe-rules.js';
import { checkParameters, unknownNames, withDefaults } from '../../core/plan/parameters.js';

type Rules = Readonly<Record<string, ParameterRule>>;

// The hash table that finds equal rows has at most 2^31 places.
const mostRows = 1_000_000_000;

/** The parameters that every generated dataset has. @param metric what is taken by default */
export function commonRules(metric: Metric): Rules {
  return {
    rows: { type: 'integer', meaning: 'base vectors', min: 1, max: mostRows, default: 100_000 },
    dimensions: { type: 'integer', meaning: 'values of each', min: 1, max: 65_536, default: 128 },
    queries: { type: 'integer', meaning: 'query vectors', min: 1, max: 1_000_000, default: 1000 },
    metric: {
      type: 'choice',
      meaning: 'what is near',
      choices: ['l2', 'ip', 'cosine'],
      default: metric,
    },
    type: {
      type: 'choice',
      meaning: 'how values are stored; whole numbers have 32 steps to a standard deviation',
      choices: ['f32', 'f16', 'u8', 'i8'],
      default: 'f32',
    },
    seed: { type: 'integer', meaning: 'of all draws', min: 0, max: 2 ** 31 - 1, default: 1 },
  };
}

/**
 * Parameters as a person wrote them, with the defaults of those that were left out.
 *
 * @param dataset the name of the dataset
 * @throws BenchError BAD_ARGUMENT with all mistakes, each with its range and the value
 */
export function readParameters(
  dataset: string,
  rules: Rules,
  given: Readonly<Record<string, string>>,
): Parameters {
  const values: Record<string, ParameterValue> = {};
  for (const [name, text] of Object.entries(given)) values[name] = parseValue(text, rules[name]);
  const { rows } = withDefaults(rules, values);
  const index = {
    rows: typeof rows === 'number' && rows >= 1 ? rows : mostRows,
    dimensions: 1,
    metric: 'l2' as const,
    params: values,
  };
  const names = Object.keys(rules);
  const unknown = unknownNames(rules, values);
  const known = Object.entries(values).filter(([name]) => !unknown.includes(name));
  const mistakes = [
    ...unknown.map((name) => `${name} is not a parameter; ${suggestion(name, names)}`),
    // A parameter is told by its place and name, and there is no place here.
    ...checkParameters(rules, Object.fromEntries(known), { place: '', index }).map((mistake) =>
      mistake.slice(1),
    ),
  ];
  if (mistakes.length === 0) return withDefaults(rules, values);
  const lines = mistakes.map((mistake) => `dataset ${dataset}: ${mistake}`);
  throw new BenchError('BAD_ARGUMENT', lines.join('\n'), {
    hint: `for example ${dataset}:rows=10000,seed=7; its parameters: ${describeRules(rules)}`,
  });
}

function parseValue(text: string, rule: ParameterRule | undefined): ParameterValue {
  if (text === '') return 'nothing';
  const value = Number(text);
  return rule?.type === 'choice' || Number.isNaN(value) ? text : value;
}
