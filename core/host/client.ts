import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import { readCpuUs } from '../resources/process.js';
import { HostConnection } from './connection.js';
import {
  countOomKills,
  deathOf,
  describeExit,
  diedError,
  lastStderrLines,
  recordExit,
  stderrPath,
} from './death.js';
import { decodeJson, encodePlain, errorOf, type HostFailure, type HostHello } from './protocol.js';
import type { HostAddress } from './slots.js';

const longestSocketPath = 100;
const goodbyeMs = 2000;
const packageHint =
  'run `npm run setup`, which installs requirements.txt; or install it for BENCH_PYTHON';

/** How to start an engine host. */
export interface HostLaunch {
  /** The engine's name, for messages. */
  readonly engine: string;
  readonly command: string;
  /** Its arguments; `--socket PATH` is added. */
  readonly args: readonly string[];
  /** Variables in addition to this process's own. */
  readonly env: Readonly<Record<string, string>>;
  /** How long the host may take until it has said hello. */
  readonly startLimitMs: number;
  /** What to do where its packages are missing and it does not say so itself. */
  readonly packageHint?: string;
  /** Ends the host and whatever waits for it. */
  readonly signal?: AbortSignal;
}

/** How long a control call may take. */
export interface CallLimits {
  readonly limitMs: number;
  /** How long the host may go without using the CPU, where the system tells (Linux). */
  readonly idleMs?: number;
}

/** An engine host that runs as a child process, and the control connection that keeps it alive. */
export class HostProcess {
  readonly address: HostAddress;
  /** What the host said of itself when it was started. */
  readonly hello: HostHello;
  readonly #child: ChildProcess;
  readonly #control: HostConnection;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#abandon(interrupted(this.address.engine));
  #last: Promise<unknown> = Promise.resolve();

  private constructor(started: Started, hello: HostHello) {
    this.address = started.address;
    this.hello = hello;
    this.#child = started.child;
    this.#control = started.control;
    this.#signal = started.signal;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * Starts a host and waits until it has said hello.
   * @throws BenchError HOST_DIED when it ends or stays silent, with its last words; NO_PACKAGE when
   * its engine cannot be loaded; what its engine itself says when it cannot be opened; INTERRUPTED
   * when the signal comes first
   */
  static async launch(launch: HostLaunch): Promise<HostProcess> {
    if (launch.signal?.aborted) throw interrupted(launch.engine);
    const { address, child } = start(launch);
    const limit = startLimit(launch, address);
    try {
      await Promise.race([saysReady(launch, child, address), limit.failed]);
      const explain = async (): Promise<Error> =>
        (await deathOf(address.folder, launch.engine)).error;
      const control = await HostConnection.open(address.socketPath, explain);
      const hello = control.call(encodePlain('hello'), decodeJson) as Promise<HostHello>;
      const said = await Promise.race([hello, limit.failed]);
      return new HostProcess({ address, child, control, signal: launch.signal }, said);
    } catch (error) {
      await endChild(child, 0);
      removeFolder(address.folder);
      throw error;
    } finally {
      limit.clear();
    }
  }

  /** Process id of the host. */
  get pid(): number {
    return this.hello.pid;
  }

  /**
   * One call on the control connection; calls run one after the other. Gives the JSON reply.
   * @throws BenchError HOST_DIED when the host ends or passes a limit, after which it is ended; the
   * host's own error otherwise
   */
  call(parts: readonly Buffer[], limits: CallLimits): Promise<unknown> {
    const turn = this.#last.then(() => this.#callNow(parts, limits));
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Ends the host, waits for its end, and removes its folder. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    const message = `the ${this.address.engine} engine host was closed`;
    this.#control.destroy(new BenchError('HOST_DIED', message));
    await endChild(this.#child, goodbyeMs);
    removeFolder(this.address.folder);
  }

  async #callNow(parts: readonly Buffer[], limits: CallLimits): Promise<unknown> {
    if (this.#signal?.aborted) throw interrupted(this.address.engine);
    const { limitMs, idleMs } = limits;
    const limit = setTimeout(() => this.#hangs(`no answer within ${limitMs / 1000} s`), limitMs);
    const idle = idleMs === undefined ? undefined : this.#watchIdle(idleMs);
    try {
      return await this.#control.call(parts, decodeJson);
    } finally {
      clearTimeout(limit);
      clearInterval(idle);
    }
  }

  #watchIdle(idleMs: number): NodeJS.Timeout {
    let before = readCpuUs([this.pid]);
    return setInterval(() => {
      const now = readCpuUs([this.pid]);
      if (now !== undefined && now === before) this.#hangs(`used no CPU for ${idleMs / 1000} s`);
      before = now;
    }, idleMs);
  }

  #hangs(sign: string): void {
    const { engine, folder } = this.address;
    this.#abandon(diedError(engine, `hangs: ${sign}`, lastStderrLines(folder)));
  }

  #abandon(error: BenchError): void {
    this.#control.destroy(error);
    this.#child.kill('SIGKILL');
  }
}

/** The one line that a host says on stdout. */
interface Said extends Partial<HostFailure> {
  readonly ready: boolean;
  /** What is missing; without it the failure is another one, and has a code. */
  readonly package?: string | null;
}

interface Started {
  readonly address: HostAddress;
  readonly child: ChildProcess;
  readonly control: HostConnection;
  readonly signal: AbortSignal | undefined;
}

function start(launch: HostLaunch): { address: HostAddress; child: ChildProcess } {
  const folder = privateFolder();
  const socketPath = join(folder, 's');
  const oomKillsBefore = countOomKills();
  const stderr = openSync(stderrPath(folder), 'a');
  const child = spawn(launch.command, [...launch.args, '--socket', socketPath], {
    // What the host leaves behind when it is killed goes with its folder.
    env: { ...process.env, TMPDIR: folder, ...launch.env },
    stdio: ['ignore', 'pipe', stderr],
  });
  closeSync(stderr);
  child.on('error', (error) => recordExit(folder, `could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    recordExit(folder, describeExit({ code, signal, oomKillsBefore }));
  });
  return { address: { engine: launch.engine, folder, socketPath }, child };
}

/** A folder for one host that only this user may enter; a Unix socket's path must be short. */
function privateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const room = longestSocketPath - 2;
  if (Buffer.byteLength(folder) <= room) return folder;
  rmSync(folder, { recursive: true });
  return mkdtempSync('/tmp/bench-');
}

/** Resolves when the host has said that it listens. */
async function saysReady(
  launch: HostLaunch,
  child: ChildProcess,
  address: HostAddress,
): Promise<void> {
  const line = await firstLine(child);
  if (line === undefined) throw (await deathOf(address.folder, launch.engine)).error;
  const said = JSON.parse(line) as Said;
  if (said.ready) return;
  if (said.code !== undefined) throw errorOf(said as HostFailure, launch.engine);
  const name = said.package ?? launch.engine;
  const message = `${launch.engine}: ${launch.command} cannot load ${name}: ${said.message}`;
  throw new BenchError('NO_PACKAGE', message, {
    hint: said.hint ?? launch.packageHint ?? packageHint,
  });
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  let text = '';
  for await (const piece of child.stdout) {
    text += String(piece);
    const end = text.indexOf('\n');
    if (end >= 0) return text.slice(0, end);
  }
  return undefined;
}

function startLimit(launch: HostLaunch, address: HostAddress) {
  let clear = (): void => {};
  const failed = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(interrupted(launch.engine));
    const timer = setTimeout(() => {
      const how = `did not say hello within ${launch.startLimitMs / 1000} s`;
      reject(diedError(launch.engine, how, lastStderrLines(address.folder)));
    }, launch.startLimitMs);
    launch.signal?.addEventListener('abort', onAbort, { once: true });
    clear = () => {
      clearTimeout(timer);
      launch.signal?.removeEventListener('abort', onAbort);
    };
  });
  failed.catch(() => {});
  return { failed, clear };
}

/** Waits for the child's own end for a while, then kills it. */
async function endChild(child: ChildProcess, patienceMs: number): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(timer);
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function interrupted(engine: string): BenchError {
  return new BenchError('INTERRUPTED', `the ${engine} engine host was interrupted`);
}
