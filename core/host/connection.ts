import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { BenchError, messageOf } from '../errors.js';
import { frameReader, type ReplyFrame, stampRequestId } from './protocol.js';

const readBytes = 64 << 10;
const writeBytes = 4 << 20;

interface Call {
  readonly requestId: number;
  readonly take: (reply: ReplyFrame) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * One socket to an engine host with at most one call in flight. It lives until the first failure:
 * whoever wants to go on connects anew, so that a late answer can never reach another call.
 */
export class HostConnection {
  readonly #socket: Socket;
  readonly #explainLoss: () => Promise<Error>;
  #call: Call | undefined;
  #lastId = 0;
  #open = true;

  private constructor(path: string, explainLoss: () => Promise<Error>) {
    this.#explainLoss = explainLoss;
    const read = frameReader((frame) => this.#take(frame));
    this.#socket = connect({
      path,
      onread: {
        buffer: Buffer.alloc(readBytes),
        callback: (length, buffer) => this.#read(read, Buffer.from(buffer.buffer, 0, length)),
      },
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#lose());
  }

  /**
   * Connects to the socket of a host.
   * @param explainLoss gives the error for calls whose connection is lost
   * @throws BenchError HOST_DIED when nobody listens there
   */
  static async open(path: string, explainLoss: () => Promise<Error>): Promise<HostConnection> {
    const connection = new HostConnection(path, explainLoss);
    try {
      await once(connection.#socket, 'connect');
    } catch {
      throw await explainLoss();
    }
    return connection;
  }

  /** Whether it can take another call. */
  get open(): boolean {
    return this.#open;
  }

  /**
   * Sends one frame, in parts, and decodes its reply. `decode` runs while the reply's bytes are
   * valid; what it throws is what the call rejects with, and the connection goes on.
   * @throws whatever `explainLoss` says when the connection is lost meanwhile
   */
  call<T>(parts: readonly Buffer[], decode: (reply: ReplyFrame) => T): Promise<T> {
    if (this.#call !== undefined) throw new Error('a connection has one call in flight');
    const [header] = parts;
    if (header === undefined) throw new Error('a frame has at least a header');
    const requestId = this.#lastId + 1;
    this.#lastId = requestId % 0xffff_ffff;
    stampRequestId(header, requestId);
    return new Promise<T>((resolve, reject) => {
      const take = (reply: ReplyFrame): void => {
        try {
          resolve(decode(reply));
        } catch (error) {
          reject(error);
        }
      };
      this.#call = { requestId, take, fail: reject };
      if (!this.#open) this.#lose();
      else if (parts.length === 1) this.#socket.write(header);
      else void this.#writeParts(parts);
    });
  }

  /** Closes at once; a call in flight rejects with the error. */
  destroy(error: Error): void {
    this.#open = false;
    this.#finishCall()?.fail(error);
    this.#socket.destroy();
  }

  // Slices bound what lies in the socket's queue; a frame may be larger than memory to spare.
  async #writeParts(parts: readonly Buffer[]): Promise<void> {
    for (const part of parts) {
      for (let at = 0; at < part.length && this.#open; at += writeBytes) {
        const sent = this.#socket.write(part.subarray(at, at + writeBytes));
        if (!sent && this.#open) await this.#drained();
      }
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done);
        this.#socket.off('close', done);
        resolve();
      };
      this.#socket.on('drain', done);
      this.#socket.on('close', done);
    });
  }

  #read(read: (piece: Buffer) => void, piece: Buffer): boolean {
    try {
      read(piece);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(messageOf(error)));
    }
    return true;
  }

  #take(frame: ReplyFrame): void {
    const call = this.#finishCall();
    if (call === undefined || call.requestId !== frame.requestId) {
      const expected = call?.requestId ?? 'none';
      const message = `engine host: reply to request ${frame.requestId}, expected ${expected}`;
      const error = new BenchError('STORE_FAILED', message);
      call?.fail(error);
      this.destroy(error);
      return;
    }
    call.take(frame);
  }

  #finishCall(): Call | undefined {
    const call = this.#call;
    this.#call = undefined;
    return call;
  }

  #lose(): void {
    this.#open = false;
    const call = this.#finishCall();
    if (call !== undefined) void this.#explainLoss().then(call.fail, call.fail);
  }
}
