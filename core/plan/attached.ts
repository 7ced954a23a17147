import { z } from 'zod';

/** What a target says of a collection that a person made and that is only read. */
export const attachSchema = z
  .strictObject({
    collection: z.string().min(1).describe('its name in the store: a collection, a table, a key'),
    family: z.string().min(1).describe('the index family that it was made with, as hnsw'),
    vectorField: z.string().min(1).optional().describe('where the vectors are, if that has a name'),
    idField: z
      .string()
      .min(1)
      .optional()
      .describe('where the row numbers of the dataset are, if that has a name'),
    payload: z
      .array(z.string().min(1))
      .optional()
      .describe('the columns of the dataset that lie beside the vectors, under their names'),
  })
  .describe('a collection of your own in place of one that bench makes: it is only read');

/** What a target says of a collection that a person made and that is only read. */
export type Attached = z.infer<typeof attachSchema>;
