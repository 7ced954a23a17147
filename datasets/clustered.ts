import type { Parameters } from '../core/adapter.js';
import { deriveSeed } from '../core/random.js';
import { syntheticEntry } from './synthetic/entry.js';
import { NormalSource } from './synthetic/normal-source.js';
import type { Distribution, SyntheticShape } from './synthetic/tables.js';

/** Normal clouds about centres that are normal too: data with structure, as embeddings have. */
export default syntheticEntry({
  name: 'clustered',
  title: 'Generated: normal clouds about random centres; any size by parameters',
  source: 'a centre of normal values, at random, and normal values times spread about it',
  metric: 'l2',
  parameters: {
    clusters: { type: 'integer', meaning: 'centres', min: 1, max: 'rows', default: 100 },
    spread: {
      type: 'number',
      meaning: 'standard deviation about a centre, that of the centres being 1',
      min: 0.0001,
      max: 100,
      default: 0.2,
    },
  },
  distribution: clouds,
});

function clouds({ dimensions, seed }: SyntheticShape, parameters: Parameters): Distribution {
  const clusters = parameters.clusters as number;
  const spread = parameters.spread as number;
  const centres = new Float32Array(clusters * dimensions);
  new NormalSource(deriveSeed(seed, 'centres')).fill(centres, 0, centres.length);
  const draw = (rows: Float32Array, source: NormalSource): void => {
    for (let begin = 0; begin < rows.length; begin += dimensions) {
      const centre = source.index(clusters) * dimensions;
      source.fill(rows, begin, begin + dimensions);
      for (let column = 0; column < dimensions; column++) {
        const at = begin + column;
        rows[at] = (centres[centre + column] as number) + spread * (rows[at] as number);
      }
    }
  };
  return { deviation: Math.sqrt(1 + spread * spread), draw };
}
