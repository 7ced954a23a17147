import { Client, type Dispatcher } from 'undici';
import { nowNs } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { httpLoopSchema, toldTask } from '../tools/node-program.js';
import { BareLoop, printFigures } from './bare-loop.js';

// The program of a bare loop: each connection sends when its last request was answered, by the
// lowest interface of undici, and nothing else is done but to time it.

const keptOpenMs = 3_600_000;
const givenUpMs = 20_000;

/** Where all send, and what is over when. */
interface Sent {
  readonly origin: string;
  readonly request: Dispatcher.DispatchOptions;
  readonly loop: BareLoop;
  readonly over: () => void;
}

/** One connection and the one request on it. */
class Caller implements Dispatcher.DispatchHandler {
  readonly #client: Client;
  readonly #sent: Sent;
  #sentNs = 0;
  #status = 0;

  constructor(sent: Sent) {
    this.#sent = sent;
    this.#client = new Client(sent.origin, {
      pipelining: 1,
      headersTimeout: givenUpMs,
      bodyTimeout: givenUpMs,
      keepAliveTimeout: keptOpenMs,
      keepAliveMaxTimeout: keptOpenMs,
    });
  }

  send(atNs: number): void {
    this.#sentNs = atNs;
    this.#client.dispatch(this.#sent.request, this);
  }

  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number): void {
    this.#status = status;
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    const doneNs = nowNs();
    if (this.#status !== 200) this.#stop(`status ${this.#status}`);
    else if (this.#sent.loop.take(this.#sentNs, doneNs)) this.send(doneNs);
    else this.#sent.over();
  }

  onResponseError(_: unknown, error: Error): void {
    this.#stop(messageOf(error));
  }

  /** An error ends the comparison: no more is asked on its connection. */
  #stop(message: string): void {
    this.#sent.loop.fail(message);
    this.#sent.over();
  }

  close(): Promise<void> {
    return this.#client.destroy();
  }
}

const task = await toldTask(httpLoopSchema);
const { origin, pathname, search } = new URL(task.url);
const request: Dispatcher.DispatchOptions = { path: `${pathname}${search}`, method: 'GET' };
const loop = new BareLoop(task);
const callers: Caller[] = [];
await new Promise<void>((resolve) => {
  let open = task.connections;
  const over = (): void => {
    open -= 1;
    if (open === 0) resolve();
  };
  for (let index = 0; index < task.connections; index++) {
    callers.push(new Caller({ origin, request, loop, over }));
  }
  for (const caller of callers) caller.send(nowNs());
});
await Promise.all(callers.map((caller) => caller.close()));
printFigures(loop.figures());
