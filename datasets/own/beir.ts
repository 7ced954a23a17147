import type { Judgments } from '../../core/dataset.js';
import { rowsOf, type VectorTable } from '../../core/vectors.js';
import { type BeirJudgments, readBeirJudgments } from '../formats/beir.js';
import { badData } from '../formats/data-file.js';
import { readVectors } from './files.js';

/** Where a folder in the layout of BEIR and the vectors of its texts lie. */
export interface BeirSource {
  readonly folder: string;
  /** A vector a document, in the order of `corpus.jsonl`. */
  readonly base: string;
  /** A vector a query of `queries.jsonl`, or a judged query of it, in its order. */
  readonly queries: string;
  /** `test`, as in `qrels/test.tsv`. */
  readonly split: string;
}

/** Vectors whose relevance to each other is judged. */
export interface JudgedVectors {
  readonly base: VectorTable;
  /** Of the judged queries. */
  readonly queries: VectorTable;
  readonly judgments: Judgments;
}

/**
 * Reads the judgments of a folder in the layout of BEIR and the vectors of its texts.
 *
 * @throws BenchError BAD_DATA for a damaged file, and vectors that are not as many as the texts
 */
export async function readJudgedVectors(source: BeirSource): Promise<JudgedVectors> {
  const judged = await readBeirJudgments(source.folder, source.split);
  const { base } = await readVectors(source.base);
  if (base.rows !== judged.documents) {
    const expected = `expected ${judged.documents} as the documents of ${source.folder}`;
    throw badData(source.base, `it has ${base.rows} rows, ${expected}`, oneEach);
  }
  const queries = await readJudgedQueries(source, judged);
  return { base, queries, judgments: judged.judgments };
}

const oneEach = 'write one vector a line of texts, in the same order';

async function readJudgedQueries(
  { queries: path, folder }: BeirSource,
  { queries, judgedRows }: BeirJudgments,
): Promise<VectorTable> {
  const { base: table } = await readVectors(path);
  if (table.rows === judgedRows.length) return table;
  if (table.rows === queries) return rowsOf(table, judgedRows);
  const some = judgedRows.length === queries ? '' : ` or ${judgedRows.length} as those judged`;
  const expected = `expected ${queries} as the queries of ${folder}${some}`;
  throw badData(path, `it has ${table.rows} rows, ${expected}`, oneEach);
}
