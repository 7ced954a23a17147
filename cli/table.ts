/** One column: its heading and whether its cells are numbers. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/**
 * A table for a terminal: columns padded to their widest cell, a rule under the headings.
 *
 * @param rows as many cells as there are columns
 * @returns lines, each ending with a line feed
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.right === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const head = line(columns.map(({ title }) => title));
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return `${[head, rule, ...rows.map(line)].join('\n')}\n`;
}
