import { syntheticEntry } from './synthetic/entry.js';
import type { NormalSource } from './synthetic/normal-source.js';

/** Uniform on the unit sphere: as embeddings of norm 1 that know nothing of each other. */
export default syntheticEntry({
  name: 'sphere',
  title: 'Generated: uniform on the unit sphere; any size by parameters',
  source: 'normal values, each row divided by its norm (Muller 1959)',
  metric: 'cosine',
  distribution: ({ dimensions }) => ({
    deviation: 1 / Math.sqrt(dimensions),
    draw: (rows, source) => drawDirections(rows, dimensions, source),
  }),
});

/**
 * @see Muller, A Note on a Method for Generating Points Uniformly on N-Dimensional Spheres (1959)
 */
function drawDirections(rows: Float32Array, dimensions: number, source: NormalSource): void {
  source.fill(rows, 0, rows.length);
  for (let begin = 0; begin < rows.length; begin += dimensions) {
    const end = begin + dimensions;
    let squares = 0;
    for (let at = begin; at < end; at++) squares += (rows[at] as number) ** 2;
    const scale = 1 / Math.sqrt(squares);
    for (let at = begin; at < end; at++) rows[at] = (rows[at] as number) * scale;
  }
}
