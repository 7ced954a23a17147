import { z } from 'zod';

const path = z.string().min(1).describe('relative paths are those of the folder of this file');
const count = z.number().int().min(1);
const vectorColumn = z.string().min(1).optional().describe('of Parquet files; emb if not given');

/** The name and version of the description of a person's own dataset. */
export const datasetSchemaName = 'bench.dataset/1';

/** The file that describes a dataset, in a folder of its name. */
export const descriptionFile = 'dataset.json';

/** Where the vectors of a dataset lie. */
const sources = z.discriminatedUnion('layout', [
  z.strictObject({
    layout: z.literal('files'),
    base: path,
    queries: path.optional(),
    neighbours: path.optional(),
    vectorColumn,
  }),
  z.strictObject({ layout: z.literal('hdf5'), file: path }),
  z.strictObject({ layout: z.literal('parquet'), folder: path, vectorColumn }),
  z.strictObject({
    layout: z.literal('beir'),
    folder: path.describe('corpus.jsonl, queries.jsonl, and qrels/<split>.tsv or qrels.tsv'),
    base: path.describe('a vector a document'),
    queries: path.describe('a vector a query, or a judged query'),
    split: z.string().regex(/^[\w-]+$/),
  }),
]);

/** A file as it was when it was imported. */
const sourceFile = z.strictObject({
  path,
  bytes: z.number().int().min(0),
  modifiedMs: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A person's own dataset: `dataset.json` in a folder of its name. */
export const descriptionSchema = z.strictObject({
  schema: z.literal(datasetSchemaName),
  title: z.string(),
  metric: z.enum(['l2', 'ip', 'cosine']),
  type: z.enum(['f32', 'f16', 'u8', 'i8']),
  rows: count,
  dimensions: count,
  queries: count,
  licence: z.string(),
  source: z.string(),
  vectors: sources,
  heldOut: z
    .strictObject({ count, seed: z.number().int().min(0) })
    .optional()
    .describe('rows of the base that are taken out to serve as queries'),
  payload: path.optional(),
  payloadTypes: z
    .record(z.string().min(1), z.enum(['boolean', 'integer', 'float', 'category', 'text']))
    .optional()
    .describe('the columns that are read; all, of types that their values have, if not given'),
  files: z.array(sourceFile).min(1),
});

/** A person's own dataset, described. */
export type Description = z.infer<typeof descriptionSchema>;
/** Where the vectors of a dataset lie. */
export type VectorSource = Description['vectors'];
/** A file as it was when it was imported. */
export type SourceFile = z.infer<typeof sourceFile>;

/** Whether a dataset may be called so: small letters, digits, single hyphens; at most 64. */
export function isDatasetName(name: string): boolean {
  return name.length <= 64 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name);
}
