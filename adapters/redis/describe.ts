import type { ParameterValue, StoreInfo } from '../../core/adapter.js';
import { infoOf, listOf, pairsOf, textOf } from './replies.js';
import type { Collections, Server } from './server.js';

const shown = ['maxmemory', 'maxmemory-policy', 'save', 'appendonly', 'io-threads'];

const reasons = {
  'per-request': 'one a request in flight: the server answers those of a connection in turn',
  one: 'one that all requests share: the server answers them in turn',
};

/** Versions, and every setting that moves a number. */
export async function describe(server: Server, collections: Collections): Promise<StoreInfo> {
  const { options, connections, name, version, clientVersion } = server;
  const known = await configured(server);
  return {
    version: `${name} ${version}`,
    client: { name: 'ioredis', version: clientVersion },
    settings: {
      index: options.index,
      connections: reasons[options.connections],
      connectionCount: connections.count,
      wire: 'RESP2, arguments prepared, ids read from bytes; no automatic pipelining',
      ...known,
      ...(await collections.settings()),
    },
    warnings: [...warningsOf(server), ...evictionOf(known)],
    pids: [],
  };
}

function warningsOf({ options }: Server): string[] {
  if (options.index === 'vectorset') return [];
  return [
    'redis: commands of the search module were checked for their form, not with a real server',
    'redis: FT.INFO does not say when rows left the flat buffer of a tiered index',
  ];
}

function evictionOf(known: Readonly<Record<string, ParameterValue>>): string[] {
  const { maxmemory, 'maxmemory-policy': policy } = known;
  if (String(maxmemory) === '0' || !String(policy).startsWith('allkeys')) return [];
  return [`redis: where memory is full it evicts keys (${policy}), those of others too`];
}

/** What a managed server does not tell is absent. */
async function configured({ connections }: Server): Promise<Record<string, ParameterValue>> {
  const known: Record<string, ParameterValue> = {};
  const memory = infoOf(await connections.call('INFO', ['memory']));
  for (const key of ['maxmemory', 'maxmemory_policy']) {
    const value = memory.get(key);
    if (value !== undefined) known[key.replace('_', '-')] = value;
  }
  try {
    for (const name of shown) {
      const value = pairsOf(await connections.call('CONFIG', ['GET', name])).get(name);
      if (value !== undefined) known[name] = textOf(value);
    }
    const modules = listOf(await connections.call('MODULE', ['LIST']));
    known.modules = modules.map(moduleOf).join(', ');
  } catch {
    known.configuration = 'not told by the server';
  }
  return known;
}

function moduleOf(reply: Parameters<typeof pairsOf>[0]): string {
  const pairs = pairsOf(reply);
  return `${textOf(pairs.get('name'))} ${textOf(pairs.get('ver'))}`;
}
