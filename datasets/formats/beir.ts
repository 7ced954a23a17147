import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Judgments } from '../../core/dataset.js';
import { badData, unreadable } from './data-file.js';
import { jsonRecords } from './jsonl.js';
import { judgmentsByRow, readQrels } from './qrels.js';

/** Texts by row. */
export interface BeirTexts {
  readonly ids: readonly string[];
  readonly texts: readonly string[];
}

/** What a folder in the layout of BEIR holds. */
export interface BeirSet {
  readonly documents: BeirTexts & {
    /** Empty where a document has none. */
    readonly titles: readonly string[];
  };
  /** Those that are judged, in the order of their file. */
  readonly queries: BeirTexts;
  /** One map a query of `queries`: row of a document to grade. */
  readonly judgments: Judgments;
  /** Queries of the file that no line judges: they are kept out of `queries`. */
  readonly unjudgedQueries: number;
}

/** What is judged in a folder in the layout of BEIR, without its texts. */
export interface BeirJudgments {
  /** How many there are. */
  readonly documents: number;
  /** How many there are, judged or not. */
  readonly queries: number;
  /** Of the queries those that are judged, by their row in their file. */
  readonly judgedRows: Int32Array;
  /** One map a judged query: row of a document to grade. */
  readonly judgments: Judgments;
}

/**
 * Reads a folder in the layout of BEIR: `corpus.jsonl` and `queries.jsonl`, either may be packed
 * (`.gz`), and the judgments of a split, `qrels/test.tsv` or `qrels.tsv`. Queries without a
 * judgment, as those of other splits, are kept out and counted.
 *
 * @throws BenchError BAD_DATA when a file is missing (with the names that were found) or damaged, a
 *   text or an id is missing, an id occurs twice, or a judged query or document is not there
 * @see BEIR, Thakur et al. (2021), https://github.com/beir-cellar/beir
 */
export async function readBeir(folder: string, split = 'test'): Promise<BeirSet> {
  const files = await findBeirFiles(folder, split);
  const documents = await readTexts(files.corpus);
  const all = await readTexts(files.queries);
  const { judgedRows, judgments } = await readJudgments(files, documents.ids, all.ids);
  const queries = {
    ids: Array.from(judgedRows, (row) => all.ids[row] as string),
    texts: Array.from(judgedRows, (row) => all.texts[row] as string),
  };
  return { documents, queries, judgments, unjudgedQueries: all.ids.length - judgedRows.length };
}

/**
 * Reads what is judged in a folder in the layout of BEIR; of the texts no more is kept than ids.
 *
 * @throws BenchError BAD_DATA as {@link readBeir}
 */
export async function readBeirJudgments(folder: string, split: string): Promise<BeirJudgments> {
  const files = await findBeirFiles(folder, split);
  const documents = await readIds(files.corpus);
  const queries = await readIds(files.queries);
  const judged = await readJudgments(files, documents, queries);
  return { documents: documents.length, queries: queries.length, ...judged };
}

async function readJudgments(
  { qrels: path }: BeirFiles,
  documentNames: readonly string[],
  queries: readonly string[],
): Promise<Pick<BeirJudgments, 'judgedRows' | 'judgments'>> {
  const qrels = await readQrels(path);
  const judged = new Set(qrels.map(({ query }) => query));
  const rows = queries.flatMap((id, row) => (judged.has(id) ? [row] : []));
  const queryNames = rows.map((row) => queries[row] as string);
  const judgments = judgmentsByRow({ path, qrels, queryNames, documentNames });
  return { judgedRows: Int32Array.from(rows), judgments };
}

/** Where the files of a folder in the layout of BEIR lie. */
export type BeirFiles = Readonly<Record<'corpus' | 'queries' | 'qrels', string>>;

/** What the file of the documents may be called. */
export const corpusNames: readonly string[] = ['corpus.jsonl', 'corpus.jsonl.gz'];

/**
 * The files of a folder in the layout of BEIR.
 *
 * @throws BenchError BAD_DATA with the names that were found when one is missing
 */
export async function findBeirFiles(folder: string, split: string): Promise<BeirFiles> {
  const names = await listed(folder);
  const within = names.includes('qrels') ? await listed(join(folder, 'qrels')) : [];
  const found = [...names, ...within.map((name) => `qrels/${name}`)];
  const place = (places: readonly string[]): string => {
    const name = places.find((candidate) => found.includes(candidate));
    if (name !== undefined) return join(folder, name);
    const expected = `expected ${places.join(' or ')}`;
    const have = found.length === 0 ? 'nothing' : found.sort().slice(0, 20).join(', ');
    throw badData(
      folder,
      `it holds ${have}; ${expected}`,
      'name a folder in the layout of BEIR, or another split',
    );
  };
  return {
    corpus: place(corpusNames),
    queries: place(['queries.jsonl', 'queries.jsonl.gz']),
    qrels: place([`qrels/${split}.tsv`, 'qrels.tsv']),
  };
}

async function listed(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    throw unreadable(folder, thrown);
  }
}

async function readTexts(path: string): Promise<BeirSet['documents']> {
  const ids: string[] = [];
  const titles: string[] = [];
  const texts: string[] = [];
  for await (const { id, title, text } of textRecords(path)) {
    ids.push(id);
    titles.push(title);
    texts.push(text);
  }
  return { ids, titles, texts };
}

async function readIds(path: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of textRecords(path)) ids.push(id);
  return ids;
}

interface TextRecord {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

async function* textRecords(path: string): AsyncGenerator<TextRecord> {
  const seen = new Set<string>();
  let line = 0;
  for await (const record of jsonRecords(path)) {
    line += 1;
    const { _id: id, title = '', text } = record;
    if (typeof id !== 'string' || typeof title !== 'string' || typeof text !== 'string') {
      const found = JSON.stringify({ _id: id, title: record.title, text }).slice(0, 80);
      throw badData(path, `line ${line}: ${found}, expected _id and text as texts`);
    }
    if (seen.has(id)) throw badData(path, `line ${line}: the _id ${id} occurs a second time`);
    seen.add(id);
    yield { id, title, text };
  }
  if (line === 0) throw badData(path, 'it is empty');
}
