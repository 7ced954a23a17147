import { BenchError } from '../errors.js';
import { HostConnection } from './connection.js';
import { type Death, deathOf } from './death.js';
import type { ReplyFrame } from './protocol.js';

const ticksPerTimeout = 4;

/** Where a host can be reached; structured-cloneable. */
export interface HostAddress {
  readonly engine: string;
  readonly folder: string;
  readonly socketPath: string;
}

interface Slot {
  connection: HostConnection;
  sentAtTick: number;
}

/**
 * Connections to one host, one for each call in flight. A call that takes longer than the time
 * limit (by up to a quarter of it) is failed and its connection closed, so that nothing hangs and
 * nobody gets another call's answer; the next call opens a new connection where none is idle.
 */
export class HostSlots {
  readonly #address: HostAddress;
  readonly #timeoutMs: number;
  readonly #idle: Slot[] = [];
  readonly #busy = new Set<Slot>();
  readonly #ticker: NodeJS.Timeout;
  #tick = 0;
  #death: Promise<Death> | undefined;
  #gone: Error | undefined;

  constructor(address: HostAddress, timeoutNs: number) {
    this.#address = address;
    this.#timeoutMs = timeoutNs / 1e6;
    this.#ticker = setInterval(() => this.#dropLate(), this.#timeoutMs / ticksPerTimeout);
    this.#ticker.unref();
  }

  /**
   * Opens connections ahead of the clock.
   * @throws BenchError HOST_DIED when nobody listens there
   */
  async open(count: number): Promise<void> {
    const opened = await Promise.all(Array.from({ length: count }, () => this.#connect()));
    this.#idle.push(...opened);
  }

  /**
   * Sends a frame on an idle connection, opening one if there is none, and decodes the reply while
   * its bytes are valid.
   * @throws BenchError HOST_DIED when the host ends, TIMEOUT when the answer does not come in time
   */
  call<T>(frame: Buffer, decode: (reply: ReplyFrame) => T): Promise<T> {
    const slot = this.#takeIdle();
    return slot === undefined ? this.#callAnew(frame, decode) : this.#send(slot, frame, decode);
  }

  /** Closes all connections; calls in flight reject with HOST_DIED. */
  close(): void {
    clearInterval(this.#ticker);
    const message = `the connections to the ${this.#address.engine} engine host were closed`;
    const error = new BenchError('HOST_DIED', message);
    this.#gone ??= error;
    for (const slot of [...this.#idle, ...this.#busy]) slot.connection.destroy(error);
    this.#idle.length = 0;
  }

  #takeIdle(): Slot | undefined {
    let slot = this.#idle.pop();
    while (slot !== undefined && !slot.connection.open) slot = this.#idle.pop();
    return slot;
  }

  async #callAnew<T>(frame: Buffer, decode: (reply: ReplyFrame) => T): Promise<T> {
    return this.#send(await this.#connect(), frame, decode);
  }

  async #connect(): Promise<Slot> {
    if (this.#gone !== undefined) throw this.#gone;
    const explain = (): Promise<Error> => this.#explainLoss();
    const connection = await HostConnection.open(this.#address.socketPath, explain);
    return { connection, sentAtTick: 0 };
  }

  #send<T>(slot: Slot, frame: Buffer, decode: (reply: ReplyFrame) => T): Promise<T> {
    slot.sentAtTick = this.#tick;
    this.#busy.add(slot);
    return slot.connection.call([frame], (reply) => {
      this.#busy.delete(slot);
      this.#idle.push(slot);
      return decode(reply);
    });
  }

  #dropLate(): void {
    this.#tick += 1;
    for (const slot of this.#busy) {
      if (!slot.connection.open) this.#busy.delete(slot);
      // Sent between two ticks: one more than the limit's ticks is surely past it.
      else if (this.#tick - slot.sentAtTick > ticksPerTimeout) this.#drop(slot);
    }
  }

  #drop(slot: Slot): void {
    this.#busy.delete(slot);
    const message = `${this.#address.engine}: no answer within ${this.#timeoutMs} ms`;
    slot.connection.destroy(new BenchError('TIMEOUT', message));
  }

  async #explainLoss(): Promise<Error> {
    if (this.#gone !== undefined) return this.#gone;
    this.#death ??= deathOf(this.#address.folder, this.#address.engine);
    const death = await this.#death;
    if (death.certain) this.#gone = death.error;
    else this.#death = undefined;
    return death.error;
  }
}
