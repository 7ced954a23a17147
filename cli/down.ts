import type { Command } from 'commander';
import { BenchError } from '../core/errors.js';
import { composeWords, type Engine, findEngine, runEngine } from './compose-engine.js';
import { chooseServices, type Service } from './compose-file.js';
import { type Confirm, terminalConfirm } from './confirm.js';

/** What the command works with; tests replace it. */
export interface DownSurroundings {
  /** Where it says what it does. */
  say(text: string): unknown;
  /** Asks the person; undefined where nobody can be asked. */
  readonly confirm: Confirm | undefined;
}

interface Options {
  readonly volumes?: boolean;
  readonly yes?: boolean;
}

const examples = `
Examples:
  $ bench down
  $ bench down qdrant --volumes --yes`;

/** `bench down`: ends stores in containers; their data stay, where nothing else is asked. */
export function downCommand(program: Command, surroundings: Partial<DownSurroundings> = {}): void {
  const around: DownSurroundings = {
    say: (text) => process.stderr.write(text),
    confirm: terminalConfirm(),
    ...surroundings,
  };
  program
    .command('down')
    .description('end stores in containers; their data stay')
    .argument('[stores...]', 'services of docker-compose.bench.yml; all without it')
    .option('--volumes', 'remove their data too, after a question')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples)
    .action(async (names: string[], options: Options) => {
      const services = chooseServices(names);
      const engine = await findEngine();
      if (options.volumes === true && !(await isAgreed(services, options, around))) return;
      await end(engine, names, around);
      if (options.volumes === true) await removeVolumes(engine, services, around);
    });
}

async function end(
  engine: Engine,
  names: readonly string[],
  { say }: DownSurroundings,
): Promise<void> {
  const words = composeWords(engine, ['down', ...names]);
  say(`$ ${words.join(' ')}\n`);
  const what = `ending ${names.length === 0 ? 'all stores' : names.join(', ')}`;
  await runEngine(what, words, { echo: say });
}

/** By their names: `compose down --volumes` would take those of other services, too. */
async function removeVolumes(
  { program }: Engine,
  services: readonly Service[],
  { say }: DownSurroundings,
): Promise<void> {
  const volumes = volumesOf(services);
  // With force one that is not there is no failure.
  const words = [program, 'volume', 'rm', '--force', ...volumes];
  say(`$ ${words.join(' ')}\n`);
  await runEngine(`removing ${volumes.join(', ')}`, words, { echo: say });
}

function volumesOf(services: readonly Service[]): readonly string[] {
  return services.flatMap(({ volumes }) => volumes).filter((name) => name.startsWith('bench_'));
}

/** @throws BenchError BAD_ARGUMENT when nobody can be asked */
async function isAgreed(
  services: readonly Service[],
  { yes }: Options,
  { confirm, say }: DownSurroundings,
): Promise<boolean> {
  if (yes === true) return true;
  const volumes = volumesOf(services).join(', ');
  if (confirm === undefined) {
    throw new BenchError('BAD_ARGUMENT', `bench down --volumes would remove ${volumes}`, {
      hint: 'add --yes where nobody can answer',
    });
  }
  if (await confirm(`remove ${volumes} with all data?`)) return true;
  say('nothing was ended or removed\n');
  return false;
}
