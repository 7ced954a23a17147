const batchBytes = 8 * 1024 * 1024;

/** How many rows go into a store at once: what 8 MiB hold as float32. */
export function batchRows(table: { readonly rows: number; readonly dimensions: number }): number {
  const rows = Math.max(1, Math.floor(batchBytes / (table.dimensions * 4)));
  return Math.min(rows, table.rows);
}
