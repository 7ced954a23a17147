import { type Content, html, type Markup } from './markup.js';

/** One column: its head, and what a row shows there. */
export interface Column<Row> {
  readonly head: string;
  /** Stands small beneath the head. */
  readonly unit?: string;
  readonly kind?: 'head' | 'number' | 'text';
  readonly cell: (row: Row) => Content;
  /** What a sort goes by; without it the text. */
  readonly sort?: (row: Row) => number | string | undefined;
}

/** Rows under a heading of their own. */
export interface RowGroup<Row> {
  readonly title?: Content;
  readonly rows: readonly Row[];
}

/** A table to be laid out. */
export interface TableSpec<Row> {
  readonly caption: Content;
  readonly columns: readonly Column<Row>[];
  readonly groups: readonly RowGroup<Row>[];
  /** `stack` turns rows into cards on a narrow screen; `sortable` lets the script sort. */
  readonly layout?: 'stack' | 'sortable';
  readonly rowClass?: (row: Row) => string;
}

/** A table with caption and scopes, in a box that scrolls sideways when it must. */
export function table<Row>(spec: TableSpec<Row>): Markup {
  const kind = spec.layout ?? 'plain';
  return html`<div class="scroll" tabindex="0" role="group"><table class="${kind}" role="table">
<caption><span>${spec.caption}</span></caption>
<thead role="rowgroup"><tr role="row">${spec.columns.map(headCell)}</tr></thead>
${spec.groups.map((group) => body(spec, group))}
</table></div>`;
}

function headCell<Row>(column: Column<Row>): Markup {
  const unit = column.unit === undefined ? undefined : html`<small>${column.unit}</small>`;
  const kind = column.kind ?? 'text';
  return html`<th scope="col" role="columnheader" class="${kind}">${column.head}${unit}</th>`;
}

function body<Row>(spec: TableSpec<Row>, group: RowGroup<Row>): Markup {
  const title =
    group.title === undefined
      ? undefined
      : html`<tr role="row" class="group"><th scope="rowgroup" role="rowheader"
 colspan="${spec.columns.length}">${group.title}</th></tr>`;
  const rows = group.rows.map((row) => {
    const name = spec.rowClass?.(row) ?? '';
    const cells = spec.columns.map((column) => bodyCell(column, row));
    return html`<tr role="row" class="${name}">${cells}</tr>\n`;
  });
  return html`<tbody role="rowgroup">${title}${rows}</tbody>`;
}

function bodyCell<Row>(column: Column<Row>, row: Row): Markup {
  const order = column.sort?.(row);
  const sort = order === undefined ? undefined : html` data-sort="${order}"`;
  const label = html` data-label="${column.head}${column.unit ? `, ${column.unit}` : ''}"`;
  if (column.kind === 'head') {
    return html`<th scope="row" role="rowheader"${label}${sort}>${column.cell(row)}</th>`;
  }
  const kind = column.kind ?? 'text';
  return html`<td role="cell" class="${kind}"${label}${sort}>${column.cell(row)}</td>`;
}
