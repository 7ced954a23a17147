import type { ParameterValue, StoreInfo } from '../../core/adapter.js';
import type { MilvusCollection } from './collection.js';
import { isSuccess } from './failure.js';
import type { MilvusOptions } from './options.js';
import { type MilvusServer, statusOf } from './server.js';

type Settings = Record<string, ParameterValue>;

/** Versions and settings of a server, and of the collection that is open on it. */
export async function describeServer(
  server: MilvusServer,
  collection: MilvusCollection | undefined,
): Promise<StoreInfo> {
  const { package: client, options, version, context } = server.parts;
  const shared = 'one HTTP/2 connection for all requests, as the client opens it';
  return {
    version,
    client,
    settings: {
      ...(await serverSettings(server)),
      ...(collection && (await collectionSettings(server, collection))),
      transport: options.transport,
      requests: 'gRPC; vectors are encoded by the client within the clock',
      connections: options.connections === 'one' ? shared : context.connections,
      clientRetries: 0,
      clientTelemetry: false,
      database: options.database,
      consistency: options.consistency,
      consistencyCost: costs[options.consistency],
      replicas: options.replicas,
      compact: options.compact,
      ...(options.mmap !== undefined && { mmap: options.mmap }),
      writes: 'insert, which looks for no rows of the same number',
    },
    warnings: [...consistencyWarnings(options), ...(collection?.warnings ?? [])],
    pids: [],
  };
}

const waits = "each search waits for the server's next time tick (proxy.timeTickInterval, 200 ms)";
const costs: Readonly<Record<MilvusOptions['consistency'], string>> = {
  Strong: waits,
  Session: 'nothing: the client sends no time of its own last write',
  Bounded: 'nothing in a finished collection: a search may be 5 s behind (common.gracefulTime)',
  Eventually: 'nothing: a search finds what its node has',
};

function consistencyWarnings({ consistency }: MilvusOptions): string[] {
  if (consistency !== 'Strong') return [];
  return [`consistency Strong: ${waits}, so that latency is that of the ticks, not of the search`];
}

/** What the parts of the server say of themselves; nothing where it is not allowed to ask. */
async function serverSettings(server: MilvusServer): Promise<Settings> {
  const request = { request: { metric_type: 'system_info' } };
  const answer = await server.parts.client.getMetric(request).catch(() => undefined);
  if (answer === undefined || !isSuccess(statusOf(answer))) return {};
  return nodeSettings(answer.response);
}

interface NodeInfo {
  readonly type?: string;
  readonly system_info?: { readonly deploy_mode?: unknown };
  readonly system_configurations?: Readonly<Record<string, unknown>>;
}

/** Settings in an answer about the system. */
export function nodeSettings(response: unknown): Settings {
  const { nodes_info: nodes } = (response ?? {}) as {
    nodes_info?: readonly { readonly infos?: NodeInfo }[];
  };
  const infos = (nodes ?? []).flatMap(({ infos: one }) => one ?? []);
  const configured = (type: string, name: string): unknown =>
    infos.find((one) => one.type === type)?.system_configurations?.[name];
  const all: Readonly<Record<string, unknown>> = {
    deployMode: infos[0]?.system_info?.deploy_mode,
    queryNodes: infos.filter(({ type }) => type === 'querynode').length || undefined,
    simdType: configured('querynode', 'simd_type'),
    segmentMaxSizeMb: configured('datacoord', 'segment_max_size'),
    minSegmentRowsForIndex: configured('rootcoord', 'min_segment_size_to_enable_index'),
  };
  return known(all);
}

async function collectionSettings(
  server: MilvusServer,
  { view }: MilvusCollection,
): Promise<Settings> {
  const named = { collection_name: view.name };
  const facts = await server.ask('describe', (client) => client.describeCollection(named));
  const { index_descriptions: indexes } = await server.ask('describe index', (client) =>
    client.describeIndex(named),
  );
  const own = indexes.find(({ field_name: field }) => field === view.vectorField);
  const words = Object.fromEntries((own?.params ?? []).map(({ key, value }) => [key, value]));
  const segments = await server.tryTo('segments', (client) =>
    client.getQuerySegmentInfo({ collectionName: view.name }),
  );
  return known({
    shards: facts.shards_num,
    indexType: words.index_type,
    metricType: words.metric_type,
    indexParams: words.params,
    segments: isSuccess(statusOf(segments)) ? segments.infos?.length : undefined,
    ...(view.isOwn && { absentValues: 'a value that no row has stands for none' }),
  });
}

function known(all: Readonly<Record<string, unknown>>): Settings {
  const found: Settings = {};
  for (const [name, value] of Object.entries(all)) {
    if (['number', 'string', 'boolean'].includes(typeof value))
      found[name] = value as ParameterValue;
  }
  return found;
}
