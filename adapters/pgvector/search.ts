import { createHash } from 'node:crypto';
import type { SearchRequest } from '../../core/adapter.js';
import { encodeVector } from '../pglite/binary.js';
import { searchRows, settingsOf } from '../pglite/sql.js';
import { quotedField } from './columns.js';
import { conditionOf } from './filter.js';
import type { PgSearch } from './session.js';
import { requireScan, type SearchedTable } from './table.js';

/**
 * A request as a statement with its values: the vector in binary form, those of a filter as texts.
 *
 * @throws BenchError TOO_OLD for what this pgvector does not know; UNSUPPORTED for a value that
 * halfvec cannot hold
 */
export function encodeSearch(searched: SearchedTable, request: SearchRequest): PgSearch {
  requireScan(searched, request);
  const { table, fields } = searched;
  const { k, params, filter, payload } = request;
  const condition = filter === undefined ? undefined : conditionOf(filter, fields, 2);
  const text = searchRows(table, {
    ...{ k, params },
    ...(condition !== undefined && { where: condition.sql }),
    ...(payload !== undefined && { columns: payload.map(quotedField) }),
  });
  const settings = settingsOf(table, params).join('; ');
  return {
    name: statementName(`${settings};${text}`),
    text,
    values: [encodeVector(request.vector, table.type), ...(condition?.values ?? [])],
    settings,
    k,
    columns: payload,
  };
}

const names = new Map<string, string>();

/** A statement is planned for what the session was set to, so its name stands for both. */
function statementName(key: string): string {
  const known = names.get(key);
  if (known !== undefined) return known;
  const name = `bench_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
  names.set(key, name);
  return name;
}
