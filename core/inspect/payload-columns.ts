import { columnRows, type Payload, type PayloadType, payloadValue } from '../payload.js';

/** What is told of a column of the payload. */
export interface ColumnFigures {
  readonly name: string;
  readonly type: PayloadType;
  /** Rows that have a value. */
  readonly values: number;
  /** Of a category: how many there are. */
  readonly categories?: number;
}

/** The columns of a payload in their order. */
export function describePayload(payload: Payload): ColumnFigures[] {
  return Object.entries(payload).map(([name, column]) => {
    let values = 0;
    for (let row = 0; row < columnRows(column); row++) {
      if (payloadValue(column, row) !== undefined) values += 1;
    }
    const { type } = column;
    if (type !== 'category') return { name, type, values };
    return { name, type, values, categories: column.categories.length };
  });
}
