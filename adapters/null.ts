import { threadId } from 'node:worker_threads';
import { z } from 'zod';
import type {
  Adapter,
  ConnectContext,
  Hits,
  SearchRequest,
  VectorOperations,
} from '../core/adapter.js';
import { realClock } from '../core/clock.js';
import { deriveSeed, seededRandom } from '../core/random.js';
import { ServiceLogWriter } from '../core/selftest/service-log.js';
import { answerRows } from './null/answers.js';
import { serviceShape, settingsOf } from './null/options.js';
import { RowCount } from './null/rows.js';
import { failureCode, Service } from './null/service.js';

const optionsSchema = z.strictObject({
  ...serviceShape,
  log: z
    .instanceof(SharedArrayBuffer)
    .optional()
    .describe('of createServiceLog: takes the times of every request'),
});

type Options = z.infer<typeof optionsSchema>;

/** What `open` of another thread needs: nothing but the size. */
interface Handle {
  readonly rows: number;
}

function serviceOf(options: Options, context: ConnectContext): Service {
  const { log, seed } = options;
  // Threads that drew the same delays would be slow together.
  const name = `${context.namespace}/${threadId}`;
  return new Service(options, {
    clock: realClock,
    random: seededRandom(deriveSeed(seed, name)),
    log: log && new ServiceLogWriter(log),
  });
}

function vectorOperations(options: Options, context: ConnectContext): VectorOperations {
  const service = serviceOf(options, context);
  const count = new RowCount();
  const prepare = (requests: readonly SearchRequest[]): Hits => {
    const asked = { k: requests[0]?.k ?? 1, rows: requests.map(({ row }) => row ?? -1) };
    return { ids: answerRows(asked, context.truth, options.answers) };
  };
  const search = async (prepared: unknown): Promise<Hits> => {
    const served = service.serve();
    const ok = typeof served === 'boolean' ? served : await served;
    if (!ok) throw Object.assign(new Error('null: a failure as asked for'), { code: failureCode });
    return prepared as Hits;
  };
  return {
    create: async (spec) => {
      count.announced = spec.rows;
    },
    ...count.operations(),
    handle: (): Handle => ({ rows: count.announced }),
    open: async (handle) => {
      count.stored = (handle as Handle).rows;
    },
    prepareSearch: (request) => prepare([request]),
    search,
    prepareSearchBatch: prepare,
    searchBatch: search,
    drop: async () => {
      count.stored = 0;
    },
  };
}

/**
 * Answers from the dataset's truth after a known time: the floor of the scale, never ranked. Each
 * thread has a service of its own: concurrency, stalls and errors are those of one load worker.
 */
const adapter: Adapter = {
  title: 'Null store: the true answers after a known time, without searching',
  kind: 'embedded',
  inProcess: true,
  transports: ['client'],
  standIn: true,
  metrics: ['l2', 'ip', 'cosine'],
  options: optionsSchema,
  indexes: [{ family: 'flat', title: 'looks the answer up', params: {}, search: {}, exact: true }],
  abilities: ['batch'],
  async connect(given, context) {
    const options = optionsSchema.parse(given);
    const { log, ...service } = options;
    return {
      vectors: vectorOperations(options, context),
      describe: async () => ({
        version: process.version,
        settings: settingsOf(service),
        warnings: [],
        pids: [],
      }),
      ...(log !== undefined && { serviceLog: async () => log }),
      close: async () => undefined,
    };
  },
};

export default adapter;
