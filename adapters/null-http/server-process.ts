import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../../core/errors.js';
import type { HttpOptions } from './options.js';

const program = fileURLToPath(new URL('./program.js', import.meta.url));

/** A server of a null store that runs as a child process. */
export class ServerProcess {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, origin: string) {
    this.#child = child;
    this.origin = origin;
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param signal ends the server
   * @throws BenchError STORE_FAILED when it ends before; it says why on stderr. INTERRUPTED when
   * the signal comes first
   */
  static async start(options: HttpOptions, signal: AbortSignal): Promise<ServerProcess> {
    const child = spawn(process.execPath, [program, JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      signal,
      killSignal: 'SIGKILL',
    });
    // An abort is an error of the child; that it ended is seen where it is used.
    child.on('error', () => undefined);
    for await (const line of createInterface({ input: child.stdout })) {
      const { port } = JSON.parse(line) as { port: number };
      return new ServerProcess(child, `http://127.0.0.1:${port}`);
    }
    if (signal.aborted) throw new BenchError('INTERRUPTED', 'null-http: its start was interrupted');
    throw new BenchError('STORE_FAILED', 'null-http: its server ended before it listened', {
      hint: 'its words on stderr say why',
    });
  }

  /** Its process id; undefined when it has ended. */
  get pid(): number | undefined {
    const { exitCode, signalCode, pid } = this.#child;
    return exitCode === null && signalCode === null ? pid : undefined;
  }

  /** Ends the server and waits for its end. */
  async close(): Promise<void> {
    if (this.pid === undefined) return;
    const ended = once(this.#child, 'exit');
    // It has nothing to save.
    this.#child.kill('SIGKILL');
    await ended;
  }
}
