import { BenchError } from '../../core/errors.js';
import { encodeSearch } from './search.js';
import type { Session } from './session.js';
import type { SearchedTable } from './table.js';

/** A step of a plan, as `explain (format json)` has it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Order By'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** The index of vectors that a plan reads, which alone gives rows in an order of distances. */
function orderedIndex(node: PlanNode): string | undefined {
  if (node['Order By'] !== undefined) return node['Index Name'] ?? '';
  return node.Plans?.map(orderedIndex).find((name) => name !== undefined);
}

/**
 * What is to be warned of in how the server searches: that it leaves the index out, or takes one
 * that is not meant.
 *
 * @param session set as those that search
 */
export async function planWarnings(
  session: Session,
  searched: SearchedTable,
): Promise<readonly string[]> {
  const { family, dimensions } = searched.table;
  const vector = new Float32Array(dimensions).fill(1);
  const { text, values, settings } = encodeSearch(searched, { vector, k: 10, params: {} });
  if (settings !== '') await session.run(settings);
  const rows = await session.run<Record<string, string>>(
    `explain (format json) ${text.replaceAll(/\$1(?!\d)/g, `$1::${searched.table.type}`)}`,
    values,
  );
  const answer = Object.values(rows[0] ?? {})[0];
  if (answer === undefined) throw new BenchError('STORE_FAILED', 'pgvector: EXPLAIN gave no plan');
  const [explained] = (typeof answer === 'string' ? JSON.parse(answer) : answer) as [
    { readonly Plan: PlanNode },
  ];
  return mismatch(family.startsWith('flat'), explained.Plan);
}

function mismatch(isFlat: boolean, plan: PlanNode): string[] {
  const index = orderedIndex(plan);
  if (isFlat && index !== undefined) {
    return [`the planner takes the index ${index}, though the family flat means to compare all`];
  }
  if (isFlat || index !== undefined) return [];
  return ['the planner compares all rows and leaves the index out: see EXPLAIN, and forceIndex'];
}
