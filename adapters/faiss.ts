import { z } from 'zod';
import type { Adapter } from '../core/adapter.js';
import { type HostedEngine, hostedStore, probeHost } from '../core/host/hosted-store.js';
import { pythonHost } from '../core/host/python.js';
import { faissFamilies, needsTraining } from './faiss/families.js';

const engine: HostedEngine = {
  name: 'faiss',
  // Read once, when the library is loaded; the host's threads then set their own numbers.
  launch: ({ threads }) =>
    pythonHost('faiss', { OMP_NUM_THREADS: String(threads), OMP_DYNAMIC: 'false' }),
  needsTraining: ({ family }) => needsTraining(family),
};

/** FAISS in a Python engine host. */
const adapter: Adapter = {
  title: 'FAISS (Meta), in a Python engine host',
  kind: 'embedded',
  ownProcess: true,
  transports: ['client'],
  metrics: ['l2', 'ip'],
  options: z.strictObject({}),
  indexes: faissFamilies,
  abilities: ['batch', 'footprint'],
  connect: async (_options, context) => hostedStore(engine, context),
  probe: () =>
    probeHost(engine, ({ settings }) => [
      `SIMD level ${settings.faissSimdLevel}`,
      `Python ${settings.python}`,
      `numpy ${settings.numpy}`,
    ]),
};

export default adapter;
