import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Bench } from 'tinybench';
import { StreamRecorder } from '../../core/load/recorder.js';
import { MeasureWindow } from '../../core/load/window.js';
import { createHistogram, recordNs } from '../../core/measure/histogram.js';
import type { Run, Summary } from '../../core/result.js';
import { readRun } from '../../core/run/store.js';
import { median } from '../../core/stats/quantile.js';
import { argumentsOf, type Measurement, measure, print, rounds, value, withOut } from './runs.js';

const onNull = ['targets=["null"]', 'streams[0].batch=1', 'gates=[]'];

function recorderOf(kind: 'closed' | 'open'): StreamRecorder {
  const times = { startNs: 0, minEndNs: Number.MAX_VALUE, maxEndNs: Number.MAX_VALUE };
  const window = new MeasureWindow(times, new Float64Array(1), 0);
  const batches = Array.from({ length: 500 }, (_, index) => index);
  const options = { name: 'search', kind, k: 10, batch: 1, queries: 500, batches };
  return new StreamRecorder({ ...options, maxJudged: 100_000, seed: 1 }, window);
}

/** What recording one request costs, without any store. */
export async function recording(): Promise<void> {
  const flight = { intendedNs: 0, firedNs: 10, sentNs: 20, doneNs: 1000, body: 7 };
  const hits = { ids: new Int32Array(10), engineNs: 500, hostQueueNs: 20 };
  const histogram = createHistogram();
  const closed = recorderOf('closed');
  const open = recorderOf('open');
  const suite = new Bench({ time: 500 });
  suite.add('one value into a histogram', () => recordNs(histogram, 123_456));
  suite.add('everything about one request, closed', () => closed.succeed(flight, hits));
  suite.add('everything about one request, open', () => open.succeed(flight, hits));
  await suite.run();
  for (const { name, result } of suite.tasks) {
    if (result.state !== 'completed') throw new Error(`${name} was not measured`);
    print(`recording: ${name}`, `${(result.latency.mean * 1e6).toFixed(0)} ns`);
  }
}

/** The closed loop over a store that answers at once, all in; one worker, and two. */
export async function closedLoop(): Promise<void> {
  const settings = [...onNull, 'measure.durationS=1'];
  const ratios: number[] = [];
  const alone: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const one = await measure({ suite: 'smoke', inProcess: true, settings });
    const aloneQps = value(one.summaries[0], 'requestsPerS');
    alone.push(aloneQps);
    const both = ['streams[0].load[0].concurrency=2', 'measure.workers=2'];
    const two = await measure({
      suite: 'smoke',
      inProcess: true,
      settings: [...settings, ...both],
    });
    ratios.push(value(two.summaries[0], 'requestsPerS') / aloneQps);
  }
  const cost = `${(1e6 / median(alone)).toFixed(2)} us`;
  print('harness cost of a request, closed, null store in process', cost);
  const all = ratios.map((ratio) => ratio.toFixed(2)).join(' ');
  print('requests a second, two workers / one', `${median(ratios).toFixed(2)} (${all})`);
}

function openLoad(rates: readonly number[]): string {
  return `streams[0].load=[{"kind":"open","rateQps":${JSON.stringify(rates)},"maxInFlight":1024}]`;
}

/** How well open loads are kept, and what they cost. */
export async function openLoads(): Promise<void> {
  for (const pacer of ['sleep', 'spin']) {
    const settings = [
      ...[...onNull, openLoad([1000, 10_000, 50_000])],
      ...['measure.durationS=3', `measure.pacer=${pacer}`],
    ];
    const run = await measure({ suite: 'smoke', inProcess: true, settings });
    for (const rate of [1000, 10_000, 50_000]) printOpen(run, rate, `open ${rate}/s, ${pacer}`);
  }
}

function printOpen(run: Run, rate: number, name: string): void {
  const summary = run.summaries.find(({ load }) => load.rateQps === rate) as Summary;
  if (summary.validRepeats === 0) {
    print(name, `no valid repeat: ${summary.invalid?.[0]?.message}`);
    return;
  }
  const share = value(summary, 'throughputQps') / value(summary, 'offeredQps');
  const cpuUs = value(summary, 'clientCpuUs');
  const lag = ['P50', 'P99'].map((at) => value(summary, `pacerLagMs${at}`).toFixed(3));
  print(
    name,
    [
      `achieved ${share.toFixed(4)}`,
      `pacerLag p50 ${lag[0]} p99 ${lag[1]} ms`,
      `client ${cpuUs.toFixed(2)} us a request, ${((cpuUs * rate) / 1e4).toFixed(1)} % of a core`,
      `${summary.validRepeats} of ${summary.repeats} repeats valid`,
    ].join(', '),
  );
}

const longRate = 200_000;
const longS = 50;

/** Whether the client's memory grows over ten million requests. */
export async function memoryOfMany(): Promise<void> {
  const settings = [...onNull, openLoad([longRate]), `measure.durationS=${longS}`];
  const measurement: Measurement = { suite: 'smoke', inProcess: true, settings, repeats: 1 };
  await withOut(async (out) => {
    const child = spawn(process.execPath, argumentsOf(measurement, out), {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const resident: number[] = [];
    const timer = setInterval(() => resident.push(residentBytes(child.pid ?? 0)), 1000);
    await once(child, 'exit');
    clearInterval(timer);
    const { requests } = (await readRun(out)).cells[0]?.streams[0]?.operations.search ?? {};
    // Start-up and the first million requests, in which buffers reach their size, are left out.
    const steady = resident.slice(8, longS);
    const growth = (Math.max(...steady) - (steady[0] ?? 0)) / 2 ** 20;
    const millions = ((requests?.completed ?? 0) / 1e6).toFixed(1);
    print(`resident memory over ${millions} million requests grows by`, `${growth.toFixed(1)} MiB`);
  });
}

function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? 0) * 1024;
}
