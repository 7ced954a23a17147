import type { ExistingCollection } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { isMissing, isSuccess, refusal } from './failure.js';
import type { CollectionFacts, FieldFacts } from './package.js';
import { type MilvusServer, statusOf } from './server.js';
import { metricTypes } from './words.js';

/** Where vectors and row numbers are. */
export interface SearchedFields {
  readonly vectorField: string;
  readonly idField: string;
}

const idTypes = ['Int64', 'Int32', 'Int16', 'Int8', 'VarChar'];

/**
 * Looks whether a collection that somebody made is as it was said to be, and ready for searches.
 *
 * @throws BenchError BAD_TARGET where it is not
 */
export async function requireLike(
  server: MilvusServer,
  existing: ExistingCollection,
): Promise<SearchedFields> {
  const named = { collection_name: existing.collection };
  const facts = await server.tryTo('describe', (client) => client.describeCollection(named));
  const status = statusOf(facts);
  if (isMissing(status)) throw unlike(existing, 'there is no such collection');
  if (!isSuccess(status)) throw refusal(status, 'describe', server.at);
  const vectors = vectorFieldOf(facts, existing);
  const id = idFieldOf(facts, existing);
  requirePayload(facts, existing);
  await requireMetric(server, existing, vectors.name);
  const { state } = await server.ask('load state', (client) => client.getLoadState(named));
  if (state !== 'LoadStateLoaded') {
    throw unlike(existing, 'it is not loaded', 'load it first: nothing is changed in it here');
  }
  return { vectorField: vectors.name, idField: id.name };
}

function fieldsOf({ schema }: CollectionFacts): readonly FieldFacts[] {
  return schema.fields;
}

function vectorFieldOf(facts: CollectionFacts, existing: ExistingCollection): FieldFacts {
  const { vectorField, dimensions } = existing;
  const all = fieldsOf(facts).filter(({ data_type: type }) => type === 'FloatVector');
  const names = all.map(({ name }) => name).join(', ') || 'none';
  const found = vectorField === undefined ? all[0] : all.find(({ name }) => name === vectorField);
  if (found === undefined || (vectorField === undefined && all.length > 1)) {
    const got = vectorField ?? 'none';
    throw unlike(existing, `vectorField must be one of its float vectors (${names}), got ${got}`);
  }
  if (Number(found.dim) === dimensions) return found;
  const what = `its vectors have ${found.dim} dimensions, the dataset has ${dimensions}`;
  throw unlike(existing, what);
}

function idFieldOf(facts: CollectionFacts, existing: ExistingCollection): FieldFacts {
  const { idField } = existing;
  const found = fieldsOf(facts).find(({ name, is_primary_key: isKey }) =>
    idField === undefined ? isKey : name === idField,
  );
  if (found === undefined) throw unlike(existing, `it has no field ${idField}`);
  if (idTypes.includes(found.data_type)) return found;
  throw unlike(existing, `${found.name} holds ${found.data_type}, which are no row numbers`);
}

function requirePayload(facts: CollectionFacts, existing: ExistingCollection): void {
  const names = fieldsOf(facts).map(({ name }) => name);
  const missing = existing.payload?.find(({ name }) => !names.includes(name));
  if (missing === undefined) return;
  throw unlike(existing, `it has no field ${missing.name}, it has ${names.join(', ')}`);
}

async function requireMetric(
  server: MilvusServer,
  existing: ExistingCollection,
  vectorField: string,
): Promise<void> {
  const answer = await server.tryTo('describe index', (client) =>
    client.describeIndex({ collection_name: existing.collection }),
  );
  const all = isSuccess(statusOf(answer)) ? answer.index_descriptions : [];
  const own = all.find(({ field_name: field }) => field === vectorField);
  const found = own?.params.find(({ key }) => key === 'metric_type')?.value;
  const wanted = metricTypes[existing.metric];
  if (own === undefined) throw unlike(existing, `${vectorField} has no index`);
  if (found === wanted) return;
  throw unlike(existing, `its metric is ${found}, ${existing.metric} needs ${wanted}`);
}

function unlike({ collection }: ExistingCollection, what: string, hint?: string): BenchError {
  const message = `milvus: collection ${collection}: ${what}`;
  return new BenchError('BAD_TARGET', message, hint === undefined ? {} : { hint });
}
