import type { ExistingCollection } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { type ClassInfo, findClass, type PropertyInfo } from './collection.js';
import type { ValueKind } from './filter.js';
import { distances, familyOf, type IndexConfig } from './index-config.js';
import type { WeaviateServer } from './server.js';
import type { CollectionView, Property } from './transport.js';

const kinds: Readonly<Record<string, ValueKind>> = {
  text: 'text',
  string: 'text',
  uuid: 'text',
  int: 'int',
  number: 'number',
  boolean: 'boolean',
};

/**
 * How a collection that somebody else made is asked.
 *
 * @throws BenchError BAD_TARGET when it is not there, or is not as described
 */
export async function existingView(
  server: WeaviateServer,
  existing: ExistingCollection,
): Promise<CollectionView> {
  const { collection, payload = [], idField } = existing;
  const info = await findClass(server, collection);
  if (info === undefined) throw unlike(server, existing, 'there is none of this name');
  const { index, vectorField } = vectorOf(server, existing, info);
  checkIndex(server, existing, index);
  await checkDimensions(server, existing, vectorField);
  const propertyOf = (name: string): Property => {
    const found = info.properties?.find((one) => one.name === name);
    const kind = found && kindOf(found);
    if (kind !== undefined) return { name, kind };
    const what = found === undefined ? 'has none' : `is ${found.dataType.join()}`;
    throw unlike(server, existing, `property ${name}: it ${what}`);
  };
  if (idField !== undefined) propertyOf(idField);
  return {
    name: info.class,
    columns: Object.fromEntries(payload.map(({ name }) => [name, propertyOf(name)])),
    replicas: info.replicationConfig?.factor ?? 1,
    ...(vectorField !== undefined && { vectorField }),
    ...(idField !== undefined && { idProperty: idField }),
  };
}

function kindOf({ dataType }: PropertyInfo): ValueKind | undefined {
  return kinds[dataType[0] ?? ''];
}

function unlike(
  server: WeaviateServer,
  { collection }: ExistingCollection,
  what: string,
): BenchError {
  return new BenchError('BAD_TARGET', `${server.where}: collection ${collection}: ${what}`);
}

/** The index that is meant, and the name that a request has to say. */
interface Chosen {
  readonly index: IndexConfig;
  readonly vectorField?: string;
}

function vectorOf(
  server: WeaviateServer,
  existing: ExistingCollection,
  { vectorConfig, vectorIndexType, vectorIndexConfig }: ClassInfo,
): Chosen {
  const { vectorField } = existing;
  const named = Object.entries(vectorConfig ?? {});
  const meant = named.find(([name]) => name === vectorField);
  if (meant !== undefined) return { index: meant[1], vectorField: meant[0] };
  const names = named.map(([name]) => name).join(', ') || 'none';
  if (vectorField !== undefined) {
    const got = `got ${vectorField}`;
    throw unlike(server, existing, `vectorField must be one of its vectors (${names}), ${got}`);
  }
  if (vectorIndexType) {
    return { index: { vectorIndexType, vectorIndexConfig: vectorIndexConfig ?? {} } };
  }
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0) return { index: only[1] };
  throw unlike(server, existing, `it has several vectors (${names}): name one as vectorField`);
}

function checkIndex(
  server: WeaviateServer,
  existing: ExistingCollection,
  index: IndexConfig,
): void {
  const { family, metric } = existing;
  const found = familyOf(index);
  if (found !== family) throw unlike(server, existing, `its index is ${found}, not ${family}`);
  // That of a dynamic index is told with its parts.
  const { distance } = index.vectorIndexConfig;
  if (distance === distances[metric]) return;
  throw unlike(server, existing, `it compares by ${String(distance)}, not by ${distances[metric]}`);
}

/** The server tells no dimensions; the vector of a row does. */
async function checkDimensions(
  server: WeaviateServer,
  existing: ExistingCollection,
  vectorField: string | undefined,
): Promise<void> {
  const { collection, dimensions } = existing;
  const path = `/v1/objects?class=${encodeURIComponent(collection)}&limit=1&include=vector`;
  const { objects } = (await server.ask('GET', path)) as {
    readonly objects?: readonly {
      readonly vector?: readonly number[];
      readonly vectors?: Readonly<Record<string, readonly number[]>>;
    }[];
  };
  const [row] = objects ?? [];
  const named = row?.vectors ?? {};
  const vector =
    vectorField === undefined ? (row?.vector ?? Object.values(named)[0]) : named[vectorField];
  if (vector === undefined || vector.length === dimensions) return;
  throw unlike(server, existing, `it has ${vector.length} dimensions, not ${dimensions}`);
}
