import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { nowNs } from '../clock.js';
import { nsPerMs } from '../units.js';
import type { WorkerResources } from './assignment.js';

// The monitor's values hold its own interval.
const resolutionMs = 10;

/** Watches the health of the thread it runs in, between `begin` and `end`. */
export class ClientWatch {
  readonly #loopDelay = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #observer: PerformanceObserver;
  readonly #spareNs: () => number;
  #gcPauseMsMax = 0;
  #utilization = performance.eventLoopUtilization();
  #beganNs = 0;
  #spareBeforeNs = 0;

  /** @param spareNs time that spinning pacers had to spare so far, nanoseconds */
  constructor(spareNs: () => number) {
    this.#spareNs = spareNs;
    this.#observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        this.#gcPauseMsMax = Math.max(this.#gcPauseMsMax, duration);
      }
    });
  }

  begin(): void {
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#loopDelay.enable();
    this.#utilization = performance.eventLoopUtilization();
    this.#spareBeforeNs = this.#spareNs();
    this.#beganNs = nowNs();
  }

  end(): WorkerResources {
    const { utilization } = performance.eventLoopUtilization(this.#utilization);
    const lastedNs = Math.max(nowNs() - this.#beganNs, 1);
    const spare = (this.#spareNs() - this.#spareBeforeNs) / lastedNs;
    this.#loopDelay.disable();
    this.#observer.disconnect();
    const delayMs = this.#loopDelay.percentile(99) / nsPerMs - resolutionMs;
    return {
      eventLoopUtilization: Math.min(Math.max(utilization - spare, 0), 1),
      loopDelayMsP99: Math.max(delayMs, 0),
      gcPauseMsMax: this.#gcPauseMsMax,
    };
  }
}
