import type { Command } from 'commander';
import type { ConnectContext, Store } from '../core/adapter.js';
import { BenchError, messageOf } from '../core/errors.js';
import type { Target } from '../core/plan.js';
import { openStore, sourceOf } from '../core/run/open-store.js';
import { type Mask, maskError } from '../core/secrets.js';
import { within } from '../core/time-limit.js';
import { nsPerS } from '../core/units.js';
import { callerFolder } from './caller.js';
import { type Confirm, terminalConfirm } from './confirm.js';
import { loadTargets } from './own-targets.js';
import { addYesRemote, type RemoteOptions, type RemoteSurroundings } from './remote-guard.js';
import { describeElsewhere } from './request-text.js';
import { type Signals, withSignals } from './signals.js';
import { formatTable } from './table.js';
import { findElsewhere } from './target-addresses.js';
import { targetFromFolder } from './target-name.js';

/** What the command works with; tests replace it. */
export interface CleanSurroundings extends RemoteSurroundings {
  /** Where the answer goes. */
  write(text: string): unknown;
  /** Where it says what does not work. */
  say(text: string): unknown;
  /** Asks the person; undefined where nobody can be asked. */
  readonly confirm: Confirm | undefined;
  /** Where Ctrl-C is heard. */
  readonly signals: Signals;
}

interface Options extends Pick<RemoteOptions, 'yesRemote'> {
  readonly targets?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const examples = `
Examples:
  $ bench clean qdrant --dry-run
  $ bench clean qdrant=http://127.0.0.1:6333
  $ bench clean mine --targets targets.yaml --yes`;

/** `bench clean`: lists what earlier runs left in a store, and removes it after a question. */
export function cleanCommand(
  program: Command,
  surroundings: Partial<CleanSurroundings> = {},
): void {
  const around: CleanSurroundings = {
    write: (text) => process.stdout.write(text),
    say: (text) => process.stderr.write(text),
    confirm: terminalConfirm(),
    signals: process,
    ...surroundings,
  };
  const command = program
    .command('clean')
    .description('remove what earlier runs left in a store, after a question')
    .argument('<target>', 'as --target of bench run: a name, NAME=ADDRESS, or a file')
    .option('--targets <file>', 'targets with settings, by name')
    .option('--dry-run', 'list what is there, and stop')
    .option('--yes', 'do not ask');
  addYesRemote(command)
    .addHelpText('after', examples)
    .action(async (given: string, options: Options) => {
      const name = targetFromFolder(callerFolder(), given);
      const { targets, mask } = await loadTargets([name], options.targets);
      const task: Task = { target: targets[0] as Target, mask, options, around };
      try {
        await clean(task);
      } catch (error) {
        throw maskError(error, mask);
      }
    });
}

interface Task {
  readonly target: Target;
  readonly mask: Mask;
  readonly options: Options;
  readonly around: CleanSurroundings;
}

async function clean(task: Task): Promise<void> {
  const { target, around } = task;
  if (target.adapter.kind === 'embedded') {
    around.write(`${target.name} is an embedded engine: nothing of it outlives its run\n`);
    return;
  }
  await requireNear(task);
  await withSignals((signal) => cleanStore(task, signal), {
    signals: around.signals,
    stopped: () => new BenchError('INTERRUPTED', `cleaning ${target.name} was stopped`),
  });
}

/** @throws BenchError BAD_ARGUMENT for a target elsewhere that the person does not say so of */
async function requireNear({ target, mask, options, around }: Task): Promise<void> {
  if (options.yesRemote === true) return;
  const [found] = await findElsewhere([target], { mask, ...around });
  if (found === undefined) return;
  const message = `${describeElsewhere(found)} is outside of loopback and private networks`;
  throw new BenchError('BAD_ARGUMENT', `${message}: nothing is sent there without --yes-remote`, {
    hint: 'add --yes-remote: one request lists what is there, and a few remove each of it',
  });
}

const timeoutNs = 10 * nsPerS;

async function cleanStore(task: Task, signal: AbortSignal): Promise<void> {
  const store = await open(task, signal);
  try {
    const cleaning = cleaningOf(task, store);
    const names = await leftoversOf(task, cleaning);
    if (names.length === 0) task.around.write(`nothing was left in ${task.target.name}\n`);
    else await removeAgreed({ ...task, ...cleaning, names, signal });
  } finally {
    // What was removed is told, whatever becomes of the connection.
    await store.close().catch(() => undefined);
  }
}

async function open({ target, mask, around }: Task, signal: AbortSignal): Promise<Store> {
  const context: ConnectContext = {
    namespace: 'bench_clean',
    connections: 1,
    timeoutNs,
    signal,
    log: (line) => around.say(`${mask(line)}\n`),
  };
  const opened = openStore(target.adapter, sourceOf(target), context);
  return asked(`connecting to ${target.name}`, opened);
}

/** What is asked of the store ends in time; what it cannot do is none of bench's mistakes. */
async function asked<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await within(timeoutNs, `${what}: no answer`, answer);
  } catch (cause) {
    if (cause instanceof BenchError) throw cause;
    throw new BenchError('STORE_FAILED', `${what}: ${messageOf(cause)}`, { cause });
  }
}

type Cleaning = Required<Pick<Store, 'leftovers' | 'removeLeftover'>>;

/** @throws BenchError UNSUPPORTED when the adapter cannot tell */
function cleaningOf({ target }: Task, { leftovers, removeLeftover }: Store): Cleaning {
  if (leftovers !== undefined && removeLeftover !== undefined) return { leftovers, removeLeftover };
  const message = `the adapter of ${target.name} cannot tell what runs left in it`;
  throw new BenchError('UNSUPPORTED', message, {
    hint: 'look with a client of the store for what begins with bench_',
  });
}

/** Whatever an adapter gives: what does not carry the name of bench is none of its leftovers. */
async function leftoversOf({ target }: Task, { leftovers }: Cleaning): Promise<string[]> {
  const names = await asked(`looking what is left in ${target.name}`, leftovers());
  return names.filter((name) => /^bench_/i.test(name)).sort();
}

interface Removal extends Task, Cleaning {
  readonly names: readonly string[];
  readonly signal: AbortSignal;
}

async function removeAgreed(removal: Removal): Promise<void> {
  const { target, names, options, around } = removal;
  const rows = names.map((name) => [shown(name), shown(namespaceOf(name))]);
  around.write(formatTable([{ title: 'left' }, { title: 'by' }], rows));
  if (options.dryRun === true) return;
  if (!(await isAgreed(removal))) return;
  const stayed = await remove(removal);
  if (stayed.length === 0) return;
  const message = `${stayed.length} of ${names.length} stayed in ${target.name}`;
  throw new BenchError('STORE_FAILED', `${message}: ${stayed.map(shown).join(', ')}`, {
    hint: 'the lines above say why; bench clean may be called again',
  });
}

/** @throws BenchError BAD_ARGUMENT when nobody can be asked */
async function isAgreed({ target, names, options, around }: Removal): Promise<boolean> {
  if (options.yes === true) return true;
  const what = names.length === 1 ? 'this' : `these ${names.length}`;
  if (around.confirm === undefined) {
    const message = `bench clean would remove ${what} from ${target.name}, and nobody can be asked`;
    throw new BenchError('BAD_ARGUMENT', message, {
      hint: 'add --yes; a run that is going on would lose its data',
    });
  }
  const question = `remove ${what} from ${target.name}? a run that is going on loses its data`;
  if (await around.confirm(question)) return true;
  around.say('nothing was removed\n');
  return false;
}

/** Removes one after the other, and gives those that could not be. */
async function remove(removal: Removal): Promise<string[]> {
  const { names, mask, around, signal, removeLeftover } = removal;
  const stayed: string[] = [];
  for (const name of names) {
    signal.throwIfAborted();
    try {
      await within(timeoutNs, 'no answer', removeLeftover(name));
      around.write(`removed ${shown(name)}\n`);
    } catch (error) {
      stayed.push(name);
      around.say(`${shown(name)} stays: ${mask(messageOf(error))}\n`);
    }
  }
  return stayed;
}

/** The run that made it: what adapters put before the name of a build. */
function namespaceOf(name: string): string {
  return /^(bench_.+?_[0-9a-f]{4})_b\d\d/i.exec(name)?.[1] ?? '';
}

/** Names are another's text: they must not steer the terminal. */
function shown(name: string): string {
  return name.replaceAll(/\p{Cc}/gu, '?');
}
