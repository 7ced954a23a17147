import type { Dispatcher, Pool } from 'undici';
import type { Hits } from '../../core/adapter.js';
import { nowNs } from '../../core/clock.js';
import { BenchError, codeOf } from '../../core/errors.js';
import { ServiceLogWriter } from '../../core/selftest/service-log.js';

const keptOpenMs = 3_600_000;

/** The path of a request, as undici takes it. */
export type Prepared = Dispatcher.DispatchOptions;

/** The request of a path, encoded ahead of the clock. */
export function prepareGet(path: string): Prepared {
  return { path, method: 'GET' };
}

/** What connections are opened with. */
export interface ConnectionOptions {
  readonly count: number;
  readonly timeoutNs: number;
  /** Takes the times of every request. */
  readonly log: SharedArrayBuffer | undefined;
}

/** Connections to one server, at most as many as requests will be in flight. */
export class Connections {
  readonly #pool: Pool;
  readonly #log: ServiceLogWriter | undefined;

  private constructor(pool: Pool, log: SharedArrayBuffer | undefined) {
    this.#pool = pool;
    this.#log = log && new ServiceLogWriter(log);
  }

  /**
   * Opens connections ahead of the clock.
   *
   * @throws BenchError HOST_DIED when nobody listens there
   */
  static async open(origin: string, options: ConnectionOptions): Promise<Connections> {
    const { Pool } = await import('undici');
    // The harness gives a request up before; this frees its connection.
    const givenUpMs = Math.ceil(2 * options.timeoutNs) / 1e6;
    const opened = new Connections(
      new Pool(origin, {
        connections: options.count,
        pipelining: 1,
        headersTimeout: givenUpMs,
        bodyTimeout: givenUpMs,
        keepAliveTimeout: keptOpenMs,
        keepAliveMaxTimeout: keptOpenMs,
      }),
      options.log,
    );
    const hello = prepareGet('/');
    await Promise.all(Array.from({ length: options.count }, () => opened.#send(hello)));
    return opened;
  }

  /**
   * Sends a request and takes the int32 values of its answer as ids.
   *
   * @throws BenchError HOST_DIED when nobody listens any more; else an error as it came, or with
   * the code that the server gave
   */
  get(prepared: Prepared): Promise<Hits> {
    return this.#log === undefined ? this.#send(prepared) : this.#sendLogged(prepared, this.#log);
  }

  #send(prepared: Prepared): Promise<Hits> {
    return new Promise((resolve, reject) => {
      this.#pool.dispatch(prepared, new Reply(resolve, reject));
    });
  }

  #sendLogged(prepared: Prepared, log: ServiceLogWriter): Promise<Hits> {
    const beganNs = nowNs();
    const place = log.arrive(beganNs);
    const note = (ok: boolean): void => log.end(place, { beganNs, endedNs: nowNs(), ok });
    return new Promise((resolve, reject) => {
      const answered = (hits: Hits): void => {
        note(true);
        resolve(hits);
      };
      const failed = (error: Error): void => {
        note(false);
        reject(error);
      };
      this.#pool.dispatch(prepared, new Reply(answered, failed));
    });
  }

  /** Closes all connections; requests in flight are rejected. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** One answer as it comes in. */
class Reply implements Dispatcher.DispatchHandler {
  readonly #resolve: (hits: Hits) => void;
  readonly #reject: (error: Error) => void;
  readonly #parts: Buffer[] = [];
  #status = 0;

  constructor(resolve: (hits: Hits) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number): void {
    this.#status = status;
  }

  onResponseData(_: unknown, part: Buffer): void {
    this.#parts.push(part);
  }

  onResponseEnd(): void {
    // As a rule all comes at once. The ids get memory of their own, where they are aligned.
    const [first] = this.#parts;
    const body = first && this.#parts.length === 1 ? first : Buffer.concat(this.#parts);
    if (this.#status === 200) this.#resolve({ ids: new Int32Array(new Uint8Array(body).buffer) });
    else this.#reject(refusal(this.#status, body.toString()));
  }

  onResponseError(_: unknown, error: Error): void {
    if (codeOf(error) !== 'ECONNREFUSED') this.#reject(error);
    else {
      const message = `null-http: nobody listens any more: ${error.message}`;
      this.#reject(new BenchError('HOST_DIED', message, { cause: error }));
    }
  }
}

function refusal(status: number, code: string): Error {
  return Object.assign(new Error(`null-http: the server answered ${status} ${code}`), { code });
}
