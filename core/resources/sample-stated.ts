import { nowNs } from '../clock.js';
import { messageOf } from '../errors.js';
import { nsPerS } from '../units.js';
import { fetchMetrics, metricValue } from './prometheus.js';
import type { Sample, SampleSubject } from './sample.js';
import type { SlowSource } from './sample-taker.js';

type Stated = NonNullable<Sample['stated']>;

const everyNs = nsPerS;
const timeoutMs = 2000;

/** What a source of metrics needs. */
export interface StatedInput {
  readonly metrics: NonNullable<SampleSubject['metrics']>;
  /** Told once of each thing that goes wrong. */
  readonly warn: (message: string) => void;
  readonly fetch?: typeof fetchMetrics;
  readonly now?: () => number;
}

/**
 * What a store says of itself. It is asked at most once a second, never while an answer is awaited,
 * and nobody waits for it. One that fails is asked again: it may have been busy.
 */
export class StatedSource implements SlowSource<Stated> {
  readonly #input: StatedInput;
  readonly #now: () => number;
  readonly #abort = new AbortController();
  readonly #told = new Set<string>();
  #askedAtNs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #news: Stated | undefined;

  constructor(input: StatedInput) {
    this.#input = input;
    this.#now = input.now ?? nowNs;
  }

  news(): Stated | undefined {
    const news = this.#news;
    this.#news = undefined;
    if (this.#asking === undefined && this.#now() - this.#askedAtNs >= everyNs) {
      this.#askedAtNs = this.#now();
      this.#asking = this.#ask().finally(() => {
        this.#asking = undefined;
      });
    }
    return news;
  }

  /** Resolves when no answer is awaited. */
  async settled(): Promise<void> {
    await this.#asking;
  }

  /** Waits for no more answers. */
  close(): void {
    this.#abort.abort();
  }

  async #ask(): Promise<void> {
    const { metrics, fetch = fetchMetrics } = this.#input;
    const { signal } = this.#abort;
    try {
      const samples = await fetch({ url: metrics.url, timeoutMs, signal });
      const values: Record<string, number> = {};
      for (const [name, selector] of Object.entries(metrics.names)) {
        const value = metricValue(samples, selector);
        if (value !== undefined) values[name] = value;
        else this.#warn(selector, `${metrics.url} tells no ${selector} (${name})`);
      }
      this.#news = { atNs: this.#now(), values };
    } catch (error) {
      if (!signal.aborted) this.#warn('', messageOf(error));
    }
  }

  #warn(about: string, message: string): void {
    if (this.#told.has(about)) return;
    this.#told.add(about);
    this.#input.warn(message);
  }
}
