import type { Command } from 'commander';
import { composeWords, findEngine, runEngine } from './compose-engine.js';
import { chooseServices, composeFilePath, type Service } from './compose-file.js';
import { formatTable } from './table.js';

const examples = `
Examples:
  $ bench up qdrant
  $ bench up redis pgvector`;

/** `bench up`: starts stores in containers, and waits until they answer. */
export function upCommand(program: Command): void {
  program
    .command('up')
    .description('start stores in containers, and wait until they answer')
    .argument('[stores...]', 'services of docker-compose.bench.yml; all without it')
    .addHelpText('after', examples)
    .action(async (names: string[]) => up(chooseServices(names)));
}

async function up(services: readonly Service[]): Promise<void> {
  const names = services.map(({ name }) => name);
  const engine = await findEngine();
  const words = composeWords(engine, ['up', '-d', '--wait', ...names]);
  const echo = (text: string) => process.stderr.write(text);
  echo(`up: ${names.join(', ')} of ${composeFilePath()}\n$ ${words.join(' ')}\n`);
  await runEngine(`starting ${names.join(', ')}`, words, { echo });
  const columns = [{ title: 'store' }, { title: 'version' }, { title: 'answers at' }];
  const rows = services.map(({ name, version, url }) => [name, version, url]);
  process.stdout.write(formatTable(columns, rows));
}
