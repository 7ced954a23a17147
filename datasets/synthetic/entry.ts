import type { Metric, ParameterRule, Parameters } from '../../core/adapter.js';
import type { DatasetEntry } from '../../core/dataset.js';
import type { ElementType } from '../../core/vectors.js';
import { commonRules, readParameters } from './parameters.js';
import { type Distribution, drawTables, type SyntheticShape } from './tables.js';

/** A kind of generated vectors. */
export interface SyntheticKind {
  /** The name of its file, for messages. */
  readonly name: string;
  readonly title: string;
  /** How the vectors are drawn, in a sentence. */
  readonly source: string;
  readonly metric: Metric;
  /** Beyond those that every kind has. */
  readonly parameters?: Readonly<Record<string, ParameterRule>>;
  readonly distribution: (shape: SyntheticShape, parameters: Parameters) => Distribution;
}

/** The entry of a kind of generated vectors, by its defaults or by what parameters say. */
export function syntheticEntry(kind: SyntheticKind): DatasetEntry {
  const parameters = { ...commonRules(kind.metric), ...kind.parameters };
  const entryOf = (given: Readonly<Record<string, string>>): DatasetEntry => {
    const values = readParameters(kind.name, parameters, given);
    const shape = shapeOf(values);
    const { rows, dimensions, queries, metric, type } = shape;
    return {
      title: kind.title,
      metric,
      rows,
      dimensions,
      queries,
      type,
      licence: 'none needed (generated)',
      source: `${kind.source}; ${describe(values)}`,
      parameters,
      async load(name) {
        return { name, metric, ...drawTables(shape, kind.distribution(shape, values)) };
      },
    };
  };
  return { ...entryOf({}), parametrised: entryOf };
}

/** Typed by the rules that they were checked by. */
function shapeOf(values: Parameters): SyntheticShape {
  return {
    rows: values.rows as number,
    dimensions: values.dimensions as number,
    queries: values.queries as number,
    metric: values.metric as Metric,
    type: values.type as ElementType,
    seed: values.seed as number,
  };
}

function describe(values: Parameters): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
