import { z } from 'zod';
import type { Adapter, IndexContext, ParameterRule } from '../core/adapter.js';
import { hostedStore, probeHost } from '../core/host/hosted-store.js';
import { optionalPythonEngine } from '../core/host/python.js';

const engine = optionalPythonEngine('hnswlib');

const degree: ParameterRule = {
  type: 'integer',
  meaning: 'neighbours of a node in the graph',
  min: 2,
  max: 512,
  default: 16,
};
const efConstruction: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is built',
  min: 1,
  max: 100_000,
  default: 200,
};
const efSearch: ParameterRule = {
  type: 'integer',
  meaning: 'candidates while the graph is searched, k if that is more',
  min: 1,
  max: 100_000,
  default: 10,
};

/** Row, label, twice M neighbours at the base level, and what the levels above it add. */
function estimateBytes({ rows, dimensions, params }: IndexContext): number {
  const neighbours = typeof params.M === 'number' ? params.M : 16;
  const base = dimensions * 4 + 8 + 4 + neighbours * 8;
  // A row has 1 / (M - 1) levels above the base on average, each of a count and M neighbours.
  const above = (neighbours * 4 + 4) / (neighbours - 1);
  return Math.round(rows * (base + 4 + above));
}

/** hnswlib in a Python engine host. */
const adapter: Adapter = {
  title: 'hnswlib, in a Python engine host',
  kind: 'embedded',
  ownProcess: true,
  transports: ['client'],
  metrics: ['l2', 'ip', 'cosine'],
  options: z.strictObject({}),
  install: { python: ['hnswlib==0.8.0'] },
  indexes: [
    {
      family: 'hnsw',
      title: 'HNSW, full vectors',
      params: { M: degree, efConstruction },
      search: { efSearch },
      estimateBytes,
    },
  ],
  abilities: ['batch', 'footprint'],
  connect: async (_options, context) => hostedStore(engine, context),
  probe: () => probeHost(engine, ({ settings }) => [`Python ${settings.python}`]),
};

export default adapter;
