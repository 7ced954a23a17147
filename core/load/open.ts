import type { Hits } from '../adapter.js';
import type { Clock } from '../clock.js';
import { codeOf, messageOf } from '../errors.js';
import { lostCode } from './closed.js';
import { type Flight, idleFlight } from './flight.js';
import { type GiveUpReason, giveUpReason, sweepEveryNs } from './giving-up.js';
import type { Pacer } from './pacer.js';
import type { StreamRecorder } from './recorder.js';
import { spentCode } from './request-budget.js';
import type { Schedule } from './schedule.js';
import { WaitingLine } from './waiting-line.js';
import type { MeasureWindow } from './window.js';

/** An open load in one worker. */
export interface OpenLoad {
  readonly clock: Clock;
  readonly pacer: Pacer;
  readonly schedule: Schedule;
  /** Requests in flight at most, at least 1; later ones wait for a slot. */
  readonly maxInFlight: number;
  /** Which prepared body is sent when, at least one; it begins again when it is through. */
  readonly order: Int32Array;
  readonly send: (body: number) => Promise<Hits>;
  readonly recorder: StreamRecorder;
  readonly window: MeasureWindow;
  readonly timeoutNs: number;
}

// A store that answers in the same turn of the loop must not starve timers and messages.
const yieldEveryNs = 10_000_000;

/**
 * Sends requests when the schedule says, whether or not earlier ones were answered. A request that
 * finds no slot in flight free waits in line and keeps its intended time. After the window nothing
 * more is scheduled; those in line are sent for one more time-out (drain), what is then left is
 * dropped. A request that exceeds the time-out is recorded as TIMEOUT, its late answer is ignored,
 * and its slot goes on. What waits is dropped when the store is lost, nothing more may be sent, or
 * the window is cut.
 */
export function runOpen(load: OpenLoad): Promise<void> {
  return new Promise((resolve) => new OpenLoop(load, resolve).start());
}

/** One place in flight; a request that was given up leaves its slot to a new one. */
interface Slot {
  readonly flight: Flight;
  readonly answered: (hits: Hits) => void;
  readonly failed: (error: unknown) => void;
  busy: boolean;
  /** What comes of it is ignored. */
  givenUp: boolean;
}

class OpenLoop {
  readonly #load: OpenLoad;
  readonly #done: () => void;
  readonly #slots: Slot[];
  readonly #free: Slot[];
  readonly #line = new WaitingLine();
  #next = 0;
  #yieldedNs: number;
  #scheduling = true;
  #ended = false;
  #lost = false;

  constructor(load: OpenLoad, done: () => void) {
    this.#load = load;
    this.#done = done;
    this.#slots = Array.from({ length: load.maxInFlight }, () => this.#makeSlot());
    this.#free = [...this.#slots];
    this.#yieldedNs = load.clock.now();
  }

  start(): void {
    void this.#pace();
    void this.#sweep();
  }

  async #pace(): Promise<void> {
    const { clock, pacer, schedule, window } = this.#load;
    while (!this.#isOver()) {
      await pacer.wait(schedule.nextNs);
      this.#yieldedNs = clock.now();
      // Meanwhile the window may have ended, or the store been lost.
      if (!this.#isOver()) this.#fireUntil(this.#yieldedNs);
    }
    this.#scheduling = false;
    if (window.isCut) this.#dropLine();
    this.#endIfIdle();
  }

  /** Whether the next request lies outside the window. */
  #isOver(): boolean {
    const { clock, schedule, window } = this.#load;
    window.isOver(clock.now());
    return this.#lost || schedule.nextNs >= window.endNs;
  }

  /** Fires all that is due; each has the time at which its turn came. */
  #fireUntil(untilNs: number): void {
    const { clock, schedule, recorder, window } = this.#load;
    const firstNs = schedule.nextNs;
    let fired = 0;
    while (schedule.nextNs <= untilNs && schedule.nextNs < window.endNs) {
      const intendedNs = schedule.nextNs;
      schedule.advance();
      fired += 1;
      const nowNs = clock.now();
      const slot = this.#free.pop();
      if (slot === undefined) this.#line.push(intendedNs, nowNs);
      else {
        slot.flight.intendedNs = intendedNs;
        slot.flight.firedNs = nowNs;
        this.#send(slot, nowNs);
      }
    }
    if (fired > 0) recorder.fire(firstNs, fired);
  }

  /** Whoever is awake fires what is due: a timer that answers set again may wake 2 ms late. */
  #fireDue(nowNs: number): void {
    if (!this.#scheduling || this.#lost || this.#load.schedule.nextNs > nowNs) return;
    if (nowNs - this.#yieldedNs <= yieldEveryNs) this.#fireUntil(nowNs);
  }

  #makeSlot(): Slot {
    const slot: Slot = {
      flight: idleFlight(),
      busy: false,
      givenUp: false,
      answered: (hits) => {
        if (slot.givenUp) return;
        const nowNs = this.#settle(slot);
        this.#load.recorder.succeed(slot.flight, hits);
        this.#passIfAll(nowNs);
        this.#release(slot, nowNs);
      },
      failed: (error) => {
        if (!slot.givenUp) this.#fail(slot, codeOf(error), messageOf(error));
      },
    };
    return slot;
  }

  #send(slot: Slot, nowNs: number): void {
    const { order } = this.#load;
    const body = order[this.#next] as number;
    this.#next = this.#next + 1 === order.length ? 0 : this.#next + 1;
    slot.flight.body = body;
    slot.flight.sentNs = nowNs;
    slot.busy = true;
    try {
      this.#load.send(body).then(slot.answered, slot.failed);
    } catch (error) {
      queueMicrotask(() => slot.failed(error));
    }
  }

  #settle(slot: Slot): number {
    const { clock, window } = this.#load;
    const nowNs = clock.now();
    slot.busy = false;
    slot.flight.doneNs = nowNs;
    window.isOver(nowNs);
    return nowNs;
  }

  #passIfAll(nowNs: number): void {
    const { window, recorder } = this.#load;
    if (!recorder.hasPassed) return;
    window.pass(nowNs);
    window.isOver(nowNs);
  }

  #fail(slot: Slot, code: string, message: string): void {
    if (code === spentCode) {
      this.#refuse(slot);
      return;
    }
    if (code === lostCode) this.#lost = true;
    const nowNs = this.#settle(slot);
    this.#load.recorder.fail(slot.flight, code, message);
    this.#passIfAll(nowNs);
    if (this.#lost) {
      this.#load.window.cut(nowNs + 1);
      this.#dropLine();
    }
    this.#release(slot, nowNs);
  }

  /** A request that may not be sent is dropped, and the window ends. */
  #refuse(slot: Slot): void {
    const nowNs = this.#settle(slot);
    this.#lost = true;
    this.#load.window.cut(nowNs + 1);
    this.#load.recorder.drop(slot.flight.intendedNs, nowNs);
    this.#dropLine();
    this.#release(slot, nowNs);
  }

  /** The slot takes the next in line, or waits for one. */
  #release(slot: Slot, nowNs: number): void {
    this.#fireDue(nowNs);
    if (this.#line.length === 0) {
      this.#free.push(slot);
      this.#endIfIdle();
    } else if (nowNs - this.#yieldedNs > yieldEveryNs) {
      void this.#releaseLater(slot);
    } else {
      this.#line.shift(slot.flight);
      // What was noted of the request before must not count as the service of this one.
      this.#send(slot, this.#load.clock.now());
    }
  }

  async #releaseLater(slot: Slot): Promise<void> {
    const { clock } = this.#load;
    await clock.yield();
    this.#yieldedNs = clock.now();
    this.#release(slot, this.#yieldedNs);
  }

  #endIfIdle(): void {
    const idle = this.#free.length === this.#slots.length && this.#line.length === 0;
    if (this.#scheduling || !idle || this.#ended) return;
    this.#ended = true;
    this.#done();
  }

  #dropLine(): void {
    const { clock, recorder } = this.#load;
    const flight = idleFlight();
    while (this.#line.length > 0) {
      this.#line.shift(flight);
      recorder.drop(flight.intendedNs, clock.now());
    }
  }

  /** Gives up requests that exceed the time-out, and what is in line when the drain is over. */
  async #sweep(): Promise<void> {
    const { clock, timeoutNs, window } = this.#load;
    const everyNs = sweepEveryNs(timeoutNs);
    while (!this.#ended) {
      await clock.sleepUntil(clock.now() + everyNs);
      const nowNs = clock.now();
      window.isOver(nowNs);
      if (window.isCut || nowNs >= window.endNs + timeoutNs) this.#dropLine();
      for (const [index, slot] of this.#slots.entries()) {
        const reason = slot.busy ? giveUpReason(slot.flight, this.#load, nowNs) : undefined;
        if (reason !== undefined) this.#giveUp(slot, index, reason);
      }
    }
  }

  #giveUp(slot: Slot, index: number, { code, message }: GiveUpReason): void {
    const fresh = this.#makeSlot();
    this.#slots[index] = fresh;
    slot.givenUp = true;
    slot.busy = false;
    const nowNs = this.#settle(slot);
    this.#load.recorder.fail(slot.flight, code, message);
    this.#passIfAll(nowNs);
    this.#release(fresh, nowNs);
  }
}
