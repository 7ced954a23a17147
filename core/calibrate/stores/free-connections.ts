/** A connection, and how many requests were sent on it that are not over. */
export interface Held<T> {
  readonly connection: T;
  open: number;
}

/** Connections of which the one that was free last is taken, as adapters do it. */
export class FreeConnections<T> {
  readonly all: readonly T[];
  readonly #held: readonly Held<T>[];
  readonly #free: Held<T>[];
  #turn = 0;

  constructor(all: readonly T[]) {
    this.all = all;
    this.#held = all.map((connection) => ({ connection, open: 0 }));
    this.#free = [...this.#held];
  }

  /** Takes one; where all have something to do, one in turn. */
  take(): Held<T> {
    const taken = this.#free.pop() ?? this.#busy();
    taken.open += 1;
    return taken;
  }

  /** Gives one back. */
  leave(taken: Held<T>): void {
    taken.open -= 1;
    if (taken.open === 0) this.#free.push(taken);
  }

  #busy(): Held<T> {
    this.#turn = (this.#turn + 1) % this.#held.length;
    return this.#held[this.#turn] as Held<T>;
  }
}
