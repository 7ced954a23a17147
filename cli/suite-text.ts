import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { Mistake } from './mistakes.js';

/** A place in a text, both counted from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Something in a text that is not good YAML. */
export interface TextProblem {
  readonly at: TextPlace;
  readonly what: string;
}

/** What a text in YAML or JSON says. */
export interface SuiteText {
  /** In the order of the text. */
  readonly problems: readonly TextProblem[];
  /** Plain data without cycles; absent where a problem leaves open what is meant. */
  readonly content?: { readonly value: unknown };
  /** Where a mistake is: at its key or its value, or at what lacks it. */
  locate(mistake: Mistake): TextPlace;
}

// Of anchors; what they stand for is written out, so that few of them can come to much.
const mostAliases = 100;

const tooDeep = 'it is nested too deeply';

// What is meant is clear, so that the rest can be checked at once.
const clear: readonly string[] = ['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED'];

/** Reads a text as YAML 1.2, of which JSON is a part, without tags, and with unique keys. */
export function readSuiteText(text: string): SuiteText {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    prettyErrors: false,
    stringKeys: true,
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const at = placesIn(text);
  const found = foundIn(document);
  const syntax = found.map((error) => {
    return { at: at(error.pos[0]), what: problemOf(error, text) };
  });
  const locate = (mistake: Mistake): TextPlace => at(offsetOf(document, mistake));
  if (!found.every(({ code }) => clear.includes(code))) {
    return { problems: syntax, locate };
  }
  const { problems, content } = contentOf(document);
  return {
    problems: [...syntax, ...problems.map(({ offset, what }) => ({ at: at(offset), what }))],
    ...(content === undefined ? {} : { content }),
    locate,
  };
}

/** In the order of the text, without what only follows from an earlier one. */
function foundIn({ errors, warnings }: Document.Parsed): YAMLError[] {
  const sorted = [...errors, ...warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  const exhausted = sorted.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (exhausted !== undefined) return [exhausted];
  return sorted.filter(({ code }, index) => index === 0 || code !== 'UNEXPECTED_TOKEN');
}

function placesIn(text: string): (offset: number) => TextPlace {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
    starts.push(end + 1);
  }
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    const inText = Math.min(offset, text.length);
    return { line: low + 1, column: inText - (starts[low] as number) + 1 };
  };
}

function problemOf({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'DUPLICATE_KEY') {
    const [, key = ''] = /^["']?([^"':\s]*)/.exec(text.slice(pos[0], pos[0] + 80)) ?? [];
    return `${key} is given twice`;
  }
  if (code === 'MULTIPLE_DOCS') return 'a second document begins; a suite is one document';
  if (code === 'RESOURCE_EXHAUSTION') return tooDeep;
  if (code === 'TAG_RESOLVE_FAILED') return `${message.replace('Unresolved ', '')} is not allowed`;
  return message;
}

interface OffsetProblem {
  readonly offset: number;
  readonly what: string;
}

/** Aliases of what is not there or holds the alias itself, or too many of them. */
function aliasProblems(document: Document): OffsetProblem[] {
  const problems: OffsetProblem[] = [];
  let count = 0;
  visit(document, {
    Alias(_, alias, parents) {
      count += 1;
      const note = (what: string) => void problems.push({ offset: alias.range?.[0] ?? 0, what });
      if (count > mostAliases) {
        note(`an alias more than the ${mostAliases} that are allowed`);
        return visit.BREAK;
      }
      const target = alias.resolve(document);
      if (target === undefined) note(`no anchor &${alias.source} stands before this alias of it`);
      else if (parents.includes(target)) note(`*${alias.source} stands for what it is a part of`);
      return undefined;
    },
  });
  return problems;
}

/** The plain data of a document without mistakes of syntax, or why there is none. */
function contentOf(document: Document): {
  readonly problems: readonly OffsetProblem[];
  readonly content?: { readonly value: unknown };
} {
  try {
    const problems = aliasProblems(document);
    if (problems.length > 0) return { problems };
    return { problems, content: { value: document.toJS({ maxAliasCount: mostAliases }) } };
  } catch (error) {
    if (error instanceof RangeError) return { problems: [{ offset: 0, what: tooDeep }] };
    if (!(error instanceof ReferenceError)) throw error;
    const what = 'its aliases come to too much when each is written out';
    return { problems: [{ offset: 0, what }] };
  }
}

/** Walks down as far as there is something. */
function offsetOf(document: Document, { path, ofKey }: Mistake): number {
  let node: unknown = document.contents;
  let offset = offsetOfNode(node) ?? 0;
  for (const [index, part] of path.entries()) {
    const step = stepInto(isAlias(node) ? node.resolve(document) : node, part);
    if (step === undefined) break;
    const isLast = index === path.length - 1;
    const value = isLast && ofKey ? undefined : offsetOfNode(step.value);
    offset = value ?? offsetOfNode(step.key) ?? offset;
    node = step.value;
  }
  return offset;
}

function offsetOfNode(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

interface Step {
  readonly key?: unknown;
  readonly value: unknown;
}

function stepInto(node: unknown, part: PropertyKey): Step | undefined {
  if (isSeq(node)) {
    const value = typeof part === 'number' ? node.items[part] : undefined;
    return value === undefined ? undefined : { value };
  }
  if (!isMap(node)) return undefined;
  return node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
}
