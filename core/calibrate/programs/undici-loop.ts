import { Client, type Dispatcher } from 'undici';
import { nowNs } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { createHistogram, recordNs } from '../../measure/histogram.js';
import { latencyOf } from '../../measure/latency.js';
import { nsPerS } from '../../units.js';
import { type LoopTask, loopTaskSchema } from '../tools/node-program.js';
import type { LoopPrinted } from '../tools/undici.js';

// The program of a bare loop: each connection sends when its last request was answered, by the
// lowest interface of undici, and nothing else is done but to time it.

const keptOpenMs = 3_600_000;
const givenUpMs = 20_000;

/** What all callers share. */
class Loop {
  readonly histogram = createHistogram();
  readonly request: Dispatcher.DispatchOptions;
  readonly #beginNs: number;
  readonly #endNs: number;
  #begun: NodeJS.CpuUsage | undefined;
  #beganNs = 0;
  #endedNs = 0;
  #cpu: NodeJS.CpuUsage | undefined;
  answered = 0;
  errors = 0;
  firstError: string | undefined;

  constructor({ url, warmUpS, durationS }: LoopTask) {
    const { pathname, search } = new URL(url);
    this.request = { path: `${pathname}${search}`, method: 'GET' };
    this.#beginNs = nowNs() + warmUpS * nsPerS;
    this.#endNs = this.#beginNs + durationS * nsPerS;
  }

  /** Counts an answer. @returns whether its caller goes on */
  take(sentNs: number, doneNs: number): boolean {
    if (doneNs < this.#beginNs) return true;
    if (this.#begun === undefined) this.#begin(doneNs);
    else if (this.#cpu === undefined) {
      if (doneNs < this.#endNs) this.answered += 1;
      else this.#end(doneNs);
    }
    // Those that were sent in the window, however late they end.
    if (sentNs >= this.#beginNs && sentNs < this.#endNs) {
      recordNs(this.histogram, doneNs - sentNs);
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

  fail(message: string): void {
    this.errors += 1;
    this.firstError ??= message;
  }

  figures(): LoopPrinted {
    const latency = latencyOf(this.histogram);
    const { answered, errors, firstError } = this;
    const cpuUs = this.#cpu && this.#cpu.user + this.#cpu.system;
    return {
      requests: answered,
      requestsPerS: cpuUs === undefined ? 0 : (answered * nsPerS) / (this.#endedNs - this.#beganNs),
      ...(latency === undefined ? {} : { msP50: latency.p50 }),
      ...(latency?.p99 === undefined ? {} : { msP99: latency.p99 }),
      ...(cpuUs === undefined || answered === 0 ? {} : { clientCpuUs: cpuUs / answered }),
      errors,
      ...(firstError === undefined ? {} : { firstError }),
    };
  }
}

/** One connection and the one request on it. */
class Caller implements Dispatcher.DispatchHandler {
  readonly #client: Client;
  readonly #loop: Loop;
  readonly #over: () => void;
  #sentNs = 0;
  #status = 0;

  constructor(origin: string, loop: Loop, over: () => void) {
    this.#loop = loop;
    this.#over = over;
    this.#client = new Client(origin, {
      pipelining: 1,
      headersTimeout: givenUpMs,
      bodyTimeout: givenUpMs,
      keepAliveTimeout: keptOpenMs,
      keepAliveMaxTimeout: keptOpenMs,
    });
  }

  send(atNs: number): void {
    this.#sentNs = atNs;
    this.#client.dispatch(this.#loop.request, this);
  }

  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number): void {
    this.#status = status;
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    const doneNs = nowNs();
    if (this.#status !== 200) this.#stop(`status ${this.#status}`);
    else if (this.#loop.take(this.#sentNs, doneNs)) this.send(doneNs);
    else this.#over();
  }

  onResponseError(_: unknown, error: Error): void {
    this.#stop(messageOf(error));
  }

  /** An error ends the comparison: no more is asked on its connection. */
  #stop(message: string): void {
    this.#loop.fail(message);
    this.#over();
  }

  close(): Promise<void> {
    return this.#client.destroy();
  }
}

const task = loopTaskSchema.parse(JSON.parse(process.argv[2] ?? ''));
const loop = new Loop(task);
const callers: Caller[] = [];
await new Promise<void>((resolve) => {
  let open = task.connections;
  const over = (): void => {
    open -= 1;
    if (open === 0) resolve();
  };
  const { origin } = new URL(task.url);
  for (let index = 0; index < task.connections; index++) {
    callers.push(new Caller(origin, loop, over));
  }
  for (const caller of callers) caller.send(nowNs());
});
await Promise.all(callers.map((caller) => caller.close()));
process.stdout.write(`${JSON.stringify(loop.figures())}\n`);
