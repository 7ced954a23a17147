import { threadId } from 'node:worker_threads';

/*
 * A header of 32 bytes (u32 capacity, u32 claimed), then 32 bytes a request: float64 arrived, began
 * and ended in nanoseconds, int32 outcome (0 open, 1 answered, 2 failed), int32 thread.
 */
const entryBytes = 32;
const capacityAt = 0;
const claimedAt = 1;
const open = 0;
const answered = 1;
const failed = 2;

/** One request as the store saw it, in nanoseconds of `nowNs` of core/clock. */
export interface ServiceEntry {
  readonly arrivedNs: number;
  /** When its service began, its wait for others in the store being over; 0 while it is open. */
  readonly beganNs: number;
  /** When its answer was ready; 0 while it is open. */
  readonly endedNs: number;
  /** Whether it was answered; false where it failed or is still open. */
  readonly ok: boolean;
  /** `threadId` of the thread that served it; 0 is a process's main thread. */
  readonly thread: number;
}

/** What a service log holds. */
export interface ServiceRecord {
  /** In the order of arrival: the i-th of a thread is the i-th request that was sent there. */
  readonly entries: readonly ServiceEntry[];
  /** Requests beyond the capacity, which were only counted. */
  readonly lost: number;
}

/** An empty log for this many requests, which all threads of a process may write to. */
export function createServiceLog(capacity: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer((capacity + 1) * entryBytes);
  new Uint32Array(buffer)[capacityAt] = capacity;
  return buffer;
}

/** Writes one thread's requests into a service log. */
export class ServiceLogWriter {
  readonly #header: Uint32Array;
  readonly #times: Float64Array;
  readonly #marks: Int32Array;
  readonly #capacity: number;

  constructor(buffer: SharedArrayBuffer) {
    this.#header = new Uint32Array(buffer);
    this.#times = new Float64Array(buffer);
    this.#marks = new Int32Array(buffer);
    this.#capacity = this.#header[capacityAt] as number;
  }

  /** Claims the entry of a request that arrives. @returns its place; -1 when the log is full */
  arrive(arrivedNs: number): number {
    const entry = Atomics.add(this.#header, claimedAt, 1);
    if (entry >= this.#capacity) return -1;
    const place = entry + 1;
    this.#times[4 * place] = arrivedNs;
    this.#marks[8 * place + 7] = threadId;
    return place;
  }

  /** Completes an entry. */
  end(place: number, service: Pick<ServiceEntry, 'beganNs' | 'endedNs' | 'ok'>): void {
    if (place < 0) return;
    this.#times[4 * place + 1] = service.beganNs;
    this.#times[4 * place + 2] = service.endedNs;
    this.#marks[8 * place + 6] = service.ok ? answered : failed;
  }
}

/** The bytes of a log that are in use; `readServiceLog` reads a copy of them as well. */
export function usedBytes(log: SharedArrayBuffer): Uint8Array {
  return new Uint8Array(log, 0, (entriesOf(log) + 1) * entryBytes);
}

/** Reads a log, or a copy of its used bytes. */
export function readServiceLog(log: ArrayBufferLike): ServiceRecord {
  const times = new Float64Array(log);
  const marks = new Int32Array(log);
  const count = entriesOf(log);
  const entries = Array.from({ length: count }, (_, entry): ServiceEntry => {
    const place = entry + 1;
    const outcome = marks[8 * place + 6] ?? open;
    return {
      arrivedNs: times[4 * place] as number,
      beganNs: times[4 * place + 1] as number,
      endedNs: times[4 * place + 2] as number,
      ok: outcome === answered,
      thread: marks[8 * place + 7] as number,
    };
  });
  return { entries, lost: (new Uint32Array(log)[claimedAt] as number) - count };
}

function entriesOf(log: ArrayBufferLike): number {
  const header = new Uint32Array(log, 0, 2);
  return Math.min(header[claimedAt] as number, header[capacityAt] as number);
}
