import { z } from 'zod';
import type { Footprint, Phase, Store, StoreInfo, VectorOperations } from '../adapter.js';
import { BenchError } from '../errors.js';
import { bytes, count, parameters, seconds } from '../result/primitives.js';

const info = z.looseObject({
  version: z.string(),
  client: z.looseObject({ name: z.string(), version: z.string() }).optional(),
  settings: parameters,
  warnings: z.array(z.string()),
  pids: z.array(count),
});
const footprint = z
  .looseObject({ engineBytes: bytes.optional(), diskBytes: bytes.optional() })
  .optional();
const phases = z.array(
  z.looseObject({ name: z.enum(['insert', 'train', 'add', 'index']), s: seconds }),
);

const method = z.custom((value) => typeof value === 'function', 'expected a function');
const opened = z.looseObject({ describe: method, close: method });

/** @throws BenchError STORE_FAILED when what `connect` gave is no store */
export function requireStore(store: Store): Store {
  return heard('connect', opened, store);
}

/**
 * What a store says of itself now.
 *
 * @throws BenchError STORE_FAILED when a result could not hold it
 */
export async function describeStore(store: Store): Promise<StoreInfo> {
  return heard('describe', info, await store.describe());
}

/**
 * What a store says of its size; undefined where it says nothing.
 *
 * @throws BenchError STORE_FAILED when a result could not hold it
 */
export async function footprintOf(store: Store): Promise<Footprint | undefined> {
  return heard('footprint', footprint, await store.footprint?.());
}

/**
 * Finishes a collection, and gives what the store timed of its build.
 *
 * @throws BenchError STORE_FAILED when a result could not hold it
 */
export async function finishStore(vectors: VectorOperations): Promise<readonly Phase[]> {
  return heard('finish', phases, await vectors.finish());
}

function heard<Said>(method: string, schema: z.ZodType, said: Said): Said {
  const { error } = schema.safeParse(said);
  const [issue] = error?.issues ?? [];
  if (issue === undefined) return said;
  const place = issue.path.map((part) => ` ${String(part)}:`).join('');
  const message = `what ${method}() of its adapter gives is not valid:${place} ${issue.message}`;
  throw new BenchError('STORE_FAILED', message, {
    hint: 'the adapter is at fault: docs/add-an-adapter.md says what it has to give',
  });
}
