import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors.js';
import type {
  Sample,
  SamplerMessage,
  SamplerOrder,
  SampleSource,
  SampleSubject,
} from './sample.js';

/** What a sampler needs. */
export interface SamplerInput {
  /** Samples a second, more than 0. */
  readonly hz: number;
  /** Told of what cannot be sampled, each thing once. */
  readonly warn: (message: string) => void;
  /** The thread; another in tests. */
  readonly program?: URL;
  /** What handing over or ending may take; 5 s when not given. */
  readonly withinMs?: number;
}

/**
 * Samples what a run takes, in a thread that lives as long as the run. One that dies is told, and
 * from then on there are no samples: it never ends a run.
 */
export class Sampler implements SampleSource {
  readonly hz: number;
  readonly #input: SamplerInput;
  readonly #thread: Worker;
  readonly #told = new Set<string>();
  #isAlive = true;
  #handOver: ((samples: readonly Sample[]) => void) | undefined;
  #ended: (() => void) | undefined;

  constructor(input: SamplerInput) {
    this.#input = input;
    this.hz = input.hz;
    const program = input.program ?? new URL('./sampler-worker.js', import.meta.url);
    this.#thread = new Worker(program, { workerData: { hz: input.hz } });
    this.#thread.on('message', (message: SamplerMessage) => this.#take(message));
    this.#thread.on('error', (error) => this.#die(messageOf(error)));
    this.#thread.on('exit', () => {
      if (this.#ended === undefined) this.#die('its thread ended');
      this.#ended?.();
    });
  }

  watch(subject: SampleSubject): void {
    this.#order({ kind: 'watch', subject });
  }

  take(): Promise<readonly Sample[]> {
    if (!this.#isAlive) return Promise.resolve([]);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#die('it does not answer'), this.#withinMs());
      this.#handOver = (samples) => {
        clearTimeout(timer);
        this.#handOver = undefined;
        resolve(samples);
      };
      this.#order({ kind: 'take' });
    });
  }

  /** Ends the thread and what it started. */
  async end(): Promise<void> {
    if (this.#isAlive) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#withinMs());
        this.#ended = () => {
          clearTimeout(timer);
          resolve();
        };
        this.#order({ kind: 'end' });
      });
    }
    this.#isAlive = false;
    await this.#thread.terminate();
  }

  #withinMs(): number {
    return this.#input.withinMs ?? 5000;
  }

  #order(order: SamplerOrder): void {
    if (this.#isAlive) this.#thread.postMessage(order);
  }

  #take(message: SamplerMessage): void {
    if (message.kind === 'samples') this.#handOver?.(message.samples);
    else this.#warn(message.message);
  }

  #die(why: string): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#warn(`the sampler failed, there are no samples from here on: ${why}`);
    this.#handOver?.([]);
  }

  #warn(message: string): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#input.warn(message);
  }
}
