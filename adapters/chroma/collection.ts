import type {
  CollectionSpec,
  ExistingCollection,
  Parameters,
  ParameterValue,
} from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { type ChromaServer, isJson } from './server.js';

const mostNameLength = 512;
const listed = 100;

/** The part of a collection's description that is used here. */
export interface CollectionFacts {
  readonly id: string;
  readonly name: string;
  readonly dimension?: number | null;
  readonly configuration_json: {
    readonly hnsw?: Readonly<Record<string, ParameterValue>> | null;
    readonly spann?: Readonly<Record<string, ParameterValue>> | null;
  };
}

/** A name that the server takes: 3 to 512 letters, digits, dots, dashes, underscores. */
export function collectionName(namespace: string, name: string): string {
  const whole = `${namespace}_${name}`.replace(/[^a-zA-Z0-9._-]/g, '_').slice(0, mostNameLength);
  // It ends with a letter or a digit.
  return whole.replace(/[^a-zA-Z0-9]+$/, '');
}

/** @returns undefined where there is none of the name */
export async function findCollection(
  server: ChromaServer,
  name: string,
): Promise<CollectionFacts | undefined> {
  const path = `${server.collections}/${encodeURIComponent(name)}`;
  return (await server.ask('GET', path)) as CollectionFacts | undefined;
}

/**
 * Makes an empty collection; what a stopped run left under the name goes.
 *
 * @throws BenchError UNSUPPORTED when the server made another index than it was asked for
 */
export async function createCollection(
  server: ChromaServer,
  name: string,
  { metric, params, family }: CollectionSpec,
): Promise<CollectionFacts> {
  await removeCollection(server, name);
  const kind = kindOf(family);
  const asked = { space: metric, ...wordsOf(params) };
  await server.ask('POST', server.collections, { name, configuration: { [kind]: asked } });
  const made = await findCollection(server, name);
  if (made === undefined) {
    throw new BenchError('STORE_FAILED', `${server.where}: no ${name} after it was made`);
  }
  const got: Readonly<Record<string, unknown>> = made.configuration_json[kind] ?? {};
  const wrong = Object.entries(asked).find(([key, value]) => got[key] !== value);
  if (wrong === undefined) return made;
  await removeCollection(server, name);
  const [key, value] = wrong;
  const message = `${server.where}: ${kind} with ${key} ${value} was asked for, it made`;
  throw new BenchError(
    'UNSUPPORTED',
    `${message} ${JSON.stringify(made.configuration_json).slice(0, 300)}`,
  );
}

/** The server's word for a family. */
function kindOf(family: string): 'hnsw' | 'spann' {
  return family === 'spann' ? 'spann' : 'hnsw';
}

/** The server's words for build parameters. */
function wordsOf(params: Parameters): Parameters {
  const given = Object.entries(params).map(([name, value]) => [words[name] ?? name, value]);
  return Object.fromEntries(given) as Parameters;
}

const words: Readonly<Record<string, string>> = {
  M: 'max_neighbors',
  efConstruction: 'ef_construction',
  efSearch: 'ef_search',
  syncThreshold: 'sync_threshold',
  nprobe: 'search_nprobe',
  writeNprobe: 'write_nprobe',
};

/**
 * A collection that somebody else made.
 *
 * @throws BenchError BAD_TARGET when it is not there, or is not as described
 */
export async function existingCollection(
  server: ChromaServer,
  existing: ExistingCollection,
): Promise<CollectionFacts> {
  const { collection, dimensions, metric, family } = existing;
  const facts = await findCollection(server, collection);
  const fail = (what: string): BenchError =>
    new BenchError('BAD_TARGET', `${server.where}: collection ${collection}: ${what}`);
  if (facts === undefined) throw fail('there is none of this name');
  const index = facts.configuration_json[kindOf(family)];
  if (!index) throw fail(`its index is not ${family}`);
  if (index.space !== metric) throw fail(`it compares by ${index.space}, not by ${metric}`);
  if (facts.dimension !== dimensions) {
    throw fail(`it has ${facts.dimension} dimensions, not ${dimensions}`);
  }
  return facts;
}

/** Removes what has a name; nothing where there is none. */
export async function removeCollection(server: ChromaServer, name: string): Promise<void> {
  await server.ask('DELETE', `${server.collections}/${encodeURIComponent(name)}`);
}

/** Names of the collections of the database, page after page. */
export async function collectionNames(server: ChromaServer): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const path = `${server.collections}?limit=${listed}&offset=${names.length}`;
    const page = (await server.ask('GET', path)) as readonly CollectionFacts[];
    names.push(...page.map(({ name }) => name));
    if (page.length < listed) return names;
  }
}

/** How far a server has indexed; undefined where it does so before it answers an upsert. */
export async function indexingProgress(
  server: ChromaServer,
  id: string,
): Promise<number | undefined> {
  const answer = await server.sendInTime('GET', `${server.collections}/${id}/indexing_status`);
  if (answer.status !== 200 && isJson(answer.body)) return undefined;
  server.require(answer, 'indexing_status');
  const { op_indexing_progress: progress } = server.read(answer) as {
    readonly op_indexing_progress?: unknown;
  };
  return typeof progress === 'number' ? progress : undefined;
}
