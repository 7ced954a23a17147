import { parentPort, workerData } from 'node:worker_threads';
import { nowNs } from '../clock.js';
import { nsPerS } from '../units.js';
import { type GpuWatch, startGpuWatch } from './gpu.js';
import type { Sample, SamplerMessage, SamplerOrder, SampleSubject } from './sample.js';
import { SampleBuffer } from './sample-buffer.js';
import type { StatedSource } from './sample-stated.js';
import { SampleTaker, type SlowSource } from './sample-taker.js';

// At five a second some five hours of one cell, and about 50 MB.
const mostSamples = 100_000;
type Metrics = NonNullable<SampleSubject['metrics']>;

const { hz } = workerData as { readonly hz: number };
const buffer = new SampleBuffer<Sample>(mostSamples);
let taker: SampleTaker | undefined;
let stated: StatedSource | undefined;
let gpuWatch: GpuWatch | undefined;

function say(message: SamplerMessage): void {
  parentPort?.postMessage(message);
}

function warn(message: string): void {
  say({ kind: 'warning', message });
}

/** The newest readings of the GPUs, at most once a second. */
const gpus: SlowSource<NonNullable<Sample['gpus']>> & { atNs: number } = {
  atNs: Number.NEGATIVE_INFINITY,
  news() {
    const readings = gpuWatch?.latest() ?? [];
    if (readings.length === 0 || nowNs() - this.atNs < nsPerS) return undefined;
    this.atNs = nowNs();
    return readings.map((reading) => ({ ...reading }));
  },
};

/** As a source of a subject: the newest, once it is there. */
const statements = { news: () => stated?.news() };

function watch(subject: SampleSubject): void {
  rest();
  taker = new SampleTaker(subject, { stated: statements, gpus });
  if (subject.metrics !== undefined) void ask(subject.metrics, taker);
  sample();
}

/** The client of HTTP is loaded for stores that state something: it takes longer than all else. */
async function ask(metrics: Metrics, asker: SampleTaker): Promise<void> {
  const { StatedSource } = await import('./sample-stated.js');
  if (taker === asker) stated = new StatedSource({ metrics, warn });
}

function rest(): void {
  stated?.close();
  stated = undefined;
  taker = undefined;
}

function sample(): void {
  if (taker !== undefined) buffer.add(taker.sample());
}

function handOver(): void {
  rest();
  say({ kind: 'samples', samples: buffer.take() });
}

const timer = setInterval(sample, 1000 / hz);
const gpuStart = startGpuWatch().then(
  (started) => {
    gpuWatch = started;
  },
  (error: Error) => warn(`GPUs are not sampled: ${error.message}`),
);

async function end(): Promise<void> {
  clearInterval(timer);
  rest();
  await gpuStart;
  await gpuWatch?.close();
  parentPort?.close();
}

parentPort?.on('message', (order: SamplerOrder) => {
  if (order.kind === 'watch') watch(order.subject);
  else if (order.kind === 'take') handOver();
  else void end();
});
