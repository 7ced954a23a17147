import { test } from 'node:test';
import adapter from '../../../adapters/qdrant.js';
import type { PayloadField } from '../../../core/adapter.js';
import type { Filter } from '../../../core/filter.js';
import { payloadSlice } from '../../../core/payload.js';
import { firstRows, vectorOf } from '../../../core/vectors.js';
import wikiMovies from '../../../datasets/wiki-movies.js';
import { checkFilter, connectTo, fillScene } from '../../adapters/qdrant-scene.js';
import { isAskedFor } from '../../contract/left-out.js';

const rows = 2000;
const filters: readonly Filter[] = [
  { field: 'genre', equals: 'drama' },
  { field: 'year', atLeast: 1960, atMost: 1990 },
  {
    and: [{ field: 'genre', in: ['drama', 'comedy'] }, { not: { field: 'year', atLeast: 1960 } }],
  },
];

for (const transport of adapter.transports) {
  test(`a Qdrant server filters as comparing all rows does, ${transport}`, async (context) => {
    if (!isAskedFor('qdrant')) {
      context.diagnostic('not tested: qdrant: BENCH_STORES does not list it');
      return;
    }
    const { base, queries, payload } = await wikiMovies.load('wiki-movies');
    const fields: PayloadField[] = [
      { name: 'genre', type: 'category', indexed: true },
      { name: 'year', type: 'integer', indexed: true },
    ];
    const { genre, year } = payloadSlice(payload ?? {}, 0, rows);
    if (genre === undefined || year === undefined) throw new Error('wiki-movies has no payload');
    const scene = {
      base: firstRows(base, rows),
      payload: { genre, year },
      fields,
      query: vectorOf(queries, 0),
    };
    const { vectors } = await connectTo(context, { transport });
    await fillScene(vectors, scene);
    try {
      for (const filter of filters) await checkFilter(vectors, scene, filter);
    } finally {
      await vectors.drop();
    }
  });
}
