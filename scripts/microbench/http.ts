import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import nullHttp from '../../adapters/null-http.js';
import type { VectorOperations } from '../../core/adapter.js';
import { median } from '../../core/stats/quantile.js';
import { measure, print, rounds, value } from './runs.js';

const connections = 50;
const seconds = 4;

/** Gives the address of a null server of its own, and takes it away. */
async function withServer<T>(work: (origin: string) => T): Promise<T> {
  const store = await nullHttp.connect(await defaults(), {
    namespace: 'bench_micro',
    connections: 1,
    timeoutNs: 1e10,
    signal: new AbortController().signal,
    log: () => undefined,
    truth: { k: 10, ids: new Int32Array(10) },
  });
  try {
    const spec = {
      name: 'b00',
      rows: 1,
      dimensions: 1,
      metric: 'l2',
      elements: 'f32',
      family: 'flat',
    } as const;
    const threads = { buildThreads: 1, searchThreads: 1, seed: 1, params: {} };
    const vectors = store.vectors as VectorOperations;
    await vectors.create({ ...spec, ...threads });
    return work((vectors.handle() as { origin: string }).origin);
  } finally {
    await store.close();
  }
}

async function defaults(): Promise<unknown> {
  const checked = await nullHttp.options['~standard'].validate({});
  if (checked.issues !== undefined) throw new Error('the null server has no defaults');
  return checked.value;
}

/** Requests a second, and processor time of a request in microseconds, start-up counted in. */
interface Speed {
  readonly requestsPerS: number;
  readonly clientCpuUs: number;
}

/** Processor time of the children that have ended, in microseconds, in steps of 10 ms. */
function childrenCpuUs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10_000;
}

function autocannon(origin: string): Speed {
  const program = createRequire(import.meta.url).resolve('autocannon/autocannon.js');
  const beforeUs = childrenCpuUs();
  const options = ['-c', `${connections}`, '-d', `${seconds}`, '--json'];
  const text = execFileSync(
    process.execPath,
    [program, ...options, `${origin}/search?row=0&k=10`],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const { requests } = JSON.parse(text) as { requests: { average: number; total: number } };
  const clientCpuUs = (childrenCpuUs() - beforeUs) / requests.total;
  return { requestsPerS: requests.average, clientCpuUs };
}

async function bench(): Promise<Speed> {
  const run = await measure({
    suite: 'smoke',
    settings: [
      ...['targets=["null-http"]', 'streams[0].batch=1', 'gates=[]'],
      `streams[0].load[0].concurrency=${connections}`,
      `measure.durationS=${seconds}`,
    ],
    repeats: 1,
  });
  const [summary] = run.summaries;
  return {
    requestsPerS: value(summary, 'requestsPerS'),
    clientCpuUs: value(summary, 'clientCpuUs'),
  };
}

/** One load worker next to autocannon, both with 50 connections, in alternating rounds. */
export async function againstAutocannon(): Promise<void> {
  const pairs: { own: Speed; other: Speed }[] = [];
  for (let round = 0; round < rounds; round++) {
    const other = await withServer(autocannon);
    pairs.push({ own: await bench(), other });
  }
  const ratios = pairs.map(({ own, other }) => own.requestsPerS / other.requestsPerS);
  const all = ratios.map((ratio) => ratio.toFixed(3)).join(' ');
  print(
    'HTTP null store, 50 connections: bench / autocannon',
    `${median(ratios).toFixed(3)} (${all})`,
  );
  const of = (which: 'own' | 'other', figure: keyof Speed): string =>
    median(pairs.map((pair) => pair[which][figure])).toFixed(1);
  print('requests a second, bench', of('own', 'requestsPerS'));
  print('requests a second, autocannon', of('other', 'requestsPerS'));
  print('client CPU a request, bench', `${of('own', 'clientCpuUs')} us`);
  print('client CPU a request, autocannon', `${of('other', 'clientCpuUs')} us`);
}
