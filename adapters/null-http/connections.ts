import type { Dispatcher, Pool } from 'undici';
import type { Hits } from '../../core/adapter.js';
import { BenchError, codeOf } from '../../core/errors.js';

const keptOpenMs = 3_600_000;

/** The path of a request, as undici takes it. */
export type Prepared = Dispatcher.DispatchOptions;

/** The request of a path, encoded ahead of the clock. */
export function prepareGet(path: string): Prepared {
  return { path, method: 'GET' };
}

/** Connections to one server, at most as many as requests will be in flight. */
export class Connections {
  readonly #pool: Pool;

  private constructor(pool: Pool) {
    this.#pool = pool;
  }

  /**
   * Opens connections ahead of the clock.
   *
   * @throws BenchError HOST_DIED when nobody listens there
   */
  static async open(
    origin: string,
    limits: { readonly count: number; readonly timeoutNs: number },
  ): Promise<Connections> {
    const { Pool } = await import('undici');
    // The harness gives a request up before; this frees its connection.
    const givenUpMs = Math.ceil(2 * limits.timeoutNs) / 1e6;
    const opened = new Connections(
      new Pool(origin, {
        connections: limits.count,
        pipelining: 1,
        headersTimeout: givenUpMs,
        bodyTimeout: givenUpMs,
        keepAliveTimeout: keptOpenMs,
        keepAliveMaxTimeout: keptOpenMs,
      }),
    );
    const hello = prepareGet('/');
    await Promise.all(Array.from({ length: limits.count }, () => opened.get(hello)));
    return opened;
  }

  /**
   * Sends a request and takes the int32 values of its answer as ids.
   *
   * @throws BenchError HOST_DIED when nobody listens any more; else an error as it came, or with
   * the code that the server gave
   */
  get(prepared: Prepared): Promise<Hits> {
    return new Promise((resolve, reject) => {
      this.#pool.dispatch(prepared, new Reply(resolve, reject));
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
