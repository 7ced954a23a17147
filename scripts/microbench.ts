import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Bench } from 'tinybench';
import { findPython } from '../core/host/python.js';
import { StreamRecorder } from '../core/load/recorder.js';
import { MeasureWindow } from '../core/load/window.js';
import { createHistogram, recordNs } from '../core/measure/histogram.js';
import { packageRoot } from '../core/paths.js';
import type { Cell, Run, Summary } from '../core/result.js';
import { readRun } from '../core/run/store.js';
import { median } from '../core/stats/quantile.js';

const rounds = 3;
const bench = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const plain = join(packageRoot(), 'scripts', 'microbench', 'plain_faiss.py');
const folder = mkdtempSync(join(tmpdir(), 'bench-micro-'));

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(70)} ${value}\n`);
}

/** Runs a suite of one cell or a few and gives the stored run. */
async function measure(name: string, suite: string, settings: readonly string[]): Promise<Run> {
  const out = join(folder, name);
  const sets = settings.flatMap((setting) => ['--set', setting]);
  const options = ['--quiet', '--json', '--repeats', '3', '--out', out];
  execFileSync(process.execPath, [bench, 'run', '--suite', suite, ...options, ...sets], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const run = await readRun(out);
  rmSync(out, { recursive: true });
  return run;
}

function value(summary: Summary | undefined, metric: string): number {
  const figure = summary?.metrics[metric];
  if (figure === undefined) throw new Error(`${metric} was not measured`);
  return figure.median;
}

/** What recording one request costs, without any store. */
async function recording(): Promise<void> {
  const times = { startNs: 0, minEndNs: Number.MAX_VALUE, maxEndNs: Number.MAX_VALUE };
  const window = new MeasureWindow(times, new Float64Array(1), 0);
  const options = { name: 'search', kind: 'closed' as const, k: 10, batch: 1, queries: 500 };
  const batches = Array.from({ length: 500 }, (_, index) => index);
  const recorder = new StreamRecorder({ ...options, batches, maxJudged: 100_000, seed: 1 }, window);
  const flight = { intendedNs: 0, firedNs: 0, sentNs: 0, doneNs: 1000, body: 7 };
  const hits = { ids: new Int32Array(10), engineNs: 500, hostQueueNs: 20 };
  const histogram = createHistogram();
  const suite = new Bench({ time: 500 });
  suite.add('one value into a histogram', () => recordNs(histogram, 123_456));
  suite.add('everything about one request', () => recorder.succeed(flight, hits));
  await suite.run();
  for (const { name, result } of suite.tasks) {
    if (result.state !== 'completed') throw new Error(`${name} was not measured`);
    print(`recording: ${name}`, `${(result.latency.mean * 1e6).toFixed(0)} ns`);
  }
}

/** The closed loop over a store that answers at once, all in. */
async function closedLoop(): Promise<void> {
  const run = await measure('null', 'smoke', [
    'targets=["null"]',
    'streams[0].batch=1',
    'measure.durationS=2',
  ]);
  const microseconds = 1e6 / value(run.summaries[0], 'requestsPerS');
  print(
    'harness cost of a request, closed, null store in process',
    `${microseconds.toFixed(2)} us`,
  );
}

const flat = 'indexes=[{"family":"flat"}]';
const ivf = 'indexes=[{"family":"ivf-flat","params":{"nlist":128},"search":{"nprobe":64}}]';
const probeFew = 'indexes=[{"family":"ivf-flat","params":{"nlist":128},"search":{"nprobe":4}}]';

function engineMeanUs(cell: Cell): number {
  const { engine } = cell.streams[0]?.operations.search?.latencyMs ?? {};
  if (engine === undefined) throw new Error('the engine time was not measured');
  return engine.mean * 1000;
}

/** The engine host with one request in flight. */
async function hostOverhead(): Promise<void> {
  for (const [name, index] of Object.entries({ flat, 'ivf-flat nprobe 4': probeFew })) {
    const run = await measure('host', 'ivfpq', [index, 'gates=[]', 'measure.durationS=2']);
    const summary = run.summaries[0];
    const engineUs = median(run.cells.map(engineMeanUs));
    const beyondUs = value(summary, 'serverCpuUs') - engineUs;
    const overheadUs = value(summary, 'overheadMsP50') * 1000;
    print(`host, ${name}: overhead p50 (service - engine)`, `${overheadUs.toFixed(1)} us`);
    print(`host, ${name}: host CPU a request beyond the engine`, `${beyondUs.toFixed(1)} us`);
    print(`host, ${name}: client CPU a request`, `${value(summary, 'clientCpuUs').toFixed(1)} us`);
  }
}

interface Pair {
  readonly name: string;
  readonly settings: readonly string[];
  /** Arguments of the plain Python program. */
  readonly python: readonly string[];
}

const pairs: readonly Pair[] = [
  {
    name: 'batch of 1000, ivf-flat nprobe 4',
    settings: [probeFew, 'streams[0].batch=1000', 'measure.durationS=4'],
    python: ['batch', 'IVF128,Flat', '4', '2', '1'],
  },
  {
    name: 'batch of 1000, ivf-flat nprobe 64',
    settings: [ivf, 'streams[0].batch=1000', 'measure.durationS=4'],
    python: ['batch', 'IVF128,Flat', '64', '2', '1'],
  },
  {
    name: '2 in flight, flat',
    settings: [flat, 'streams[0].load[0].concurrency=2'],
    python: ['loop', 'Flat', '1', '2', '2'],
  },
  {
    name: '2 in flight, ivf-flat nprobe 64',
    settings: [ivf, 'streams[0].load[0].concurrency=2'],
    python: ['loop', 'IVF128,Flat', '64', '2', '2'],
  },
];

/** Queries a second through bench over those of plain Python, in alternating rounds. */
async function againstPython(python: string): Promise<void> {
  for (const { name, settings, python: args } of pairs) {
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const text = execFileSync(python, [plain, ...args], { encoding: 'utf8' });
      const run = await measure('pair', 'ivfpq', ['gates=[]', 'measure.durationS=1', ...settings]);
      const own = value(run.summaries[0], 'throughputQps');
      ratios.push(own / (JSON.parse(text) as { qps: number }).qps);
    }
    const all = ratios.map((ratio) => ratio.toFixed(3)).join(' ');
    print(`bench / plain Python: ${name}`, `${median(ratios).toFixed(3)} (${all})`);
  }
}

try {
  await recording();
  await closedLoop();
  await hostOverhead();
  await againstPython(await findPython());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
