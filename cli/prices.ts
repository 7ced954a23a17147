import { basename } from 'node:path';
import { z } from 'zod';
import { timestamp } from '../core/clock.js';
import { type Prices, priceNames, priceShape } from '../core/cost/prices.js';
import type { Mistake } from './mistakes.js';
import { findOwnFile } from './own-file.js';
import { contentMistakes, readOwnText, refuseMistakes, type TextKind } from './own-text.js';

/** What a file of prices may hold. */
export const pricesFileSchema = z.strictObject({
  $schema: z.string().optional().describe('the JSON Schema of this file, for editors; not read'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'it must be three capitals, as USD')
    .describe('of all prices, as ISO 4217 writes it'),
  date: z.iso.date('it must be a day, as 2026-03-31').describe('the day on which the prices held'),
  source: z
    .string()
    .trim()
    .min(1, 'it must say where the prices are from')
    .max(500)
    .describe('where they are from: an address, or words'),
  ...priceShape,
});

const kind: TextKind = {
  what: 'prices',
  code: 'BAD_ARGUMENT',
  endings: ['.yaml', '.yml', '.json'],
  isNamed: false,
  schema: pricesFileSchema,
  hint: 'bench schema prices prints what the file may hold; bench knows no prices of its own',
};

/**
 * Reads a file of prices: YAML or JSON.
 *
 * @param given its path, from the caller's folder
 * @throws BenchError BAD_ARGUMENT with all mistakes at once, each with line and column
 */
export async function loadPrices(given: string): Promise<Prices> {
  const file = findOwnFile(given, kind);
  const read = await readOwnText(file, kind);
  const { content } = read;
  const mistakes =
    content === undefined
      ? []
      : [...contentMistakes(kind, content.value), ...meaningMistakes(content.value)];
  refuseMistakes({ file, kind, read }, mistakes);
  const { $schema: _, ...prices } = pricesFileSchema.parse(content?.value);
  return { file: basename(file.path), ...prices };
}

function meaningMistakes(value: unknown): Mistake[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const mistakes: Mistake[] = [];
  if (!priceNames.some((name) => name in value)) {
    const what = `one of these must be given: ${priceNames.join(', ')}`;
    mistakes.push({ path: [], ofKey: false, what });
  }
  const day = 'date' in value ? z.iso.date().safeParse(value.date).data : undefined;
  if (day !== undefined && day > latestDay()) {
    const what = `: it must not be in the future, got ${JSON.stringify(day)}`;
    mistakes.push({ path: ['date'], ofKey: false, what });
  }
  return mistakes;
}

/** The day that it is now where days begin first. */
function latestDay(): string {
  const aheadMs = 14 * 3_600_000;
  return new Date(Date.parse(timestamp()) + aheadMs).toISOString().slice(0, 10);
}
