import type { Hits } from '../../core/adapter.js';
import type { BenchError } from '../../core/errors.js';
import { endedServer, type ServerAt } from '../../core/server/connection-error.js';
import { type PgSearch, type Server, Session, spareMs } from './session.js';

/** A request that waits for a session: those that the harness gave up still hold theirs. */
interface Waiting {
  readonly search: PgSearch;
  readonly resolve: (hits: Hits) => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Connections for searches, as many as requests will be in flight, opened ahead of the clock; the
 * one that was free last is taken. A pool of the client would hand each out through promises, and
 * replace those that end.
 */
export class Sessions {
  readonly #at: ServerAt;
  readonly #all: readonly Session[];
  readonly #free: Session[];
  readonly #waiting: Waiting[] = [];
  readonly #announced = new Set<string>();

  readonly #looking: NodeJS.Timeout;

  private constructor(all: readonly Session[], { at, timeoutMs }: Server) {
    this.#at = at;
    this.#all = all;
    this.#free = [...all];
    // The server ends a search itself when its time is over, and the harness no longer waits then.
    const look = (): void => {
      for (const session of all) session.endStuck();
    };
    this.#looking = setInterval(look, timeoutMs + spareMs).unref();
  }

  /** Opens connections; where one fails the others are closed. */
  static async open(server: Server, count: number, settings: readonly string[]): Promise<Sessions> {
    const opening = Array.from({ length: count }, () => Session.open(server, settings));
    const tried = await Promise.allSettled(opening);
    const opened = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = tried.find((one) => one.status === 'rejected');
    const sessions = new Sessions(opened, server);
    if (failed === undefined) return sessions;
    await sessions.close();
    throw failed.reason;
  }

  /**
   * Lets the sessions that are free parse a statement that was not seen before. What goes wrong
   * goes wrong again when it is run.
   */
  announce(search: PgSearch): void {
    if (this.#announced.has(search.name)) return;
    this.#announced.add(search.name);
    for (const session of this.#free.splice(0)) {
      session.prepare(search).then(
        () => this.#release(session),
        () => this.#release(session),
      );
    }
  }

  /** Searches on a session of its own. */
  search(search: PgSearch): Promise<Hits> {
    return new Promise((resolve, reject) => {
      const waiting = { search, resolve, reject };
      const session = this.#free.pop();
      if (session !== undefined) this.#run(session, waiting);
      else if (this.#all.every(({ isLost }) => isLost)) reject(this.#noneLeft());
      else this.#waiting.push(waiting);
    });
  }

  /** Closes all connections; requests in flight are rejected. */
  async close(): Promise<void> {
    this.#free.length = 0;
    clearInterval(this.#looking);
    await Promise.all(this.#all.map((session) => session.end()));
  }

  #run(session: Session, { search, resolve, reject }: Waiting): void {
    session.search(search, (thrown, hits) => {
      this.#release(session);
      if (hits === undefined) reject(thrown);
      else resolve(hits);
    });
  }

  #release(session: Session): void {
    if (!session.isLost) {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(session);
      else this.#run(session, next);
    } else if (this.#all.every(({ isLost }) => isLost)) {
      for (const { reject } of this.#waiting.splice(0)) reject(this.#noneLeft());
    }
  }

  #noneLeft(): BenchError {
    return endedServer(undefined, this.#at);
  }
}
