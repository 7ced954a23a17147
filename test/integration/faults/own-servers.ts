import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../../core/paths.js';
import { isAskedFor } from '../../contract/left-out.js';

/** What `scripts/stores` knows of the folder with the servers. */
interface Installed {
  readonly debian: {
    isDebianInstalled(): boolean;
    debianCommand(user: string, command: readonly string[]): string[];
  };
  readonly python: {
    isPythonInstalled(name: string, wanted: { package: string; version: string }): boolean;
    pythonProgram(name: string, program: string): string;
  };
  readonly folder: { storesPath(...parts: string[]): string };
}

async function script<T>(name: string): Promise<T> {
  const file = join(packageRoot(), 'scripts', 'stores', `${name}.mjs`);
  return (await import(pathToFileURL(file).href)) as T;
}

const installed: Installed = {
  debian: await script('debian'),
  python: await script('python-server'),
  folder: await script('folder'),
};

const chromaVersion = '1.5.9';
const chromaFolder = `chroma-${chromaVersion}`;

/** A server of which there is one for these tests. */
export type OwnStore = 'redis' | 'pgvector' | 'chroma';

/** Why a store cannot be started here; undefined where it can. */
function whyNot(store: OwnStore): string | undefined {
  if (!isAskedFor(store)) return 'BENCH_STORES does not list it';
  if (store === 'chroma') {
    const wanted = { package: 'chromadb', version: chromaVersion };
    const isThere = installed.python.isPythonInstalled(chromaFolder, wanted);
    return isThere ? undefined : `its server is not installed in ${installed.folder.storesPath()}`;
  }
  if (process.getuid?.() !== 0) return 'its server needs root (chroot)';
  const isThere = installed.debian.isDebianInstalled();
  return isThere ? undefined : `its server is not installed in ${installed.folder.storesPath()}`;
}

/** A test with servers of its own; where one cannot be started it says so, and does nothing. */
export function faultTest(
  store: OwnStore,
  title: string,
  body: (context: TestContext) => Promise<void>,
): void {
  test(`${store}: ${title}`, { timeout: 120_000 }, async (context) => {
    const why = whyNot(store);
    if (why === undefined) await body(context);
    else context.diagnostic(`not tested: ${store}: ${why}`);
  });
}

/** How a server is started, again and again. */
export interface Launch {
  readonly command: readonly string[];
  readonly port: number;
  /** What shows that it takes requests; that it listens unless given. */
  readonly isReady?: () => Promise<boolean>;
}

const startWithinMs = 30_000;

/** A server that a test starts, hurts and ends; it ends with the test at the latest. */
export class OwnServer {
  readonly port: number;
  readonly #launch: Launch;
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(launch: Launch) {
    this.#launch = launch;
    this.port = launch.port;
  }

  /** Starts a server; with the test it is killed. */
  static async start(context: TestContext, launch: Launch): Promise<OwnServer> {
    const server = new OwnServer(launch);
    const kill = (): void => server.signal('SIGKILL');
    process.once('exit', kill);
    context.after(async () => {
      process.removeListener('exit', kill);
      await server.kill();
    });
    await server.start();
    return server;
  }

  /** The last that it said. */
  get said(): string {
    return this.#said.slice(-2000);
  }

  /** Starts it, or starts it again on the same data and port. */
  async start(): Promise<void> {
    const [program = '', ...args] = this.#launch.command;
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        this.#said += part.toString();
      });
    }
    const isReady = this.#launch.isReady ?? (() => listens(this.port));
    for (let waitedMs = 0; waitedMs < startWithinMs; waitedMs += 20) {
      assert.equal(child.exitCode ?? child.signalCode, null, `it ended: ${this.said}`);
      if (await isReady()) return;
      await sleep(20);
    }
    assert.fail(`it does not answer: ${this.said}`);
  }

  /** Sends a signal to all of its processes. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child ?? {};
    if (pid === undefined || this.#hasEnded) return;
    // The first makes the others: it is stopped before it can make more of them.
    for (const one of [pid, ...childrenOf(pid)]) {
      try {
        process.kill(one, signal);
      } catch {
        // It ended meanwhile.
      }
    }
  }

  /** Ends it at once, with all of its processes, and waits until it is gone. */
  async kill(): Promise<void> {
    const { pid } = this.#child ?? {};
    this.signal('SIGKILL');
    while (!this.#hasEnded) await sleep(5);
    if (pid !== undefined) removeSharedMemory(pid);
  }

  /** Asks it to end, and waits until it did. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    if (this.#child?.pid !== undefined) process.kill(this.#child.pid, signal);
    while (!this.#hasEnded) await sleep(5);
  }

  get #hasEnded(): boolean {
    const { exitCode, signalCode } = this.#child ?? {};
    return this.#child === undefined || exitCode !== null || signalCode !== null;
  }
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** A server that is killed leaves its System V shared memory. @see proc(5), sysvipc */
function removeSharedMemory(pid: number): void {
  const [, ...lines] = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n');
  for (const line of lines) {
    const [, id = '', , , creator] = line.trim().split(/\s+/);
    if (Number(creator) === pid) execFileSync('ipcrm', ['-m', id]);
  }
}

/** Whether somebody listens on a port of the loopback. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** A port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A folder of a user of Debian, removed after the test: its path from inside, and from here. */
export function debianFolder(context: TestContext, user: string): { inside: string; path: string } {
  const root = installed.folder.storesPath('trixie');
  const path = mkdtempSync(join(root, 'tmp', 'bench-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  const inside = path.slice(root.length);
  inDebian('root', ['chown', `${user}:`, inside]);
  return { inside, path };
}

/** The command line of a program of Debian. */
export function debianCommand(user: string, command: readonly string[]): string[] {
  return installed.debian.debianCommand(user, command);
}

/** Runs a program of Debian until it ends, and gives what it printed. */
export function inDebian(user: string, command: readonly string[]): string {
  const [program = '', ...args] = debianCommand(user, command);
  return execFileSync(program, args, { encoding: 'utf8', cwd: '/', stdio: 'pipe' });
}

/** The command line of Chroma, with its data in a folder. */
export function chromaCommand(port: number, folder: string): string[] {
  const program = installed.python.pythonProgram(chromaFolder, 'chroma');
  return [program, 'run', '--host', '127.0.0.1', '--port', String(port), '--path', folder];
}

/** The path of a file of Debian, from here. */
export function debianPath(...parts: string[]): string {
  return installed.folder.storesPath('trixie', ...parts);
}
