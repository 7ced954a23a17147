import type { Hits } from '../../core/adapter.js';
import { nowNs } from '../../core/clock.js';
import { BenchError, codeOf } from '../../core/errors.js';
import { ServiceLogWriter } from '../../core/selftest/service-log.js';
import {
  HttpConnections,
  type HttpRequest,
  type Reading,
} from '../../core/server/http-connections.js';

/** The path of a request, as undici takes it. */
export type Prepared = HttpRequest;

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

/** What comes of an answer: int32 values as ids. */
const reading: Reading<Hits> = {
  answer(status, body) {
    if (status === 200) return { ids: idsOf(body) };
    throw refusal(status, String(body ?? ''));
  },
  failure(error) {
    if (codeOf(error) !== 'ECONNREFUSED') return error;
    const message = `null-http: nobody listens any more: ${error.message}`;
    return new BenchError('HOST_DIED', message, { cause: error });
  },
};

/** Connections to one server, as many as requests will be in flight. */
export class Connections {
  readonly #open: HttpConnections<Hits>;
  readonly #log: ServiceLogWriter | undefined;

  private constructor(open: HttpConnections<Hits>, log: SharedArrayBuffer | undefined) {
    this.#open = open;
    this.#log = log && new ServiceLogWriter(log);
  }

  /**
   * Opens connections ahead of the clock.
   *
   * @throws BenchError HOST_DIED when nobody listens there
   */
  static async open(origin: string, options: ConnectionOptions): Promise<Connections> {
    const open = await HttpConnections.to(origin, options, reading);
    await open.warm(prepareGet('/'));
    return new Connections(open, options.log);
  }

  /**
   * Sends a request and takes the int32 values of its answer as ids.
   *
   * @throws BenchError HOST_DIED when nobody listens any more; else an error as it came, or with
   * the code that the server gave
   */
  get(prepared: Prepared): Promise<Hits> {
    if (this.#log === undefined) return this.#open.send(prepared);
    return this.#sendLogged(prepared, this.#log);
  }

  #sendLogged(prepared: Prepared, log: ServiceLogWriter): Promise<Hits> {
    const beganNs = nowNs();
    const place = log.arrive(beganNs);
    const note = (ok: boolean): void => log.end(place, { beganNs, endedNs: nowNs(), ok });
    return new Promise((resolve, reject) => {
      this.#open.dispatch(prepared, {
        resolve: (hits) => {
          note(true);
          resolve(hits);
        },
        reject: (error) => {
          note(false);
          reject(error);
        },
      });
    });
  }

  /** Closes all connections; requests in flight are rejected. */
  close(): Promise<void> {
    return this.#open.close();
  }
}

const none = new Int32Array(0);
// Arrays of up to so many lie on the heap and cost little; above it one copy is faster.
const mostOneByOne = 16;

/** The values of a body, in memory of their own, where they are aligned. */
function idsOf(body: Buffer | undefined): Int32Array {
  if (body === undefined) return none;
  if (body.length > 4 * mostOneByOne) return new Int32Array(new Uint8Array(body).buffer);
  const ids = new Int32Array(body.length / 4);
  for (let index = 0; index < ids.length; index++) ids[index] = body.readInt32LE(4 * index);
  return ids;
}

function refusal(status: number, code: string): Error {
  return Object.assign(new Error(`null-http: the server answered ${status} ${code}`), { code });
}
