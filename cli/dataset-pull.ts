import { resolve } from 'node:path';
import type { Command } from 'commander';
import { pulledFolders, writableFolder } from '../core/download/folders.js';
import { bytesOf, type PublicDataset } from '../core/download/public-dataset.js';
import { type PullOptions, pull } from '../core/download/pull.js';
import { findPulled } from '../core/download/pulled.js';
import { BenchError } from '../core/errors.js';
import { suggestion } from '../core/nearest.js';
import { formatBytes, formatNumber } from '../core/units.js';
import { callerFolder } from './caller.js';
import { type Confirm, terminalConfirm } from './confirm.js';
import { type Terminal, terminalProgress } from './progress.js';
import { type Signals, withSignals } from './signals.js';
import { formatTable } from './table.js';

/** What the command works with; tests replace it. */
export interface PullSurroundings {
  /** The public datasets that can be pulled. */
  catalogue(): Promise<readonly PublicDataset[]>;
  /** Where the answer goes. */
  write(text: string): unknown;
  /** Where progress goes. */
  readonly terminal: Terminal;
  /** Asks the person; undefined where nobody can be asked. */
  readonly confirm: Confirm | undefined;
  /** Where Ctrl-C is heard. */
  readonly signals: Signals;
  /** How files are fetched, where not as usual. */
  readonly fetching: Pick<PullOptions, 'transport' | 'limits' | 'freeBytes' | 'wait'>;
}

interface Options {
  readonly to?: string;
  readonly yes?: boolean;
}

const examples = `
Examples:
  $ bench dataset pull
  $ bench dataset pull fashion-mnist-784-euclidean --yes
  $ bench dataset pull sift-128-euclidean --to /data/sift`;

/** Adds `bench dataset pull`: brings a public dataset here, or lists those that there are. */
export function datasetPullCommand(
  dataset: Command,
  surroundings: Partial<PullSurroundings> = {},
): void {
  const around = { ...usualSurroundings(), ...surroundings };
  dataset
    .command('pull')
    .description('bring a public dataset here; without a name, list those that there are')
    .argument('[name]', 'a name of that list')
    .option('--to <folder>', 'where its files go; the usual place is told before')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples)
    .action(async (name: string | undefined, options: Options) => {
      if (name === undefined) around.write(await formatCatalogue(around));
      else await pullNamed(name, options, around);
    });
}

function usualSurroundings(): PullSurroundings {
  return {
    catalogue: loadCatalogue,
    write: (text) => process.stdout.write(text),
    terminal: process.stderr,
    confirm: terminalConfirm(),
    signals: process,
    fetching: {},
  };
}

/** By its address, as the registry finds entries: `cli` knows no dataset. */
async function loadCatalogue(): Promise<readonly PublicDataset[]> {
  const url = new URL('../datasets/catalogue/catalogue.js', import.meta.url);
  const module = (await import(url.href)) as { default: readonly PublicDataset[] };
  return module.default;
}

async function formatCatalogue({ catalogue }: PullSurroundings): Promise<string> {
  const columns = [
    { title: 'name' },
    { title: 'rows', right: true },
    { title: 'dimensions', right: true },
    { title: 'size', right: true },
    { title: 'here' },
    { title: 'licence' },
  ];
  const rows = await Promise.all(
    (await catalogue()).map(async (dataset) => [
      dataset.name,
      formatNumber(dataset.rows),
      String(dataset.dimensions),
      sizeOf(dataset),
      (await findPulled(dataset)) === undefined ? 'no' : 'yes',
      dataset.licence,
    ]),
  );
  return formatTable(columns, rows);
}

function sizeOf(dataset: PublicDataset): string {
  const bytes = bytesOf(dataset);
  return bytes === undefined ? 'not published' : formatBytes(bytes);
}

async function pullNamed(name: string, options: Options, around: PullSurroundings): Promise<void> {
  const dataset = await datasetOf(name, around);
  const folder = await folderFor(dataset, options);
  around.terminal.write(describe(dataset, folder));
  if (options.yes !== true && !(await isAgreed(around))) return;
  const progress = terminalProgress(around.terminal);
  const pulled = await withSignals(
    (signal) => pull(dataset, { ...around.fetching, folder, progress, signal }),
    { signals: around.signals, stopped: () => undefined },
  );
  const lines = pulled.files.map((file) => `${file.path}  ${file.bytes} bytes  ${file.sha256}`);
  around.write(`${lines.join('\n')}\n`);
}

/** @throws BenchError UNKNOWN_NAME with the nearest name */
async function datasetOf(name: string, { catalogue }: PullSurroundings): Promise<PublicDataset> {
  const all = await catalogue();
  const dataset = all.find((each) => each.name === name);
  if (dataset !== undefined) return dataset;
  const near = suggestion(
    name,
    all.map((each) => each.name),
  );
  throw new BenchError('UNKNOWN_NAME', `there is no public dataset ${name}; ${near}`, {
    hint: 'bench dataset pull lists those that there are',
  });
}

/** Where it is already, else the first place that can be written. */
async function folderFor(dataset: PublicDataset, { to }: Options): Promise<string> {
  if (to !== undefined) return resolve(callerFolder(), to);
  const pulled = await findPulled(dataset);
  return pulled?.folder ?? writableFolder(pulledFolders(dataset.name));
}

function describe(dataset: PublicDataset, folder: string): string {
  const { name, title, rows, dimensions, licence, citation, source, files } = dataset;
  const lines = [
    `${name}: ${title}`,
    `  ${formatNumber(rows)} x ${dimensions}, ${formatNumber(dataset.queries)} queries`,
    `  size     ${sizeOf(dataset)}`,
    `  licence  ${licence}`,
    `  source   ${source}`,
    `  cite     ${citation}`,
    ...files.map(({ address }) => `  from     ${address}`),
    `  to       ${folder}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** @throws BenchError BAD_ARGUMENT when nobody can be asked */
async function isAgreed({ confirm, terminal }: PullSurroundings): Promise<boolean> {
  if (confirm === undefined) {
    throw new BenchError('BAD_ARGUMENT', 'bench dataset pull needs --yes where nobody can answer', {
      hint: 'read the licence above, then add --yes',
    });
  }
  if (await confirm('pull it?')) return true;
  terminal.write('nothing was pulled\n');
  return false;
}
