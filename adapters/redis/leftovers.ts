import { BenchError } from '../../core/errors.js';
import type { Connections } from './connections.js';
import { listOf, textOf } from './replies.js';
import { isUnknownCommand } from './reply-error.js';
import { isUnknownIndex } from './search-module.js';

const ownPrefix = 'bench_';
const scanned = '1000';

/** Keys that match a pattern, each once. */
async function keysLike(connections: Connections, pattern: string): Promise<string[]> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const args = [cursor, 'MATCH', pattern, 'COUNT', scanned];
    const [next, keys] = listOf(await connections.call('SCAN', args));
    for (const key of listOf(keys)) found.add(textOf(key));
    cursor = textOf(next);
  } while (cursor !== '0' && cursor !== '');
  return [...found];
}

/** Names of what runs left: vector sets, and indexes with the rows whose keys begin with them. */
export async function leftoverNames(connections: Connections): Promise<string[]> {
  const keys = await keysLike(connections, `${ownPrefix}*`);
  const names = new Set(keys.map((key) => key.replace(/:.*$/s, '')));
  for (const name of await indexNames(connections)) {
    if (name.startsWith(ownPrefix)) names.add(name);
  }
  return [...names].sort();
}

async function indexNames(connections: Connections): Promise<string[]> {
  try {
    return listOf(await connections.call('FT._LIST', [])).map(textOf);
  } catch (thrown) {
    if (isUnknownCommand(thrown)) return [];
    throw thrown;
  }
}

/** Removes what {@link leftoverNames} named; other names are refused. */
export async function removeLeftover(connections: Connections, name: string): Promise<void> {
  if (!name.startsWith(ownPrefix)) {
    throw new BenchError('BAD_ARGUMENT', `redis: ${name} does not begin with ${ownPrefix}`);
  }
  try {
    await connections.call('FT.DROPINDEX', [name, 'DD']);
  } catch (thrown) {
    if (!isUnknownCommand(thrown) && !isUnknownIndex(thrown)) throw thrown;
  }
  const pattern = `${name.replaceAll(/[\\*?[\]]/g, '\\$&')}:*`;
  const keys = [name, ...(await keysLike(connections, pattern))];
  for (let from = 0; from < keys.length; from += 1000) {
    await connections.call('UNLINK', keys.slice(from, from + 1000));
  }
}
