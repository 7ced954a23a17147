import type { ParameterValue, StoreInfo } from '../../core/adapter.js';
import { type ClassInfo, findClass } from './collection.js';
import { learnsCodes } from './index-config.js';
import type { WeaviateServer } from './server.js';
import { type CollectionView, type Link, vectorName } from './transport.js';

/** The collection that is described. */
export interface Described {
  readonly view: CollectionView;
  readonly family: string;
}

/** Versions and settings of a server, and of the collection that is open on it. */
export async function describeServer(
  server: WeaviateServer,
  link: Link,
  opened: Described | undefined,
): Promise<StoreInfo> {
  const { transport, consistencyLevel, rangeIndex } = server.options;
  const info = opened && (await findClass(server, opened.view.name));
  return {
    version: server.version,
    client: link.client,
    settings: {
      ...(info && collectionSettings(info, opened)),
      transport,
      ...link.settings,
      consistencyLevel: consistencyLevel ?? 'as the server likes',
      rangeIndex,
      asyncIndexing: 'waited for: a collection is finished when nothing is in its queues',
      autoSchema: 'not used',
      texts: 'compared as a whole, but for spaces at their ends (tokenization field)',
    },
    warnings: info && opened ? textWarnings(info, opened.view) : [],
    pids: [],
  };
}

function collectionSettings(
  { vectorConfig, vectorIndexType, vectorIndexConfig, ...info }: ClassInfo,
  { view, family }: Described,
): Record<string, ParameterValue> {
  const named = vectorConfig?.[view.vectorField ?? vectorName];
  const index = named ?? { vectorIndexType: vectorIndexType ?? '', vectorIndexConfig };
  return {
    vectorIndexType: index.vectorIndexType,
    ...scalarsOf(index.vectorIndexConfig ?? {}),
    ...(info.shardingConfig?.actualCount !== undefined && {
      shards: info.shardingConfig.actualCount,
    }),
    ...(info.replicationConfig?.factor !== undefined && {
      replicationFactor: info.replicationConfig.factor,
    }),
    ...(learnsCodes(family) && { codes: 'learnt and switched on when all rows are there' }),
  };
}

/** What is set of an index, and of the codes that are on: `ef`, `pq.centroids`. */
function scalarsOf(config: object, path = ''): Record<string, ParameterValue> {
  const found: Record<string, ParameterValue> = {};
  for (const [name, value] of Object.entries(config)) {
    if (typeof value === 'object' && value !== null) {
      if (value.enabled !== false) Object.assign(found, scalarsOf(value, `${path}${name}.`));
    } else if (['number', 'string', 'boolean'].includes(typeof value)) {
      found[path + name] = value;
    }
  }
  return found;
}

/** Texts of somebody else's collection may be cut into words. */
function textWarnings({ properties }: ClassInfo, { columns }: CollectionView): string[] {
  return Object.values(columns).flatMap(({ name, kind }) => {
    const tokenization = properties?.find((one) => one.name === name)?.tokenization;
    if (kind !== 'text' || tokenization === undefined || tokenization === 'field') return [];
    return [`${name} is cut into words (${tokenization}): a filter meets rows that have its words`];
  });
}
