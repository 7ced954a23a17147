import type { Judgments } from '../../core/dataset.js';
import { badData } from './data-file.js';
import { type TextLine, textLines } from './text-lines.js';

/** One relevance judgment by the names of query and document. */
export interface Judgment {
  readonly query: string;
  readonly document: string;
  /** A whole number, 0 for "not relevant". */
  readonly grade: number;
}

/**
 * Reads relevance judgments: tab-separated query, document and grade, with or without a header
 * line.
 *
 * @throws BenchError BAD_DATA for a missing or damaged file, a line of another shape, a grade that
 *   is not a whole number of 0 or more, or a pair that is judged twice
 * @see BEIR, Thakur et al. (2021), https://github.com/beir-cellar/beir
 */
export async function readQrels(path: string): Promise<Judgment[]> {
  const judgments: Judgment[] = [];
  const seen = new Set<string>();
  for await (const line of textLines(path)) {
    const judgment = parseLine(path, line);
    if (judgment === undefined) continue;
    const pair = `${judgment.query}\t${judgment.document}`;
    if (seen.has(pair)) throw badData(path, `line ${line.number} judges a pair a second time`);
    seen.add(pair);
    judgments.push(judgment);
  }
  if (judgments.length === 0) throw badData(path, 'it holds no judgment');
  return judgments;
}

/** Judgments by name, and the names of the rows that they are about. */
export interface NamedJudgments {
  readonly path: string;
  readonly qrels: readonly Judgment[];
  /** The name of each query row. */
  readonly queryNames: readonly string[];
  /** The name of each base row. */
  readonly documentNames: readonly string[];
}

/**
 * Turns names into rows.
 *
 * @returns one map a query row: base row to grade; empty where a query has no judgment
 * @throws BenchError BAD_DATA when a name is unknown or belongs to two rows
 */
export function judgmentsByRow(named: NamedJudgments): Judgments {
  const queryRows = rowsOf(named, named.queryNames);
  const documentRows = rowsOf(named, named.documentNames);
  const judgments = named.queryNames.map(() => new Map<number, number>());
  for (const { query, document, grade } of named.qrels) {
    const row = queryRows.get(query);
    if (row === undefined) throw badData(named.path, `it judges query ${query}, which is unknown`);
    const documentRow = documentRows.get(document);
    if (documentRow === undefined) {
      throw badData(named.path, `it judges document ${document}, which is unknown`);
    }
    judgments[row]?.set(documentRow, grade);
  }
  return judgments;
}

function rowsOf(named: NamedJudgments, names: readonly string[]): Map<string, number> {
  const rows = new Map<string, number>();
  names.forEach((name, row) => {
    const other = rows.get(name);
    if (other !== undefined) {
      throw badData(named.path, `the name ${name} belongs to both row ${other} and row ${row}`);
    }
    rows.set(name, row);
  });
  return rows;
}

function parseLine(path: string, line: TextLine): Judgment | undefined {
  const fields = line.text.split('\t');
  const [query, document, grade] = fields;
  if (fields.length !== 3 || !query || !document || grade === undefined) {
    const found = `line ${line.number} has ${fields.length} fields`;
    throw badData(path, `${found}, expected 3 (query, document, grade) with tabs between`);
  }
  if (/^\d{1,9}$/.test(grade)) return { query, document, grade: Number(grade) };
  if (line.number === 1 && !/^[-+]?\d/.test(grade)) return undefined;
  throw badData(path, `line ${line.number}: grade is ${grade}, expected a whole number from 0 on`);
}
