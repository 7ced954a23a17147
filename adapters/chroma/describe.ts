import { createRequire } from 'node:module';
import type { StoreInfo } from '../../core/adapter.js';
import type { CollectionFacts } from './collection.js';
import { clientVersion } from './package.js';
import type { ChromaServer } from './server.js';
import type { CollectionRef } from './transport.js';

/** The collection that is described. */
export interface Described {
  readonly ref: CollectionRef;
  readonly facts: CollectionFacts;
}

function undiciVersion(): string {
  return (createRequire(import.meta.url)('undici/package.json') as { version: string }).version;
}

/** Versions and settings of a server, and of the collection that is open on it. */
export function describeServer(server: ChromaServer, opened: Described | undefined): StoreInfo {
  const { transport, tenant, database } = server.options;
  const { version, maxBatchSize } = server.facts;
  const hnsw = Object.entries(opened?.facts.configuration_json.hnsw ?? {});
  return {
    version,
    client:
      transport === 'raw'
        ? { name: 'undici', version: undiciVersion() }
        : { name: 'chromadb', version: clientVersion() },
    settings: {
      ...Object.fromEntries(hnsw.filter(([, value]) => value !== null)),
      transport,
      connections: server.connecting.count,
      tenant,
      database,
      maxBatchSize,
      versionIsOf: 'what /api/v2/version says; the package has a version of its own',
    },
    warnings: [
      `the server calls itself ${version}, which is not the version of its package: note that one`,
      ...(opened?.ref.isMarked === false
        ? ['ef_search is what the collection shows; after a change a server may use the one before']
        : []),
    ],
    pids: [],
  };
}
