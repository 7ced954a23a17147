import { BenchError } from '../errors.js';

/** One line of an exposition: a value of one series. */
export interface Sample {
  /** As it stands there: those of a histogram end in `_bucket`, `_sum`, `_count`. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite. */
  readonly value: number;
}

/** What tells one series from others. */
export type Series = Pick<Sample, 'name' | 'labels'>;

/** A place in a line, and how to say that something else was expected there. */
interface Cursor {
  readonly text: string;
  at: number;
  readonly expected: (what: string) => BenchError;
}

const nameAt = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelAt = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const blanksAt = /[ \t]*/y;
const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const infinite = /^[+-]?inf(?:inity)?$/i;

/**
 * The samples of a text in Prometheus' format, in their order. Comments, types, units, timestamps
 * and exemplars are read over. Names in quotes may hold any characters.
 *
 * @throws BenchError METRICS_FAILED with line and column of what cannot be read
 * @see Prometheus documentation, "Exposition formats" (text 0.0.4, 1.0.0); OpenMetrics 1.0
 */
export function parseExposition(text: string): readonly Sample[] {
  const samples: Sample[] = [];
  let line = 0;
  for (let start = 0; start < text.length; line += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(start, end).trim();
    // OpenMetrics ends so; what follows is not its own.
    if (content === '# EOF') return samples;
    if (content !== '' && !content.startsWith('#')) samples.push(parseLine(content, line + 1));
    start = end + 1;
  }
  return samples;
}

function parseLine(text: string, line: number): Sample {
  const cursor: Cursor = {
    text,
    at: 0,
    expected(what) {
      const found =
        cursor.at < text.length ? `"${text.slice(cursor.at, cursor.at + 20)}"` : 'nothing';
      return new BenchError(
        'METRICS_FAILED',
        `metrics, line ${line}, column ${cursor.at + 1}: expected ${what}, found ${found}`,
        { hint: "the address must give Prometheus' text format or OpenMetrics" },
      );
    },
  };
  const series = readSeries(cursor);
  skipBlanks(cursor);
  const [value = '', time = '#', rest = '#'] = text.slice(cursor.at).split(/[ \t]+/);
  const number = parseValue(value);
  if (number === undefined) throw cursor.expected('a number');
  cursor.at += value.length;
  skipBlanks(cursor);
  // An exemplar begins as a comment does.
  if (time.startsWith('#')) return { ...series, value: number };
  if (!plainNumber.test(time)) throw cursor.expected('a time or the end');
  cursor.at += time.length;
  skipBlanks(cursor);
  if (!rest.startsWith('#')) throw cursor.expected('the end');
  return { ...series, value: number };
}

function parseValue(text: string): number | undefined {
  if (plainNumber.test(text)) return Number(text);
  if (infinite.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^nan$/i.test(text) ? Number.NaN : undefined;
}

/**
 * A series as it is written: `name` or `name{label="value",...}`.
 *
 * @throws BenchError BAD_TARGET where it cannot be read
 */
export function parseSelector(selector: string): Series {
  const cursor: Cursor = {
    text: selector.trim(),
    at: 0,
    expected: (what) =>
      new BenchError(
        'BAD_TARGET',
        `metric ${JSON.stringify(selector)}: expected ${what} at character ${cursor.at + 1}`,
        {
          hint: 'write name or name{label="value",other="value"}; values are compared as they are',
        },
      ),
  };
  const series = readSeries(cursor);
  if (cursor.at < cursor.text.length) throw cursor.expected('{ or the end');
  return series;
}

/** A name, labels in braces, or both; within the braces a lone text in quotes is the name. */
function readSeries(cursor: Cursor): Series {
  const plain = take(cursor, nameAt);
  skipBlanks(cursor);
  const labels = new Map<string, string>();
  const inside = cursor.text[cursor.at] === '{' ? readLabels(cursor, labels) : undefined;
  const name = plain ?? inside;
  if (name === undefined || name === '') throw cursor.expected('the name of a metric');
  if (plain !== undefined && inside !== undefined) throw cursor.expected('one name');
  return { name, labels };
}

/** @returns the name of the metric, where it is among them */
function readLabels(cursor: Cursor, labels: Map<string, string>): string | undefined {
  let metric: string | undefined;
  cursor.at += 1;
  skipBlanks(cursor);
  while (!takeIf(cursor, '}')) {
    const quoted = cursor.text[cursor.at] === '"';
    const label = quoted ? takeQuoted(cursor) : take(cursor, labelAt);
    if (label === undefined) throw cursor.expected('a label or }');
    skipBlanks(cursor);
    if (takeIf(cursor, '=')) addLabel(cursor, labels, label);
    else if (quoted && metric === undefined) metric = label;
    else throw cursor.expected('=');
    skipBlanks(cursor);
    if (!takeIf(cursor, ',') && cursor.text[cursor.at] !== '}') throw cursor.expected(', or }');
    skipBlanks(cursor);
  }
  return metric;
}

function addLabel(cursor: Cursor, labels: Map<string, string>, label: string): void {
  skipBlanks(cursor);
  if (labels.has(label)) throw cursor.expected(`each label once, ${label} is there already`);
  if (cursor.text[cursor.at] !== '"') throw cursor.expected('a value in quotes');
  labels.set(label, takeQuoted(cursor));
}

const escapes: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

function takeQuoted(cursor: Cursor): string {
  const parts: string[] = [];
  const { text } = cursor;
  let from = cursor.at + 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '"') {
      cursor.at = at + 1;
      return parts.join('') + text.slice(from, at);
    }
    if (text[at] !== '\\') continue;
    // A backslash before anything else stands for itself.
    const escaped = text[at + 1] ?? '';
    parts.push(text.slice(from, at), escapes[escaped] ?? `\\${escaped}`);
    at += 1;
    from = at + 1;
  }
  cursor.at = text.length;
  throw cursor.expected('a closing quote');
}

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  cursor.at += found?.length ?? 0;
  return found;
}

function takeIf(cursor: Cursor, character: string): boolean {
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  return true;
}

function skipBlanks(cursor: Cursor): void {
  take(cursor, blanksAt);
}
