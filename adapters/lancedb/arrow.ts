import type { VectorBatch } from '../../core/adapter.js';
import type { VectorValues } from '../../core/vectors.js';

/** The part of apache-arrow that is used here. */
export interface Arrow {
  readonly Field: new (name: string, type: object, nullable: boolean) => object;
  readonly FixedSizeList: new (size: number, field: object) => object;
  readonly Float16: new () => object;
  readonly Float32: new () => object;
  readonly Int32: new () => object;
  readonly Schema: new (fields: readonly object[]) => object;
  readonly Struct: new (fields: readonly object[]) => object;
  readonly RecordBatch: new (schema: object, data: object) => object;
  readonly Table: new (schema: object, batches: readonly object[]) => object;
  makeData(parts: DataParts): object;
}

interface DataParts {
  readonly type: object;
  readonly length?: number;
  readonly nullCount?: number;
  readonly data?: VectorValues | Int32Array;
  readonly child?: object;
  readonly children?: readonly object[];
}

/** How the vectors of a table are stored. */
export interface VectorColumn {
  readonly dimensions: number;
  readonly elements: 'f16' | 'f32';
}

/** A schema of `id` (int32) and `vector` (a list of one length), neither ever null. */
export function schemaOf(arrow: Arrow, column: VectorColumn): object {
  return new arrow.Schema(fieldsOf(arrow, column));
}

function fieldsOf(arrow: Arrow, column: VectorColumn): object[] {
  return [
    new arrow.Field('id', new arrow.Int32(), false),
    new arrow.Field('vector', listOf(arrow, column), false),
  ];
}

function listOf(arrow: Arrow, column: VectorColumn): object {
  const item = new arrow.Field('item', componentOf(arrow, column), true);
  return new arrow.FixedSizeList(column.dimensions, item);
}

function componentOf(arrow: Arrow, { elements }: VectorColumn): object {
  return elements === 'f16' ? new arrow.Float16() : new arrow.Float32();
}

/** Rows as a table of that schema, over the memory that they lie in. */
export function tableOf(arrow: Arrow, { ids, vectors }: VectorBatch, column: VectorColumn): object {
  const schema = schemaOf(arrow, column);
  const values = { type: componentOf(arrow, column), data: vectors };
  const list = { type: listOf(arrow, column), child: arrow.makeData(values) };
  const size = { length: ids.length, nullCount: 0 };
  const children = [
    arrow.makeData({ type: new arrow.Int32(), data: ids }),
    arrow.makeData({ ...list, ...size }),
  ];
  const type = new arrow.Struct(fieldsOf(arrow, column));
  const data = arrow.makeData({ type, ...size, children });
  return new arrow.Table(schema, [new arrow.RecordBatch(schema, data)]);
}
