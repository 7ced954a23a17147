/** What finds one secret in a text, however each of its characters is written. */
export interface SecretPattern {
  /** Characters, runs of white space, and runs of backslashes. */
  readonly units: readonly RegExp[];
  /** The first of them, anywhere. */
  readonly beginning: RegExp;
}

/** So many units are looked for together before the others are. */
const longestBeginning = 4;
/** So many of the first units are hidden where a text was cut off behind them. */
const shortestPart = 6;

/**
 * A pattern of a text: as it is, and with any of its characters as JSON, addresses or pages write
 * them, also twice.
 */
export function patternOf(text: string): SecretPattern {
  const sources = [...text.matchAll(/\s+|\\+|./gsu)].map(([unit]) => sourceOf(unit));
  return {
    units: sources.map(unitOf),
    beginning: new RegExp(sources.slice(0, longestBeginning).join(''), 'g'),
  };
}

// A key has thousands of characters, and few different ones.
const compiled = new Map<string, RegExp>();

function unitOf(source: string): RegExp {
  const known = compiled.get(source) ?? new RegExp(source, 'y');
  compiled.set(source, known);
  return known;
}

function sourceOf(unit: string): string {
  if (/^\s/.test(unit)) return '(?:\\s|\\\\+[nrt]|%(?:25)*(?:20|0[9aAdD])|\\+)+';
  if (unit.startsWith('\\')) return '(?:\\\\|%(?:25)*5[cC])+';
  if (/^[A-Za-z0-9]$/.test(unit)) return unit;
  const code = unit.codePointAt(0) ?? 0;
  const hex = anyCase(code.toString(16));
  const bytes = [...Buffer.from(unit)].map((byte) => {
    return `%(?:25)*${anyCase(byte.toString(16).padStart(2, '0'))}`;
  });
  const entities = [`#${code}`, `#[xX]0*${hex}`, ...(names[unit] ?? [])];
  const escaped = unit.replace(/[$()*+.?[\]^{|}/-]/g, '\\$&');
  const ways = [`\\\\*${escaped}`, bytes.join(''), `&(?:${entities.join('|')});`];
  return `(?:${[...ways, ...(code <= 0xffff ? [inUnicode(code)] : [])].join('|')})`;
}

/** How HTML names a character. */
const names: Readonly<Record<string, readonly string[]>> = {
  '"': ['quot'],
  '&': ['amp'],
  '<': ['lt'],
  '>': ['gt'],
  "'": ['apos'],
};

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

function inUnicode(code: number): string {
  return `\\\\+u${anyCase(code.toString(16).padStart(4, '0'))}`;
}

/** Puts a name in place of all that a pattern finds whole. */
export function hideWhole(text: string, pattern: SecretPattern, name: string): string {
  return hide(text, pattern, ({ count }) => (count === pattern.units.length ? name : undefined));
}

// What stands behind a text that was cut off: its end, a quotation mark, or dots.
const cut = /^\s*$|^(?:\\*["'`\u2018\u2019\u201c\u201d]|\.\.\.|\u2026)/;

/** Puts a name in place of the beginning of a secret where a text was cut off within it. */
export function hideBeginnings(text: string, pattern: SecretPattern, name: string): string {
  if (pattern.units.length <= shortestPart) return text;
  return hide(text, pattern, ({ count, end }) => {
    const isCut = count >= shortestPart && cut.test(text.slice(end, end + 8));
    return isCut ? name : undefined;
  });
}

interface Found {
  /** Of units, one after the other. */
  readonly count: number;
  readonly end: number;
}

function hide(
  text: string,
  { units, beginning }: SecretPattern,
  shownAs: (found: Found) => string | undefined,
): string {
  let hidden = '';
  let at = 0;
  beginning.lastIndex = 0;
  for (let match = beginning.exec(text); match !== null; match = beginning.exec(text)) {
    const found = follow(text, match.index, units);
    const shown = shownAs(found);
    if (shown === undefined) {
      beginning.lastIndex = match.index + 1;
      continue;
    }
    hidden += text.slice(at, match.index) + shown;
    at = found.end;
    beginning.lastIndex = at;
  }
  return hidden + text.slice(at);
}

function follow(text: string, from: number, units: readonly RegExp[]): Found {
  let end = from;
  let count = 0;
  for (const unit of units) {
    unit.lastIndex = end;
    if (!unit.test(text)) break;
    end = unit.lastIndex;
    count += 1;
  }
  return { count, end };
}
