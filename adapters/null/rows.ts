import type { VectorOperations } from '../../core/adapter.js';

/** Counts rows in place of storing them. */
export class RowCount {
  /** Rows that `create` was told of. */
  announced = 0;
  /** Rows that came. */
  stored = 0;

  /** The operations of a build that need no more than a count. */
  operations(): Pick<VectorOperations, 'prepareUpsert' | 'upsert' | 'finish' | 'count'> {
    return {
      prepareUpsert: (batch) => batch.ids.length,
      upsert: async (rows) => {
        this.stored += rows as number;
      },
      finish: async () => [],
      count: async () => this.stored,
    };
  }
}
