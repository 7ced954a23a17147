import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Metric } from '../core/adapter.js';
import type { PayloadType } from '../core/payload.js';
import { formatNumber } from '../core/units.js';
import { callerFolder } from './caller.js';
import { terminalProgress } from './progress.js';
import { datasetImporter, type Imported, namesOf } from './registry.js';

interface ImportOptions {
  readonly queries?: string;
  readonly vectors?: string;
  readonly neighbours?: string;
  readonly payload?: string;
  readonly fields?: Readonly<Record<string, PayloadType>>;
  readonly metric?: Metric;
  readonly holdOut?: number;
  readonly seed: number;
  readonly column?: string;
  readonly split?: string;
  readonly title?: string;
  readonly licence?: string;
  readonly source?: string;
  readonly replace?: boolean;
}

const examples = `
Files of vectors: .npy, .fvecs, .bvecs, .fbin, .f16bin, .u8bin, .i8bin, .idx (.gz), .parquet

Examples:
  $ bench dataset import my-vectors base.npy --queries queries.npy --metric cosine
  $ bench dataset import my-logs base.fbin --metric l2 --hold-out 500 --payload rows.csv
  $ bench dataset import my-sift sift-128-euclidean.hdf5
  $ bench dataset import my-texts beir/ --vectors corpus.npy --queries queries.npy --metric cosine`;

/** Adds `bench dataset import`: a dataset of a person's own files. */
export function datasetImportCommand(dataset: Command): void {
  dataset
    .command('import')
    .description('make a dataset of your own files, which stay where they are')
    .argument('<name>', 'what it is called from now on')
    .argument('<path>', 'a file of vectors, an HDF5 file, a folder of Parquet files or of BEIR')
    .option('--queries <file>', 'vectors to ask for; else some rows are held out')
    .option('--neighbours <file>', 'the nearest rows of each query, to be checked')
    .option('--payload <file>', 'what is known of the rows: .csv or .jsonl (.gz), a record a row')
    .option('--fields <list>', 'of the payload, as year:integer,title:text; all', fieldsOf)
    .addOption(
      new Option(
        '--metric <metric>',
        'how vectors are compared, where the files do not say',
      ).choices(['l2', 'ip', 'cosine']),
    )
    .option('--hold-out <n>', 'rows that become queries; a tenth, at most 1000', numberFrom(1))
    .option('--seed <n>', 'of the rows that are held out', numberFrom(0), 1)
    .option('--column <name>', 'of the vectors in Parquet files; emb')
    .option('--vectors <file>', 'of BEIR: a vector a document, in the order of the corpus')
    .option('--split <name>', 'of BEIR: the judgments, qrels/<name>.tsv; test')
    .option('--title <text>', 'what it is, for a person')
    .option('--licence <text>', 'of the data')
    .option('--source <text>', 'where the data come from')
    .option('--replace', 'in place of one of that name')
    .addHelpText('after', examples)
    .action(async (name: string, path: string, options: ImportOptions) => {
      process.stdout.write(await imported(name, path, options));
    });
}

const filesOf = ['queries', 'vectors', 'neighbours', 'payload'] as const;

async function imported(name: string, path: string, options: ImportOptions): Promise<string> {
  const at = (file: string): string => resolve(callerFolder(), file);
  const files = filesOf.flatMap((key) => {
    const file = options[key];
    return file === undefined ? [] : [[key, at(file)] as const];
  });
  const importDataset = await datasetImporter();
  const { fields, ...rest } = options;
  const found = await importDataset({
    ...rest,
    ...(fields !== undefined && { payloadTypes: fields }),
    ...Object.fromEntries(files),
    name,
    path: at(path),
    replace: options.replace === true,
    taken: namesOf('datasets'),
    progress: terminalProgress(process.stderr),
  });
  return describe(name, found);
}

function describe(name: string, imported: Imported): string {
  const { description, path, duplicateRows, columns, leftOut, warnings } = imported;
  const { rows, dimensions, type, metric, queries, heldOut } = description;
  const from = heldOut === undefined ? '' : `, held out of the rows with seed ${heldOut.seed}`;
  const payload = columns.map((column) => `${column.name} (${column.type})`);
  const lines = [
    `${name}: ${formatNumber(rows)} x ${dimensions} ${type}, ${metric}`,
    `${formatNumber(queries)} queries${from}`,
    duplicateRows > 0 && `${formatNumber(duplicateRows)} rows equal an earlier one`,
    payload.length > 0 && `payload: ${payload.join(', ')}`,
    leftOut.length > 0 && `columns that were left out: ${leftOut.join(', ')}`,
    ...warnings.map((warning) => `warning: ${warning}`),
    `described in ${path}`,
    `to run on it: bench run --suite hnsw --dataset ${name}`,
  ];
  return `${lines.filter((line) => line !== false).join('\n')}\n`;
}

const fieldTypes: readonly string[] = ['boolean', 'integer', 'float', 'category', 'text'];

function fieldsOf(text: string): Record<string, PayloadType> {
  const fields = new Map<string, PayloadType>();
  for (const field of text.split(',')) {
    // A name may have a colon in it.
    const [, name = '', type = ''] = /^ *(.+):(\w+) *$/.exec(field) ?? [];
    if (!fieldTypes.includes(type) || fields.has(name)) {
      const form = `name:type, each name once, the type one of ${fieldTypes.join(', ')}`;
      throw new InvalidArgumentError(`Each field must be ${form}; got ${field}.`);
    }
    fields.set(name, type as PayloadType);
  }
  return Object.fromEntries(fields);
}

function numberFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text !== '' && Number.isInteger(value) && value >= least && value < 2 ** 31) return value;
    throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
  };
}
