import { z } from 'zod';
import type {
  Adapter,
  ConnectContext,
  Hits,
  SearchRequest,
  Store,
  VectorOperations,
} from '../core/adapter.js';
import { nowNs, realClock } from '../core/clock.js';
import { deriveSeed, type Random, seededRandom } from '../core/random.js';
import { nsPerMs } from '../core/units.js';

const optionsSchema = z.strictObject({
  law: z
    .enum(['none', 'constant', 'lognormal', 'bimodal'])
    .default('none')
    .describe('how long an answer takes; none answers at once'),
  medianMs: z.number().min(0).max(60_000).default(1),
  sigma: z.number().min(0).max(3).default(0.5).describe('of the logs, lognormal'),
  slowMs: z.number().min(0).max(60_000).default(10).describe('the slower mode, bimodal'),
  slowFraction: z.number().min(0).max(1).default(0.01).describe('how often it is slow, bimodal'),
  seed: z.number().int().default(1),
  logCapacity: z.number().int().min(0).default(1_000_000).describe('requests that are logged'),
});

type Options = z.infer<typeof optionsSchema>;

/** When requests began and ended in the store, in nanoseconds of the harness's clock. */
export class ServiceLog {
  readonly #capacity: number;
  #times = new Float64Array(2048);
  /** Requests logged. */
  count = 0;
  /** Requests beyond the capacity, which are only counted. */
  left = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(beganNs: number, endedNs: number): void {
    if (this.count >= this.#capacity) {
      this.left += 1;
      return;
    }
    if (2 * this.count === this.#times.length) {
      const larger = new Float64Array(2 * this.#times.length);
      larger.set(this.#times);
      this.#times = larger;
    }
    this.#times[2 * this.count] = beganNs;
    this.#times[2 * this.count + 1] = endedNs;
    this.count += 1;
  }

  /** Begin and end of a request, counted from 0 in the order of their ends. */
  at(index: number): { readonly beganNs: number; readonly endedNs: number } {
    return {
      beganNs: this.#times[2 * index] as number,
      endedNs: this.#times[2 * index + 1] as number,
    };
  }
}

/** What `open` of another thread needs: nothing but the size. */
interface Handle {
  readonly rows: number;
}

interface NullSearch {
  readonly k: number;
  /** Rows of the query file; -1 for a vector that is not of it. */
  readonly rows: readonly number[];
}

/** How long the next answer takes, by the law. */
function delayNs(options: Options, random: Random): number {
  const { law, medianMs } = options;
  if (law === 'none') return 0;
  if (law === 'constant') return medianMs * nsPerMs;
  if (law === 'bimodal') {
    return (random() < options.slowFraction ? options.slowMs : medianMs) * nsPerMs;
  }
  // Box and Muller, A Note on the Generation of Random Normal Deviates (1958).
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return medianMs * Math.exp(options.sigma * normal) * nsPerMs;
}

/** A store of the null adapter: its own log stands beside what the harness measures. */
export interface NullStore extends Store {
  readonly vectors: VectorOperations;
  readonly log: ServiceLog;
}

/** The true neighbours, for queries of the dataset. */
function answer({ k, rows }: NullSearch, truth: ConnectContext['truth']): Int32Array {
  const ids = new Int32Array(k * rows.length).fill(-1);
  if (truth === undefined) return ids;
  const known = Math.min(k, truth.k);
  rows.forEach((row, index) => {
    if (row >= 0) ids.set(truth.ids.subarray(row * truth.k, row * truth.k + known), index * k);
  });
  return ids;
}

function vectorOperations(
  options: Options,
  context: ConnectContext,
  log: ServiceLog,
): VectorOperations {
  const random = seededRandom(deriveSeed(options.seed, context.namespace));
  let announced = 0;
  let stored = 0;
  const search = async (prepared: unknown): Promise<Hits> => {
    const beganNs = nowNs();
    const waitNs = delayNs(options, random);
    if (waitNs > 0) await realClock.sleepUntil(beganNs + waitNs);
    const ids = answer(prepared as NullSearch, context.truth);
    log.add(beganNs, nowNs());
    return { ids };
  };
  const prepare = (requests: readonly SearchRequest[]): NullSearch => ({
    k: requests[0]?.k ?? 1,
    rows: requests.map(({ row }) => row ?? -1),
  });
  return {
    create: async (spec) => {
      announced = spec.rows;
    },
    prepareUpsert: (batch) => batch.ids.length,
    upsert: async (rows) => {
      stored += rows as number;
    },
    finish: async () => [],
    count: async () => stored,
    handle: (): Handle => ({ rows: announced }),
    open: async (handle) => {
      stored = (handle as Handle).rows;
    },
    prepareSearch: (request) => prepare([request]),
    search,
    prepareSearchBatch: prepare,
    searchBatch: search,
    drop: async () => {
      stored = 0;
    },
  };
}

/** Answers from the dataset's truth after a known time: the floor of the scale, never ranked. */
const adapter: Adapter = {
  title: 'Null store: the true answers after a known time, without searching',
  kind: 'embedded',
  transports: ['client'],
  standIn: true,
  metrics: ['l2', 'ip', 'cosine'],
  options: optionsSchema,
  indexes: [{ family: 'flat', title: 'looks the answer up', params: {}, search: {}, exact: true }],
  async connect(given, context): Promise<NullStore> {
    const options = optionsSchema.parse(given);
    const log = new ServiceLog(options.logCapacity);
    return {
      vectors: vectorOperations(options, context, log),
      log,
      describe: async () => ({
        version: process.version,
        settings: { ...options },
        warnings: [],
        pids: [],
      }),
      close: async () => undefined,
    };
  },
};

export default adapter;
