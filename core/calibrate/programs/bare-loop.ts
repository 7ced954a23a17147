import { nowNs } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { createHistogram, recordNs } from '../../measure/histogram.js';
import { latencyOf } from '../../measure/latency.js';
import { nsPerS } from '../../units.js';
import type { LoopConditions, LoopPrinted } from '../tools/node-program.js';

/** What all callers of a bare loop share: when they are measured, and what came of it. */
export class BareLoop {
  readonly #histogram = createHistogram();
  readonly #beginNs: number;
  readonly #endNs: number;
  #begun: NodeJS.CpuUsage | undefined;
  #beganNs = 0;
  #endedNs = 0;
  #cpu: NodeJS.CpuUsage | undefined;
  #answered = 0;
  #errors = 0;
  #firstError: string | undefined;

  constructor({ warmUpS, durationS }: Omit<LoopConditions, 'connections'>) {
    this.#beginNs = nowNs() + warmUpS * nsPerS;
    this.#endNs = this.#beginNs + durationS * nsPerS;
  }

  /** Counts an answer. @returns whether its caller goes on */
  take(sentNs: number, doneNs: number): boolean {
    if (doneNs < this.#beginNs) return true;
    if (this.#begun === undefined) this.#begin(doneNs);
    else if (this.#cpu === undefined) {
      if (doneNs < this.#endNs) this.#answered += 1;
      else this.#end(doneNs);
    }
    // Those that were sent in the window, however late they end.
    if (sentNs >= this.#beginNs && sentNs < this.#endNs) {
      recordNs(this.#histogram, doneNs - sentNs);
    }
    return doneNs < this.#endNs;
  }

  #begin(atNs: number): void {
    this.#begun = process.cpuUsage();
    this.#beganNs = atNs;
  }

  #end(atNs: number): void {
    this.#cpu = process.cpuUsage(this.#begun);
    this.#endedNs = atNs;
  }

  /** Counts an error, which ends the comparison: its caller goes on no more. */
  fail(message: string): void {
    this.#errors += 1;
    this.#firstError ??= message;
  }

  /** What came of it. */
  figures(): LoopPrinted {
    const latency = latencyOf(this.#histogram);
    const answered = this.#answered;
    const cpuUs = this.#cpu && this.#cpu.user + this.#cpu.system;
    const lastedNs = this.#endedNs - this.#beganNs;
    return {
      requests: answered,
      requestsPerS: cpuUs === undefined ? 0 : (answered * nsPerS) / lastedNs,
      ...(latency === undefined ? {} : { msP50: latency.p50 }),
      ...(latency?.p99 === undefined ? {} : { msP99: latency.p99 }),
      ...(cpuUs === undefined || answered === 0 ? {} : { clientCpuUs: cpuUs / answered }),
      errors: this.#errors,
      ...(this.#firstError === undefined ? {} : { firstError: this.#firstError }),
    };
  }
}

/**
 * Lets callers ask, each again when it was answered, until the time is over.
 *
 * @param ask one request of a caller; what it rejects with ends that caller
 */
export async function runCallers(
  conditions: LoopConditions,
  ask: (caller: number) => Promise<unknown>,
): Promise<LoopPrinted> {
  const loop = new BareLoop(conditions);
  const call = async (caller: number): Promise<void> => {
    try {
      let sentNs = nowNs();
      for (;;) {
        await ask(caller);
        const doneNs = nowNs();
        if (!loop.take(sentNs, doneNs)) return;
        sentNs = doneNs;
      }
    } catch (error) {
      loop.fail(messageOf(error));
    }
  };
  await Promise.all(Array.from({ length: conditions.connections }, (_, caller) => call(caller)));
  return loop.figures();
}

/** What a program ends with. */
export function printFigures(figures: LoopPrinted): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
