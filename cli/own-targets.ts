import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { Adapter } from '../core/adapter.js';
import { BenchError } from '../core/errors.js';
import { attachSchema } from '../core/plan/attached.js';
import type { Target } from '../core/plan.js';
import { watchSchema } from '../core/resources/watch-spec.js';
import { type Mask, maskOf, noMask } from '../core/secrets.js';
import { adapterUnder } from '../core/variant.js';
import { fillTexts } from './environment-text.js';
import { type Mistake, mistakesOfIssues } from './mistakes.js';
import type { NamedAdapter } from './own-adapter.js';
import {
  findOwnFile,
  fromFolder,
  isGoodName,
  isOwnFile,
  nameRule,
  type OwnFile,
} from './own-file.js';
import { contentMistakes, readOwnText, refuseMistakes, type TextKind } from './own-text.js';
import { loadAdapter, loadTarget, namesOf, unknownName } from './registry.js';
import { parseTargetName } from './target-name.js';

const targetSchema = z.strictObject({
  adapter: z
    .string()
    .min(1)
    .describe('one of bench list targets, or the path of an adapter, from the folder of this file'),
  options: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('settings of the adapter: where the store is, and how it is reached'),
  inProcess: z.boolean().optional().describe('without an engine host, where the adapter allows it'),
  watch: watchSchema.optional(),
  attach: attachSchema.optional(),
});

/** What a file of targets may hold. */
export const targetsFileSchema = z.strictObject({
  $schema: z.string().optional().describe('the JSON Schema of this file, for editors; not read'),
  targets: z
    .record(z.string().refine(isGoodName, `a name has ${nameRule}`), targetSchema)
    .refine((targets) => Object.keys(targets).length > 0, 'it must name a target')
    .describe('by the names that --target, suites and results give them'),
});

const kind: TextKind = {
  what: 'targets',
  code: 'BAD_TARGET',
  endings: ['.yaml', '.yml', '.json'],
  isNamed: false,
  schema: targetsFileSchema,
  hint: 'correct the file; bench schema targets prints what it may hold',
};

/** The targets of a run. */
export interface LoadedTargets {
  /** In the order in which they were named. */
  readonly targets: readonly Target[];
  /** Hides what came from the environment. */
  readonly mask: Mask;
  /** Where the file is; absent where there is none. */
  readonly file?: string;
}

/**
 * The targets that a run names: those of a file of targets first, else an adapter's default target,
 * or an adapter of one's own by its path.
 *
 * @param given the path of the file, from the caller's folder; undefined without one
 * @throws BenchError BAD_TARGET with all mistakes of the file at once, each with line and column;
 *   UNKNOWN_NAME with the nearest name; BAD_ARGUMENT when no name is one of the file's
 */
export async function loadTargets(
  names: readonly string[],
  given: string | undefined,
): Promise<LoadedTargets> {
  if (given === undefined) {
    return { targets: await Promise.all(names.map((name) => loadTarget(name))), mask: noMask };
  }
  const file = findOwnFile(given, kind);
  const { targets: own, known, mask } = await readTargets(file, names);
  for (const name of names) checkName(name, known);
  if (own.size === 0) throw noneUsed(file, known);
  const targets = await Promise.all(names.map((name) => own.get(name) ?? loadTarget(name)));
  return { targets, mask, file: file.path };
}

function checkName(name: string, own: readonly string[]): void {
  const known = [...own, ...namesOf('adapters')];
  const { base } = parseTargetName(name);
  if (!isOwnFile(base) && !known.includes(base)) throw unknownName('adapters', base, known);
}

function noneUsed({ shown }: OwnFile, known: readonly string[]): BenchError {
  const message = `--targets ${shown}: the run names no target of it`;
  return new BenchError('BAD_ARGUMENT', message, {
    hint: `name one with --target: ${known.join(', ')}`,
  });
}

/** What a file of targets holds. */
interface OwnTargets {
  /** Those that are used. */
  readonly targets: ReadonlyMap<string, Target>;
  /** The names of all. */
  readonly known: readonly string[];
  readonly mask: Mask;
}

/** Of targets that are not used only the form is checked, and no variable is missed. */
async function readTargets(file: OwnFile, used: readonly string[]): Promise<OwnTargets> {
  const read = await readOwnText(file, kind);
  const raw = read.content?.value;
  const filled = fillTexts(raw, process.env);
  const isUsed = ({ path }: Mistake): boolean =>
    path[0] !== 'targets' || used.includes(String(path[1]));
  const mistakes = read.content === undefined ? [] : contentMistakes(kind, filled.value, raw);
  // What is wrong with a text that was not filled is that it was not.
  const wrong = [
    ...mistakes.filter((one) => !filled.mistakes.some((missing) => isSamePlace(one, missing))),
    ...filled.mistakes.filter(isUsed),
  ];
  const mask = maskOf(filled.secrets);
  const entries = read.content === undefined ? [] : entriesOf(filled.value, raw);
  const isSound = (name: string): boolean => !wrong.some(({ path }) => isWithin(path, name));
  const sound = entries.filter(({ name }) => used.includes(name) && isSound(name));
  const made = await Promise.all(sound.map((entry) => makeTarget(entry, { file, mask })));
  const found = made.flatMap((one) => ('mistakes' in one ? one.mistakes : []));
  refuseMistakes({ file, kind, read }, [...wrong, ...found]);
  const targets = made.flatMap((one) => ('target' in one ? [one.target] : []));
  return {
    targets: new Map(targets.map((target) => [target.name, target])),
    known: entries.map(({ name }) => name),
    mask,
  };
}

/** Whether what is wrong at a place leaves open what a target is. */
function isWithin([first, second]: Mistake['path'], name: string): boolean {
  if (first === undefined) return true;
  return first === 'targets' && (second === undefined || second === name);
}

function isSamePlace(one: Mistake, other: Mistake): boolean {
  return JSON.stringify(one.path) === JSON.stringify(other.path);
}

/** One target as the file has it. */
interface Entry {
  readonly name: string;
  readonly filled: z.infer<typeof targetSchema>;
  /** With its variables by name, for messages. */
  readonly raw: Readonly<Record<string, unknown>>;
}

function entriesOf(filled: unknown, raw: unknown): Entry[] {
  const parsed = z.looseObject({ targets: z.record(z.string(), z.unknown()) }).safeParse(filled);
  if (!parsed.success) return [];
  const written = (raw as { targets: Record<string, Entry['raw']> }).targets;
  return Object.entries(parsed.data.targets).map(([name, entry]) => {
    return { name, filled: entry as Entry['filled'], raw: written[name] ?? {} };
  });
}

interface Making {
  readonly file: OwnFile;
  readonly mask: Mask;
}

type Made = { readonly target: Target } | { readonly mistakes: readonly Mistake[] };

async function makeTarget(entry: Entry, { file, mask }: Making): Promise<Made> {
  const { name, filled } = entry;
  const at = (...path: readonly PropertyKey[]) => ['targets', name, ...path];
  const folder = dirname(file.path);
  let loaded: NamedAdapter;
  try {
    loaded = await loadAdapter(fromFolder(folder, filled.adapter));
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const lines = mask(error.message).split('\n');
    const mistakes = lines.map((line) => {
      return { path: at('adapter'), ofKey: false, what: `: ${line}` };
    });
    return { mistakes };
  }
  const { adapter: plain, adapterUrl } = loaded;
  const checked = await checkOptions(plain, entry, mask);
  const adapter = adapterUnder(plain, checked.value);
  const mistakes = [
    ...checked.mistakes.map((one) => ({ ...one, path: at('options', ...one.path) })),
    ...placeMistakes(filled, adapter).map((one) => ({ ...one, path: at(...one.path) })),
  ];
  if (mistakes.length > 0) return { mistakes };
  const { inProcess, watch, attach } = filled;
  const target: Target = {
    name,
    adapterName: loaded.name,
    adapter,
    adapterUrl,
    options: checked.value,
    ...(inProcess !== undefined && { inProcess }),
    ...(watch !== undefined && { watch: watchFrom(folder, watch) }),
    ...(attach !== undefined && { attach }),
  };
  return { target };
}

function watchFrom(folder: string, watch: NonNullable<Target['watch']>): typeof watch {
  const { dataFolder } = watch;
  return dataFolder === undefined ? watch : { ...watch, dataFolder: resolve(folder, dataFolder) };
}

function placeMistakes({ inProcess, attach }: Entry['filled'], adapter: Adapter): Mistake[] {
  const mistake = (path: string[], what: string): Mistake => ({ path, ofKey: false, what });
  const { abilities = [], indexes = [] } = adapter;
  const families = indexes.map(({ family }) => family);
  const strange = attach !== undefined && !families.includes(attach.family);
  return [
    ...(inProcess === true && adapter.inProcess !== true
      ? [mistake(['inProcess'], ': the adapter cannot work in this process')]
      : []),
    ...(attach !== undefined && !abilities.includes('attach')
      ? [mistake(['attach'], ': the adapter has no collections of others')]
      : strange
        ? [mistake(['attach', 'family'], ` must be one of ${families.join(', ')}`)]
        : []),
  ];
}

/** What the adapter makes of the options, or what is wrong with them. */
async function checkOptions(
  { options: schema }: Adapter,
  { filled, raw }: Entry,
  mask: Mask,
): Promise<{ readonly value?: unknown; readonly mistakes: readonly Mistake[] }> {
  const { options = {} } = filled;
  const checked = await schema['~standard'].validate(options);
  if (checked.issues === undefined) return { value: checked.value, mistakes: [] };
  if (schema instanceof z.ZodType) {
    const issues = checked.issues as readonly z.core.$ZodIssue[];
    const mistakes = mistakesOfIssues(issues, schema, raw.options ?? {});
    return { mistakes: mistakes.map(maskWhat(mask)) };
  }
  const mistakes = checked.issues.map(({ message, path = [] }): Mistake => {
    const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
    return { path: keys, ofKey: false, what: `: ${message}` };
  });
  return { mistakes: mistakes.map(maskWhat(mask)) };
}

/** Own rules of an adapter may tell a value. */
function maskWhat(mask: Mask): (mistake: Mistake) => Mistake {
  return (mistake) => ({ ...mistake, what: mask(mistake.what) });
}
