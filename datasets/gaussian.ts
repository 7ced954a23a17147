import { syntheticEntry } from './synthetic/entry.js';

/** Independent normal values: no structure at all, the hardest case of its dimensions. */
export default syntheticEntry({
  name: 'gaussian',
  title: 'Generated: independent normal values, without any structure; any size by parameters',
  source: 'every value normal with mean 0 and variance 1',
  metric: 'l2',
  distribution: () => ({
    deviation: 1,
    draw: (rows, source) => source.fill(rows, 0, rows.length),
  }),
});
