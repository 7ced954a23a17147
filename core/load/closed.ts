import type { Hits } from '../adapter.js';
import type { Clock } from '../clock.js';
import { codeOf, messageOf } from '../errors.js';
import { type Flight, idleFlight } from './flight.js';
import { giveUpReason, sweepEveryNs } from './giving-up.js';
import type { StreamRecorder } from './recorder.js';
import { spentCode } from './request-budget.js';
import type { MeasureWindow } from './window.js';

/** A closed load in one worker. */
export interface ClosedLoad {
  readonly clock: Clock;
  /** Requests in flight, at least 1. */
  readonly concurrency: number;
  /** Which prepared body is sent when, at least one; it begins again when it is through. */
  readonly order: Int32Array;
  readonly send: (body: number) => Promise<Hits>;
  readonly recorder: StreamRecorder;
  readonly window: MeasureWindow;
  readonly timeoutNs: number;
}

/** The store is gone for good: nothing more is sent. */
export const lostCode = 'HOST_DIED';

// A store that answers in the same turn of the loop must not starve timers and messages.
const yieldEveryNs = 10_000_000;

interface Slot {
  readonly flight: Flight;
  /** Counts the callers of this slot: one that was given up finds another number. */
  caller: number;
  busy: boolean;
}

/**
 * Keeps `concurrency` requests in flight, each sent when the one before it was answered, until the
 * window is over and the last answer is in. A request that exceeds the time-out is recorded as
 * TIMEOUT, its late answer is ignored, and its caller goes on. When the store is lost, or nothing
 * more may be sent, it stops.
 */
export function runClosed(load: ClosedLoad): Promise<void> {
  return new Promise((resolve) => new ClosedLoop(load, resolve).start());
}

class ClosedLoop {
  readonly #load: ClosedLoad;
  readonly #done: () => void;
  readonly #slots: readonly Slot[];
  #open: number;
  #next = 0;
  #yieldedNs: number;
  #lost = false;

  constructor(load: ClosedLoad, done: () => void) {
    this.#load = load;
    this.#done = done;
    this.#open = load.concurrency;
    this.#yieldedNs = load.clock.now();
    this.#slots = Array.from({ length: load.concurrency }, () => ({
      flight: idleFlight(),
      caller: 0,
      busy: false,
    }));
  }

  start(): void {
    for (const slot of this.#slots) void this.#call(slot);
    void this.#sweep();
  }

  async #call(slot: Slot): Promise<void> {
    const { clock, window } = this.#load;
    slot.caller += 1;
    const caller = slot.caller;
    let nowNs = clock.now();
    while (!this.#lost && !window.isOver(nowNs)) {
      const body = this.#begin(slot, nowNs);
      try {
        const hits = await this.#load.send(body);
        nowNs = clock.now();
        if (slot.caller !== caller) return;
        this.#settle(slot, nowNs);
        this.#load.recorder.succeed(slot.flight, hits);
        this.#passIfAll(nowNs);
      } catch (error) {
        nowNs = clock.now();
        if (slot.caller !== caller) return;
        this.#fail(slot, nowNs, error);
      }
      if (nowNs - this.#yieldedNs > yieldEveryNs) {
        await clock.yield();
        this.#yieldedNs = clock.now();
      }
      // What was noted of this request must not count as the service of the next.
      nowNs = clock.now();
    }
    this.#open -= 1;
    if (this.#open === 0) this.#done();
  }

  #begin(slot: Slot, nowNs: number): number {
    const { order } = this.#load;
    const body = order[this.#next] as number;
    this.#next = this.#next + 1 === order.length ? 0 : this.#next + 1;
    const { flight } = slot;
    flight.body = body;
    flight.intendedNs = nowNs;
    flight.firedNs = nowNs;
    flight.sentNs = nowNs;
    slot.busy = true;
    return body;
  }

  #settle(slot: Slot, nowNs: number): void {
    slot.busy = false;
    slot.flight.doneNs = nowNs;
    this.#load.window.isOver(nowNs);
  }

  #passIfAll(nowNs: number): void {
    const { window, recorder } = this.#load;
    if (!recorder.hasPassed) return;
    window.pass(nowNs);
    window.isOver(nowNs);
  }

  #fail(slot: Slot, nowNs: number, error: unknown): void {
    const code = codeOf(error);
    if (code === spentCode) {
      this.#refuse(slot, nowNs);
      return;
    }
    if (code === lostCode) this.#lost = true;
    this.#settle(slot, nowNs);
    this.#load.recorder.fail(slot.flight, code, messageOf(error));
    this.#passIfAll(nowNs);
    if (this.#lost) this.#load.window.cut(nowNs + 1);
  }

  /** A request that may not be sent is none, and the window ends. */
  #refuse(slot: Slot, nowNs: number): void {
    slot.busy = false;
    this.#lost = true;
    this.#load.window.cut(nowNs + 1);
  }

  /** Gives up requests that exceed the time-out, and sees a window end in which nothing answers. */
  async #sweep(): Promise<void> {
    const { clock, timeoutNs, window, recorder } = this.#load;
    const everyNs = sweepEveryNs(timeoutNs);
    while (this.#open > 0) {
      await clock.sleepUntil(clock.now() + everyNs);
      const nowNs = clock.now();
      window.isOver(nowNs);
      for (const slot of this.#slots) {
        const reason = slot.busy ? giveUpReason(slot.flight, this.#load, nowNs) : undefined;
        if (reason === undefined) continue;
        this.#settle(slot, nowNs);
        recorder.fail(slot.flight, reason.code, reason.message);
        this.#passIfAll(nowNs);
        void this.#call(slot);
      }
    }
  }
}
