import { join } from 'node:path';
import type { DatasetEntry } from '../core/dataset.js';
import { packageRoot } from '../core/paths.js';
import { readTextField } from './formats/jsonl.js';
import { readNpyVectors } from './formats/npy.js';
import { judgmentsByRow, readQrels } from './formats/qrels.js';

/** SciFact as in BEIR: judged queries, for NDCG as well as recall. */
export default {
  title: 'Scientific abstracts and claims with judgments, MiniLM, 5,183 x 384, cosine',
  metric: 'cosine',
  rows: 5183,
  dimensions: 384,
  queries: 300,
  type: 'f16',
  licence: 'claims and judgments CC BY 4.0 (SciFact), abstracts ODC-By 1.0 (S2ORC)',
  source: 'SciFact as in BEIR, https://github.com/allenai/scifact, encoded with all-MiniLM-L6-v2',
  async load(name) {
    const folder = join(packageRoot(), 'datasets', 'bundled', 'scifact');
    const path = join(folder, 'qrels.tsv');
    const judgments = judgmentsByRow({
      path,
      qrels: await readQrels(path),
      queryNames: await readTextField(join(folder, 'queries.jsonl'), '_id'),
      documentNames: await readTextField(join(folder, 'corpus.jsonl.gz'), '_id'),
    });
    return {
      name,
      metric: 'cosine',
      base: await readNpyVectors(join(folder, 'corpus_minilm384.f16.npy')),
      queries: await readNpyVectors(join(folder, 'queries_minilm384.f16.npy')),
      judgments,
    };
  },
} satisfies DatasetEntry;
