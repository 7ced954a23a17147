import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hits } from '../../core/adapter.js';
import { BenchError } from '../../core/errors.js';
import { answeredWithin, lostServer, type ServerAt } from '../../core/server/connection-error.js';
import { nsPerMs } from '../../core/units.js';
import { type AnswerRow, hitsOf, readerOf } from './answer.js';
import { failureOf, isLost, isSilent, underCode } from './failure.js';
import type { ServerAddress } from './options.js';
import type { Packages, PgClient } from './package.js';
import { ParseOnly } from './parse-only.js';
import { refusalOf, watchedSocket } from './socket.js';

/** A server, and what is needed to speak with it. */
export interface Server {
  readonly packages: Packages;
  readonly address: ServerAddress;
  readonly at: ServerAt;
  /** How long one statement may take. */
  readonly timeoutMs: number;
}

/** A search, encoded. */
export interface PgSearch {
  /** Of the prepared statement, which other settings have another of. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly (Buffer | string)[];
  /** What the session must be set to, as one text. */
  readonly settings: string;
  readonly k: number;
  /** What the further columns of the answer are called. */
  readonly columns: readonly string[] | undefined;
}

/** Takes an answer, or why there is none. */
export type Answered = (thrown: unknown, hits?: Hits) => void;

/** How much longer than by the server, which then says so, a statement is waited for. */
export const spareMs = 1000;
/** How long saying good-bye may take. */
const endWithinMs = 1000;
/** How often somebody looks whether a server that works for long is still there, at least. */
const lookEveryMs = 5000;

/** One connection, which works on one statement at a time. */
export class Session {
  readonly #client: PgClient;
  readonly #server: Server;
  readonly #cut: () => void;
  readonly #notices: string[] = [];
  #settings = '';
  #isLost = false;
  #hasGivenUp = false;
  /** The number of the search that is under way, 0 where none is, and of the last. */
  #current = 0;
  #last = 0;
  #seen = 0;

  private constructor(client: PgClient, server: Server, cut: () => void) {
    this.#client = client;
    this.#server = server;
    this.#cut = cut;
    client.on('error', () => {
      this.#isLost = true;
    });
    client.on('notice', ({ message }) => {
      if (message !== undefined) this.#notices.push(message);
    });
  }

  /**
   * Connects, and sets the session for good.
   *
   * @throws BenchError UNREACHABLE, AUTH_FAILED, TLS_FAILED, BAD_TARGET, STORE_FAILED
   */
  static async open(server: Server, settings: readonly string[]): Promise<Session> {
    const { packages, address, at, timeoutMs } = server;
    const { password, ...place } = address;
    const { socket, wrong } = watchedSocket();
    const client = new packages.Client({
      ...place,
      // A function keeps the client from looking for one in the environment and in files.
      password: password ?? (() => ''),
      connectionTimeoutMillis: timeoutMs,
      application_name: 'bench',
      keepAlive: true,
      stream: () => socket,
      types: { getTypeParser: readerOf },
    });
    const session = new Session(client, server, () => socket.destroy());
    try {
      await client.connect();
      const limit = `set statement_timeout = ${timeoutMs}`;
      await session.run([limit, ...settings].join('; '));
      return session;
    } catch (thrown) {
      client.end().catch(() => undefined);
      if (wrong.answer === undefined) throw failureOf(thrown, at);
      const what = `expected PostgreSQL, got ${JSON.stringify(wrong.answer)}`;
      const hint = 'is it this kind of server that listens there, or a proxy for HTTP?';
      throw new BenchError('STORE_FAILED', `pgvector: ${what}`, { hint, cause: thrown });
    }
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** What the server noted since it was asked last. */
  takeNotices(): readonly string[] {
    return this.#notices.splice(0);
  }

  /** Runs a statement; several with `;` between them where there are no values. */
  run<T>(text: string, values: readonly (string | Buffer)[] = []): Promise<readonly T[]> {
    const query = values.length > 0 ? { text, values } : text;
    return this.#told(this.#inTime(this.#client.query<T>(query).then(({ rows }) => rows)));
  }

  /** Runs what may take as long as it takes, while the server lets others in. */
  async runUnlimited<T>(text: string): Promise<readonly T[]> {
    await this.run('set statement_timeout = 0');
    const done = new AbortController();
    try {
      const asked = this.#client.query<T>(text).then(({ rows }) => rows);
      return await this.#told(Promise.race([asked, this.#silence(done.signal)]));
    } finally {
      done.abort();
      // Where this fails too, the connection is no more.
      await this.run(`set statement_timeout = ${this.#server.timeoutMs}`).catch(() => undefined);
    }
  }

  /** Stores rows that were encoded for `copy ... from stdin`. */
  copy(sql: string, rows: Buffer): Promise<void> {
    const stream = this.#client.query(this.#server.packages.copyFrom(sql));
    const finished = once(stream, 'finish').then(() => undefined);
    stream.end(rows);
    return this.#told(this.#inTime(finished));
  }

  /** Sets the session for a search and lets the server parse it, ahead of the clock. */
  async prepare(search: PgSearch): Promise<void> {
    await this.#set(search.settings);
    await new Promise<void>((resolve, reject) => {
      this.#client.query(new ParseOnly(search, (thrown) => (thrown ? reject(thrown) : resolve())));
    });
  }

  /** Searches; as a rule one message there and one back. */
  search(search: PgSearch, answered: Answered): void {
    if (search.settings === this.#settings) {
      this.#send(search, answered);
      return;
    }
    this.#set(search.settings).then(() => this.#send(search, answered), answered);
  }

  /** Ends a search that was under way when this was called last, and is still. */
  endStuck(): void {
    if (this.#current !== 0 && this.#current === this.#seen) this.#giveUp();
    this.#seen = this.#current;
  }

  /** Says good-bye; to a server that does not answer not for long. */
  async end(): Promise<void> {
    const cutting = setTimeout(() => this.#cut(), endWithinMs);
    await this.#client.end();
    clearTimeout(cutting);
  }

  async #set(settings: string): Promise<void> {
    if (settings === this.#settings) return;
    this.#settings = '';
    if (settings !== '') await this.run(settings);
    this.#settings = settings;
  }

  #send(search: PgSearch, answered: Answered): void {
    const { name, text, values } = search;
    this.#last += 1;
    this.#current = this.#last;
    this.#client.query<AnswerRow>({ name, text, values, rowMode: 'array' }, (error, result) => {
      this.#current = 0;
      if (error === null || error === undefined) answered(undefined, hitsOf(result.rows, search));
      else this.#failure(error).then(answered);
    });
  }

  async #told<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (thrown) {
      throw await this.#failure(thrown);
    }
  }

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const { timeoutMs, at } = this.#server;
    try {
      return await answeredWithin((timeoutMs + spareMs) * nsPerMs, at, answer);
    } catch (thrown) {
      if (thrown instanceof BenchError) this.#giveUp();
      throw thrown;
    }
  }

  /** Rejects when nobody is let in any more; of what is done in time nothing comes. */
  async #silence(done: AbortSignal): Promise<never> {
    const timeoutMs = Math.max(lookEveryMs, this.#server.timeoutMs);
    for (;;) {
      await sleep(timeoutMs, undefined, { signal: done });
      try {
        await (await Session.open({ ...this.#server, timeoutMs }, [])).end();
      } catch (thrown) {
        if (done.aborted || !isSilent(thrown)) continue;
        this.#giveUp();
        throw lostServer(underCode('ETIMEDOUT', thrown), this.#server.at);
      }
    }
  }

  #giveUp(): void {
    this.#isLost = true;
    this.#hasGivenUp = true;
    this.#cut();
  }

  async #failure(thrown: unknown): Promise<unknown> {
    if (thrown instanceof BenchError) return thrown;
    const { at, address } = this.#server;
    if (isLost(thrown)) this.#isLost = true;
    if (!this.#isLost) return failureOf(thrown, at);
    const refusal = await refusalOf(address);
    if (refusal !== undefined) return lostServer(refusal, at);
    if ((thrown as { severity?: unknown }).severity !== undefined) return failureOf(thrown, at);
    const code = this.#hasGivenUp ? 'ETIMEDOUT' : 'ECONNRESET';
    return lostServer(underCode(code, thrown), at);
  }
}
