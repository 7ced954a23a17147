import { spawn } from 'node:child_process';
import { BenchError, codeOf, messageOf } from '../core/errors.js';
import { composeFilePath } from './compose-file.js';

/** The compose project that all containers of bench belong to. */
export const project = 'bench';

const withoutContainers = 'without containers: node scripts/stores.mjs up';
// Docker, older and newer, with and without rights to its socket; Podman.
const notAnswering =
  /cannot connect to (?:the docker daemon|podman)|connect to the docker (?:api|daemon)/i;
const tailLines = 12;
const longestKept = 200_000;

/** What runs containers here. */
export interface Engine {
  /** The words that begin a compose command. */
  readonly compose: readonly string[];
  /** The program that knows volumes. */
  readonly program: 'docker' | 'podman';
}

/** In the order that they are tried. */
const engines: readonly Engine[] = [
  { compose: ['docker', 'compose'], program: 'docker' },
  { compose: ['docker-compose'], program: 'docker' },
  { compose: ['podman', 'compose'], program: 'podman' },
];

interface Ended {
  readonly code: number;
  readonly stdout: string;
  /** The last of what it said on both streams. */
  readonly said: string;
}

/** What is done with a program that runs. */
interface Running {
  /** Gets what it says on stderr, as it comes. */
  readonly echo?: (text: string) => unknown;
}

/**
 * The first engine that answers.
 *
 * @throws BenchError NO_PACKAGE when none is installed
 */
export async function findEngine(): Promise<Engine> {
  const failures: string[] = [];
  for (const engine of engines) {
    const words = [...engine.compose, 'version'];
    const { code, said } = await runWords(words, {});
    if (code === 0) return engine;
    failures.push(`${words.join(' ')}: ${firstLine(said)}`);
  }
  throw new BenchError('NO_PACKAGE', `no container engine works here:\n${failures.join('\n')}`, {
    hint: `install Docker with its compose plugin, or Podman; ${withoutContainers}`,
  });
}

/** The whole command that does something with the project. */
export function composeWords({ compose }: Engine, args: readonly string[]): readonly string[] {
  return [...compose, '-f', composeFilePath(), '-p', project, ...args];
}

/**
 * Runs a command to its end.
 *
 * @returns what it wrote on stdout
 * @throws BenchError UNREACHABLE when the engine does not answer, STORE_FAILED with the port that
 * is taken, or with the last lines of what the program said
 */
export async function runEngine(
  what: string,
  words: readonly string[],
  running: Running = {},
): Promise<string> {
  const { code, stdout, said } = await runWords(words, running);
  if (code === 0) return stdout;
  throw failureOf(what, words, said);
}

function failureOf(what: string, words: readonly string[], said: string): BenchError {
  const tail = said.trimEnd().split('\n').slice(-tailLines).join('\n');
  if (notAnswering.test(said)) {
    return new BenchError(
      'UNREACHABLE',
      `${what}: the container engine does not answer:\n${tail}`,
      {
        hint: `start it (docker info tells whether it runs); ${withoutContainers}`,
      },
    );
  }
  const port = takenPort(said);
  if (port !== undefined) {
    return new BenchError('STORE_FAILED', `${what}: port ${port} of 127.0.0.1 is taken`, {
      hint: `stop what listens there: ss -ltnp 'sport = :${port}'; node scripts/stores.mjs down`,
    });
  }
  if (/unhealthy|dependency failed/i.test(said)) {
    const logs = [...words.slice(0, words.indexOf(project) + 1), 'logs'];
    return new BenchError('STORE_FAILED', `${what}: it runs and does not get healthy:\n${tail}`, {
      hint: `see what it says: ${logs.join(' ')}`,
    });
  }
  return new BenchError('STORE_FAILED', `${what}: ${words[0]} failed:\n${tail}`, {
    hint: `see it whole: ${words.join(' ')}`,
  });
}

/** The port that an engine found taken: Docker and Podman word it in three ways. */
function takenPort(said: string): string | undefined {
  const line = said
    .split('\n')
    .find((each) => /port is already allocated|address already in use/i.test(each));
  if (line === undefined) return undefined;
  return /(?:127\.0\.0\.1|0\.0\.0\.0):(\d+)/.exec(line)?.[1] ?? 'that it needs';
}

function firstLine(said: string): string {
  return said.trim().split('\n')[0] || 'failed';
}

function runWords(words: readonly string[], { echo }: Running): Promise<Ended> {
  const [program = '', ...args] = words;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let said = '';
    const keep = (piece: string): void => {
      said = (said + piece).slice(-longestKept);
    };
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      stdout += piece;
      keep(piece);
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      keep(piece);
      echo?.(piece);
    });
    child.on('error', (error) => {
      const why = codeOf(error) === 'ENOENT' ? 'not installed' : messageOf(error);
      resolve({ code: -1, stdout, said: `${said}${why}` });
    });
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, said }));
  });
}
