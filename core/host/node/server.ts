import type { Socket } from 'node:net';
import { nowNs } from '../../clock.js';
import {
  failureOf,
  frameReader,
  type Operation,
  operations,
  type ReplyFrame,
} from '../protocol.js';
import type { Collection } from './collection.js';
import { encodeReply } from './frames.js';

const nameOf = new Map<number, Operation>(
  Object.entries(operations).map(([name, number]) => [number, name as Operation]),
);

/** Serves one collection on any number of connections. */
export class HostServer {
  #collection: Collection;
  #isControlled = false;
  readonly #end: () => void;

  /** @param end called when the first connection, which controls the host, has closed */
  constructor(collection: Collection, end: () => void) {
    this.#collection = collection;
    this.#end = end;
  }

  /** Answers the requests of one connection; a peer awaits each answer before it goes on. */
  serve(socket: Socket): void {
    if (!this.#isControlled) socket.on('close', this.#end);
    this.#isControlled = true;
    // What a socket has to say is said by its closing.
    socket.on('error', () => undefined);
    const read = frameReader((frame) => {
      const readNs = nowNs();
      void this.#answer(frame, readNs).then((reply) => socket.write(reply));
    });
    socket.on('data', (piece: Buffer) => {
      try {
        read(piece);
      } catch {
        // Bytes that are no frames: nothing that follows can be understood.
        socket.destroy();
      }
    });
  }

  async #answer(frame: ReplyFrame, readNs: number): Promise<Buffer> {
    const { status: operation, requestId, payload } = frame;
    try {
      // The first await comes after the payload was copied out of the frame.
      if (operation === operations.search) return await this.#collection.search(frame, readNs);
      if (operation === operations.truth) {
        this.#collection = await this.#collection.withTruth(Buffer.from(payload));
        return encodeReply(0, requestId, {});
      }
      const name = nameOf.get(operation);
      if (name === undefined) throw new Error(`operation ${operation} is not known here`);
      const body = await this.#collection.control(name, payload);
      return encodeReply(0, requestId, body);
    } catch (thrown) {
      return encodeReply(1, requestId, failureOf(thrown));
    }
  }
}
