import type { Command } from 'commander';
import { z } from 'zod';
import { BenchError } from '../core/errors.js';
import { composeWords, type Engine, findEngine, runEngine } from './compose-engine.js';
import { chooseServices, type Service, versionOf } from './compose-file.js';
import { formatTable } from './table.js';

/** How one store is, as `bench status --json` prints it. */
export interface StoreStatus {
  readonly name: string;
  readonly running: boolean;
  /** By its health check; false while it starts. */
  readonly healthy: boolean;
  /** What the engine says of its container; `none` where there is no container. */
  readonly state: string;
  readonly url: string;
  readonly ports: readonly number[];
  readonly image: string;
  readonly version: string;
}

/** A container as an engine tells it; Docker and Podman use different fields for some. */
const containerSchema = z.looseObject({
  Service: z.string().optional(),
  State: z.string().optional(),
  Health: z.string().optional(),
  Status: z.string().optional(),
  Image: z.string().optional(),
  Labels: z.unknown().optional(),
});

type Container = z.infer<typeof containerSchema>;

const examples = `
Examples:
  $ bench status
  $ bench status qdrant --json`;

/** `bench status`: which stores in containers run, and where they answer. */
export function statusCommand(program: Command): void {
  program
    .command('status')
    .description('show which stores in containers run, and where they answer')
    .argument('[stores...]', 'services of docker-compose.bench.yml; all without it')
    .option('--json', 'print an array of objects')
    .addHelpText('after', examples)
    .action(async (names: string[], options: { json?: boolean }) => {
      const services = chooseServices(names);
      const found = await containers(await findEngine());
      const all = services.map((service) => statusOf(service, found.get(service.name)));
      const text = options.json === true ? `${JSON.stringify(all, null, 2)}\n` : format(all);
      process.stdout.write(text);
    });
}

function format(all: readonly StoreStatus[]): string {
  const columns = [
    { title: 'store' },
    { title: 'running' },
    { title: 'healthy' },
    { title: 'state' },
    { title: 'version' },
    { title: 'ports' },
    { title: 'answers at' },
  ];
  const word = (holds: boolean): string => (holds ? 'yes' : 'no');
  const rows = all.map(({ name, running, healthy, state, version, ports, url }) => {
    return [name, word(running), word(healthy), state, version, ports.join(' '), url];
  });
  return formatTable(columns, rows);
}

/** The containers of the project by the names of their services. */
async function containers(engine: Engine): Promise<ReadonlyMap<string, Container>> {
  // Podman's own compose shows those that have ended unasked, and knows no --all.
  const all = engine.program === 'docker' ? ['--all'] : [];
  const words = composeWords(engine, ['ps', ...all, '--format', 'json']);
  const text = await runEngine('looking at the stores', words);
  const found = parseContainers(text, words);
  return new Map(found.map((container) => [serviceOf(container), container]));
}

/**
 * What `compose ps --format json` printed: a line a container, or, before Compose 2.21, an array.
 *
 * @throws BenchError STORE_FAILED when it is neither
 */
function parseContainers(text: string, words: readonly string[]): readonly Container[] {
  try {
    const trimmed = text.trim();
    const isArray = trimmed.startsWith('[');
    const lines = trimmed.split('\n').filter((line) => line.trim() !== '');
    const values: unknown = isArray ? JSON.parse(trimmed) : lines.map((line) => JSON.parse(line));
    return z.array(containerSchema).parse(values);
  } catch (cause) {
    throw new BenchError('STORE_FAILED', `${words[0]} did not list containers as JSON`, {
      cause,
      hint: `see what it says: ${words.join(' ')}; Docker Compose must be 2.21 or newer`,
    });
  }
}

function serviceOf({ Service: name, Labels: labels }: Container): string {
  if (name !== undefined) return name;
  const named = z.looseObject({ 'com.docker.compose.service': z.string() }).safeParse(labels);
  return named.success ? named.data['com.docker.compose.service'] : '';
}

function statusOf(service: Service, container: Container | undefined): StoreStatus {
  const { name, url, ports } = service;
  const image = container?.Image ?? service.image;
  const state = container?.State?.toLowerCase() ?? 'none';
  const running = state === 'running';
  return {
    name,
    running,
    healthy: running && isHealthy(container),
    state,
    url,
    ports,
    image,
    version: versionOf(image),
  };
}

function isHealthy(container: Container | undefined): boolean {
  if (container?.Health !== undefined) return container.Health === 'healthy';
  return /\(healthy\)/.test(container?.Status ?? '');
}
