import { z } from 'zod';
import type { Adapter } from '../core/adapter.js';
import { filterKinds } from '../core/filter.js';
import { hostedStore, probeHost } from '../core/host/hosted-store.js';
import { optionalPythonEngine } from '../core/host/python.js';
import { payloadTypes } from '../core/payload.js';
import { qdrantFamilies } from './qdrant-edge/families.js';

const engine = optionalPythonEngine('qdrant-edge');

/** Qdrant's engine, without its server, in a Python engine host. */
const adapter: Adapter = {
  title: "Qdrant's engine (qdrant-edge), in a Python engine host",
  kind: 'embedded',
  ownProcess: true,
  transports: ['client'],
  metrics: ['l2', 'ip', 'cosine'],
  payload: { types: payloadTypes, filters: filterKinds, returns: false },
  options: z.strictObject({}),
  install: { python: ['qdrant-edge-py==0.9.0'] },
  indexes: qdrantFamilies,
  abilities: ['batch', 'footprint'],
  connect: async (_options, context) => hostedStore(engine, context),
  probe: () =>
    probeHost(engine, ({ settings }) => [
      `${settings.callsInFlight} call in flight`,
      `Python ${settings.python}`,
    ]),
};

export default adapter;
