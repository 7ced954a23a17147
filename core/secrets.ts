import { BenchError } from './errors.js';
import type { Progress } from './progress.js';
import { hideBeginnings, hideWhole, patternOf } from './secret-pattern.js';

/** Hides in a text what must not be told. */
export type Mask = (text: string) => string;

/** Hides nothing. */
export const noMask: Mask = (text) => text;

// Shorter ones would be found in every number and word.
const shortestSecret = 4;
const shortestInBase64 = 6;

/**
 * A mask of values that came from outside: as they are, as JSON, addresses, pages and headers
 * (base64) write them, and the password within an address; where a text was cut off within one,
 * what is left of it.
 *
 * @param secrets what stands for a value, by the value; those of less than four characters are not
 *   looked for
 */
export function maskOf(secrets: ReadonlyMap<string, string>): Mask {
  const all = new Map<string, string>();
  for (const [secret, name] of secrets) {
    for (const form of formsOf(secret)) {
      if (form.length >= shortestSecret && !all.has(form)) all.set(form, name);
    }
  }
  // What holds another comes first, so that nothing of it is left.
  const inOrder = [...all]
    .sort(([a], [b]) => b.length - a.length)
    .map(([form, name]) => ({ pattern: patternOf(form), name }));
  return (text) => {
    let masked = text;
    for (const { pattern, name } of inOrder) masked = hideWhole(masked, pattern, name);
    for (const { pattern, name } of inOrder) masked = hideBeginnings(masked, pattern, name);
    return masked;
  };
}

function formsOf(secret: string): string[] {
  return [secret, ...passwordIn(secret)].flatMap((form) => [form, ...inBase64(form)]);
}

/**
 * The characters that a text always has in base64, whatever stands before it: where it begins in
 * the first, second and third of three bytes. Headers write `user:password` so.
 */
function inBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const from = Math.ceil((before * 8) / 6);
    const form = encoded.slice(from, Math.floor(((before + bytes.length) * 8) / 6));
    const inAddress = form.replaceAll('+', '-').replaceAll('/', '_');
    return form.length < shortestInBase64 ? [] : [form, inAddress];
  });
}

function passwordIn(secret: string): string[] {
  if (!URL.canParse(secret)) return [];
  const { password } = new URL(secret);
  if (password === '') return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    // It holds a percent sign that is none of an encoding.
    return [password];
  }
}

/** Whatever stands in these comes from stores. */
const told: readonly string[] = ['failure', 'warnings', 'invalid', 'stopped', 'settings', 'client'];
const texts: readonly string[] = ['message', 'hint', 'why', 'what', 'version', 'detail'];

/**
 * A document of results with its texts masked: messages, reasons, and what stores say of
 * themselves. Names, ids and numbers are left as they are.
 */
export function maskTexts<T>(document: T, mask: Mask): T {
  return mask === noMask ? document : (maskIn(document, { mask, isTold: false }) as T);
}

interface Masking {
  readonly mask: Mask;
  /** Whether every text here is masked. */
  readonly isTold: boolean;
}

function maskIn(value: unknown, { mask, isTold }: Masking): unknown {
  if (typeof value === 'string') return isTold ? mask(value) : value;
  if (Array.isArray(value)) return value.map((item) => maskIn(item, { mask, isTold }));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    const inTold = isTold || told.includes(key) || texts.includes(key);
    // Codes of errors are the keys of their counts.
    if (key === 'errors' && isCounts(inner)) return [key, maskKeys(inner, mask)];
    return [key, maskIn(inner, { mask, isTold: inTold })];
  });
  return Object.fromEntries(entries);
}

function isCounts(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function maskKeys(counts: Readonly<Record<string, unknown>>, mask: Mask): object {
  return Object.fromEntries(Object.entries(counts).map(([code, count]) => [mask(code), count]));
}

/** What was thrown, with its texts masked; what it was caused by is left out. */
export function maskError(thrown: unknown, mask: Mask): unknown {
  if (mask === noMask || !(thrown instanceof Error)) return thrown;
  if (thrown instanceof BenchError) {
    const { code, message, hint } = thrown;
    return new BenchError(code, mask(message), hint === undefined ? {} : { hint: mask(hint) });
  }
  const { name, message, stack = message } = thrown;
  return Object.assign(new Error(mask(message)), { name, stack: mask(stack) });
}

/** Progress whose lines are masked. */
export function maskProgress(progress: Progress, mask: Mask): Progress {
  if (mask === noMask) return progress;
  return {
    phase: (name, total) => progress.phase(name, total),
    update: (done, detail) => progress.update(done, detail === undefined ? detail : mask(detail)),
    note: (line) => progress.note(mask(line)),
    end: () => progress.end(),
  };
}
