import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError, messageOf } from '../../core/errors.js';
import { answeredWithin, lostServer, type ServerAt } from '../../core/server/connection-error.js';
import type { HttpRequest, PlainConnections } from '../../core/server/http-connections.js';
import { nsPerMs, nsPerS } from '../../core/units.js';

/** How often somebody looks whether a server that works for long is still there, at least. */
const lookEveryNs = 5 * nsPerS;

/** What is asked, and of whom. */
export interface LivenessQuestion {
  readonly at: ServerAt;
  /** What every server answers at once. */
  readonly request: HttpRequest;
  /** How long one request may take. */
  readonly timeoutNs: number;
}

/** Whether a server is there, asked on a connection of its own. */
export class Liveness {
  readonly #aside: PlainConnections;
  readonly #question: LivenessQuestion;

  constructor(aside: PlainConnections, question: LivenessQuestion) {
    this.#aside = aside;
    this.#question = question;
  }

  /** What a request that may take long comes to, as long as the server answers others. */
  async whileAlive<T>(answer: Promise<T>): Promise<T> {
    const done = new AbortController();
    try {
      return await Promise.race([answer, this.#silence(done.signal)]);
    } finally {
      done.abort();
    }
  }

  /** What a request was lost by; where that says nothing, asked is whether anybody listens. */
  async lossOf(error: unknown): Promise<unknown> {
    const { at, timeoutNs } = this.#question;
    const loss = lostServer(error, at);
    if (loss instanceof BenchError && loss.code !== 'UNREACHABLE') return loss;
    try {
      await this.#ask(timeoutNs);
    } catch (reason) {
      return lostServer(reason, at);
    }
    if (loss instanceof BenchError) return loss;
    const cut = new Error(messageOf(error), { cause: error });
    return lostServer(Object.assign(cut, { code: 'ECONNRESET' }), at);
  }

  close(): Promise<void> {
    return this.#aside.close();
  }

  async #ask(limitNs: number): Promise<void> {
    const { at, request } = this.#question;
    try {
      await answeredWithin(limitNs, at, this.#aside.send(request));
    } catch (thrown) {
      throw lostServer(thrown, at);
    }
  }

  /** Rejects when nobody else is answered either; of what is done in time nothing comes. */
  async #silence(done: AbortSignal): Promise<never> {
    const limitNs = Math.max(this.#question.timeoutNs, lookEveryNs);
    for (;;) {
      await sleep(limitNs / nsPerMs, undefined, { signal: done });
      await this.#ask(limitNs);
    }
  }
}
