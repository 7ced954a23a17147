import { z } from 'zod';
import type { Adapter, IndexContext } from '../core/adapter.js';
import { hostedStore, probeHost } from '../core/host/hosted-store.js';
import { optionalPythonEngine } from '../core/host/python.js';

const engine = optionalPythonEngine('sqlite-vec');
const mostDimensions = 8192;

function check({ dimensions }: IndexContext): string[] {
  if (dimensions <= mostDimensions) return [];
  return [`sqlite-vec takes 1..${mostDimensions} dimensions, the dataset has ${dimensions}`];
}

function estimateBytes({ rows, dimensions, params }: IndexContext): number {
  return rows * (dimensions * (params.elements === 'int8' ? 1 : 4) + 24);
}

/** SQLite with the extension sqlite-vec, in a Python engine host. */
const adapter: Adapter = {
  title: 'SQLite with sqlite-vec, in a Python engine host',
  kind: 'embedded',
  ownProcess: true,
  transports: ['client'],
  metrics: ['l2', 'cosine'],
  options: z.strictObject({}),
  install: {
    // pysqlite3 is used where Python's own sqlite3 was built without loadable extensions.
    python: ['sqlite-vec==0.1.9', 'pysqlite3==0.6.1; platform_machine != "aarch64"'],
  },
  indexes: [
    {
      family: 'flat',
      title: 'every row is compared',
      params: {
        elements: {
          type: 'choice',
          meaning: 'how values are kept; int8 takes whole numbers of -128..127 only',
          choices: ['float32', 'int8'],
          default: 'float32',
        },
      },
      search: {},
      exact: true,
      takes: (type, { elements }) => type === 'i8' && elements === 'int8',
      check,
      estimateBytes,
    },
  ],
  abilities: ['batch', 'footprint'],
  connect: async (_options, context) => hostedStore(engine, context),
  probe: () =>
    probeHost(engine, ({ settings }) => [
      `SQLite ${settings.sqlite} of ${settings.sqliteModule}`,
      `Python ${settings.python}`,
    ]),
};

export default adapter;
