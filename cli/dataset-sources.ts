import type { DatasetEntry } from '../core/dataset.js';
import { BenchError } from '../core/errors.js';
import { loadDataset } from './registry.js';

/**
 * A dataset by its name, or by its name with parameters: `clustered:rows=1000,spread=0.1`. What has
 * no value, or several, is left to the entry to refuse, with all other mistakes.
 *
 * @throws BenchError UNKNOWN_NAME with the nearest name; BAD_ARGUMENT for wrong parameters
 */
export async function loadDatasetEntry(name: string): Promise<DatasetEntry> {
  const [own = '', ...rest] = name.split(':');
  const entry = await loadDataset(own);
  if (rest.length === 0) return entry;
  if (entry.parametrised === undefined) {
    throw new BenchError('BAD_ARGUMENT', `dataset ${own} has no parameters, got ${name}`, {
      hint: `leave out what follows the name: ${own}`,
    });
  }
  const given: Record<string, string> = {};
  for (const part of rest.join(':').split(',')) {
    const [key = '', ...value] = part.split('=').map((word) => word.trim());
    const text = value.join('=');
    given[key] = key in given ? `${given[key]} and ${text}` : text;
  }
  return entry.parametrised(given);
}
