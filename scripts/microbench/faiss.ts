import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { findPython } from '../../core/host/python.js';
import { packageRoot } from '../../core/paths.js';
import type { Cell } from '../../core/result.js';
import { median } from '../../core/stats/quantile.js';
import { measure, print, roundsOf, value } from './runs.js';

const plain = join(packageRoot(), 'scripts', 'microbench', 'plain_faiss.py');

// A pair takes half a minute.
const rounds = roundsOf(3);

const flat = 'indexes=[{"family":"flat"}]';
const ivf = 'indexes=[{"family":"ivf-flat","params":{"nlist":128},"search":{"nprobe":64}}]';
const probeFew = 'indexes=[{"family":"ivf-flat","params":{"nlist":128},"search":{"nprobe":4}}]';

function engineMeanUs(cell: Cell): number {
  const { engine } = cell.streams[0]?.operations.search?.latencyMs ?? {};
  if (engine === undefined) throw new Error('the engine time was not measured');
  return engine.mean * 1000;
}

/** The engine host with one request in flight. */
export async function hostOverhead(): Promise<void> {
  for (const [name, index] of Object.entries({ flat, 'ivf-flat nprobe 4': probeFew })) {
    const settings = [index, 'gates=[]', 'measure.durationS=2'];
    const run = await measure({ suite: 'ivfpq', settings });
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
export async function againstPython(): Promise<void> {
  const python = await findPython();
  for (const { name, settings, python: args } of pairs) {
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const text = execFileSync(python, [plain, ...args], { encoding: 'utf8' });
      const all = ['gates=[]', 'measure.durationS=1', ...settings];
      const run = await measure({ suite: 'ivfpq', settings: all });
      const own = value(run.summaries[0], 'throughputQps');
      ratios.push(own / (JSON.parse(text) as { qps: number }).qps);
    }
    const all = ratios.map((ratio) => ratio.toFixed(3)).join(' ');
    print(`bench / plain Python: ${name}`, `${median(ratios).toFixed(3)} (${all})`);
  }
}
