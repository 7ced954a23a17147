import { z } from 'zod';
import type {
  Adapter,
  IndexSupport,
  OptionalPackages,
  ParameterRule,
  PayloadSupport,
  Tested,
  Variant,
} from '../core/adapter.js';
import { filterKinds } from '../core/filter.js';
import { nearestName } from '../core/nearest.js';
import { payloadTypes } from '../core/payload.js';
import { type Mistake, mistakesIn } from './mistakes.js';

/** Every key of a type has its check here: a key that is new does not compile without. */
type Shape<T> = { readonly [K in keyof Required<T>]: z.ZodType };

const kebab = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be words with dashes, as ivf-flat');
const text = z.string().min(1);
const scalar = z.union([z.number(), z.string(), z.boolean()]);
const callable = z.custom((value) => typeof value === 'function', 'must be a function');
const flag = z.boolean().optional();
const onlyTrue = z.literal(true).optional();

const ruleShape: Shape<ParameterRule> = {
  type: z.enum(['integer', 'number', 'boolean', 'choice', 'text']),
  meaning: text,
  min: z.number().optional(),
  max: z.union([z.number(), z.string()]).optional(),
  choices: z.array(scalar).min(1).optional(),
  divides: z.literal('dimensions').optional(),
  required: flag,
  needs: text.optional(),
  default: scalar.optional(),
};

const rules = z.record(z.string(), z.strictObject(ruleShape));

const indexShape: Shape<IndexSupport> = {
  family: kebab,
  title: text,
  params: rules,
  search: rules,
  exact: flag,
  takes: callable.optional(),
  compressed: flag,
  offeredBy: text.optional(),
  check: callable.optional(),
  estimateBytes: callable.optional(),
};

const installShape: Shape<OptionalPackages> = {
  npm: z.array(z.string().regex(/^(@[^@/\s]+\/)?[^@/\s]+@\S+$/, 'must be name@version')).optional(),
  python: z.array(z.string().regex(/^\S+==\S+$/, 'must be name==version')).optional(),
};

const payloadShape: Shape<PayloadSupport> = {
  types: z.array(z.enum(payloadTypes)),
  filters: z.array(z.enum(filterKinds)),
  returns: z.boolean(),
};

const testedShape: Shape<Tested> = {
  against: z.enum(['store', 'double', 'form']),
  version: text.optional(),
};

const metrics = z.array(z.enum(['l2', 'ip', 'cosine']));
const payload = z.strictObject(payloadShape).optional();
const indexes = z.array(z.strictObject(indexShape)).optional();
const tested = z.strictObject(testedShape);

const variantShape: Shape<Variant> = {
  options: z.record(z.string(), scalar),
  title: text,
  composeService: text.optional(),
  metrics: metrics.optional(),
  payload,
  indexes,
  tested,
};

function isStandardSchema(value: unknown): boolean {
  const standard = (value as { '~standard'?: { version?: unknown; validate?: unknown } } | null)?.[
    '~standard'
  ];
  return standard?.version === 1 && typeof standard.validate === 'function';
}

const adapterShape: Shape<Adapter> = {
  title: text,
  kind: z.enum(['embedded', 'server', 'cloud']),
  transports: z.array(z.enum(['client', 'raw', 'grpc'])).min(1),
  composeService: text.optional(),
  ownProcess: onlyTrue,
  inProcess: onlyTrue,
  standIn: flag,
  metrics,
  payload,
  options: z.custom(isStandardSchema, 'must be a Standard Schema 1, as those of zod are'),
  install: z.strictObject(installShape).optional(),
  indexes,
  abilities: z.array(z.enum(['batch', 'remove', 'attach', 'footprint', 'leftovers'])).optional(),
  tested: tested.optional(),
  variants: z.array(z.strictObject(variantShape)).optional(),
  connect: callable,
  probe: callable.optional(),
};

/** All that an adapter may hold, by its keys. */
export const adapterKeys = Object.keys(adapterShape) as readonly (keyof Adapter)[];

// An adapter may keep things of its own beside what it has to have.
const adapterSchema = z.looseObject(adapterShape);

/** Whatever keeps a value from being an adapter; a key that looks like a misspelt one, too. */
export function adapterMistakes(value: object): Mistake[] {
  const absent = adapterKeys.filter((key) => !(key in value));
  const misspelt = Object.keys(value).flatMap((key): Mistake[] => {
    const near = (adapterKeys as readonly string[]).includes(key)
      ? undefined
      : nearestName(key, absent);
    if (near === undefined) return [];
    return [{ path: [key], ofKey: true, what: ` is not known; did you mean ${near}?` }];
  });
  return [...mistakesIn(adapterSchema, value), ...misspelt];
}
