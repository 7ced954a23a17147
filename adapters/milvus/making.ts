import type { CollectionSpec } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { isMissing, isSuccess, refusal } from './failure.js';
import { ownFieldOf, ownVectorField } from './rows.js';
import { type MilvusServer, statusOf } from './server.js';
import { indexWords, metricTypes } from './words.js';

/** Removes a collection; it is no mistake if it is not there. */
export async function dropCollection(server: MilvusServer, name: string): Promise<void> {
  const named = { collection_name: name };
  const status = statusOf(await server.tryTo('drop', (client) => client.dropCollection(named)));
  if (!isSuccess(status) && !isMissing(status)) throw refusal(status, 'drop', server.at);
}

/**
 * Makes the indexes of an empty collection: of the vectors, and of columns that filters look at.
 *
 * @throws BenchError UNSUPPORTED when the server has no such index
 */
export async function createIndexes(
  server: MilvusServer,
  name: string,
  { family, params, metric, payload = [] }: CollectionSpec,
): Promise<void> {
  const named = { collection_name: name };
  const words = { ...indexWords(family, params), metric_type: metricTypes[metric] };
  const request = { ...named, field_name: ownVectorField, ...words };
  const status = statusOf(await server.tryTo('index', (client) => client.createIndex(request)));
  if (!isSuccess(status)) throw indexRefusal(server, words.index_type, status);
  for (const { name: column, indexed } of payload) {
    if (!indexed) continue;
    const field = { ...named, field_name: ownFieldOf(column) };
    await server.ask(`index of ${column}`, (client) => client.createIndex(field));
  }
  await requireIndex(server, name, words.index_type);
}

/** A server may make another index than it was asked for. */
async function requireIndex(server: MilvusServer, name: string, wanted: string): Promise<void> {
  const { index_descriptions: all } = await server.ask('describe index', (client) =>
    client.describeIndex({ collection_name: name }),
  );
  const own = all.find(({ field_name: field }) => field === ownVectorField);
  const found = own?.params.find(({ key }) => key === 'index_type')?.value;
  if (found === wanted) return;
  const message = `it was asked for ${wanted} and made ${found ?? 'no index'}`;
  throw unsupported(server, message, server.parts.version);
}

type Refused = ReturnType<typeof statusOf>;

/** A server that does not have an index says so in many ways, with one code for all mistakes. */
function indexRefusal(server: MilvusServer, type: string, status: Refused): BenchError {
  const { reason = '' } = status;
  const isLacking = /invalid index type|not support|unsupported|reserved|unknown index/i;
  if (type.startsWith('GPU_') || isLacking.test(reason)) {
    return unsupported(server, `${type}: ${reason}`, server.parts.version);
  }
  return refusal(status, `index ${type}`, server.at);
}

/** A server without something that others have. */
export function unsupported(server: MilvusServer, why: string, version: string): BenchError {
  return new BenchError('UNSUPPORTED', `${server.where}: ${why}`, {
    hint: `the server is version ${version}; ask for another index family, or another build of it`,
  });
}
