import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPython } from '../../core/host/python.js';
import { computeTruth } from '../../core/measure/truth.js';
import { packageRoot } from '../../core/paths.js';
import { median } from '../../core/stats/quantile.js';
import { allocateTable, type VectorTable } from '../../core/vectors.js';
import { NormalSource } from '../../datasets/synthetic/normal-source.js';
import { print, roundsOf, withOut } from './runs.js';

const plain = join(packageRoot(), 'scripts', 'microbench', 'plain_faiss_flat.py');

// A pair takes some seconds.
const rounds = roundsOf(5);
const dimensions = 384;
const k = 100;
const rows = { base: 100_000, queries: 1000 };

/** Seconds of one search, and the nearest row of each query. */
interface Search {
  readonly seconds: number;
  readonly first: readonly number[];
}

/**
 * The exact neighbours next to a batch of FAISS Flat on the same float32 vectors, in alternating
 * rounds. The own time holds all that the truth needs: norms, threads, and ranking in float64.
 */
export async function truthKernel(): Promise<void> {
  const python = await findPython();
  const tables = { base: gaussian(rows.base, 1), queries: gaussian(rows.queries, 2) };
  await withOut(async (out) => {
    const files = Object.entries(tables).map(([name, { shards }]) => {
      const file = `${out}-${name}.f32`;
      writeFileSync(file, shards[0] as Float32Array);
      return file;
    });
    for (const threads of [2, 1]) {
      const pairs: { own: Search; faiss: Search }[] = [];
      for (let round = 0; round < rounds; round++) {
        const args = [plain, ...files, `${dimensions}`, `${k}`, `${threads}`];
        const faiss = JSON.parse(execFileSync(python, args, { encoding: 'utf8' })) as Search;
        const own = await ownSearch(tables, threads);
        demandSame(own, faiss);
        pairs.push({ own, faiss });
      }
      printPairs(threads, pairs);
    }
  });
}

function gaussian(count: number, seed: number): VectorTable {
  const table = allocateTable({ rows: count, dimensions, type: 'f32' });
  const source = new NormalSource(seed);
  for (const shard of table.shards) source.fill(shard as Float32Array, 0, shard.length);
  return table;
}

async function ownSearch(
  tables: { readonly base: VectorTable; readonly queries: VectorTable },
  threads: number,
): Promise<Search> {
  const begin = performance.now();
  const truth = await computeTruth({ metric: 'ip', ...tables, k, threads });
  const seconds = (performance.now() - begin) / 1000;
  return { seconds, first: [...truth.ids.filter((_, at) => at % k === 0)] };
}

/** Both are exact; float32 may exchange neighbours that are next to equally far. */
function demandSame(own: Search, faiss: Search): void {
  const others = own.first.filter((row, query) => row !== faiss.first[query]).length;
  if (others > 1) throw new Error(`FAISS found another nearest row for ${others} queries`);
}

function printPairs(threads: number, pairs: readonly { own: Search; faiss: Search }[]): void {
  const ratios = pairs.map(({ own, faiss }) => own.seconds / faiss.seconds);
  const all = ratios.map((ratio) => ratio.toFixed(2)).join(' ');
  const name = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  print(
    `truth of 1,000 queries, 100,000 x 384, ${name}: time over FAISS Flat`,
    `${median(ratios).toFixed(2)} (${all})`,
  );
  for (const which of ['own', 'faiss'] as const) {
    const seconds = median(pairs.map((pair) => pair[which].seconds));
    print(`truth, ${name}: ${which === 'own' ? 'bench' : 'FAISS'}`, `${seconds.toFixed(2)} s`);
  }
}
