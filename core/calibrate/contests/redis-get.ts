import { shownUrl } from '../../server/connection-error.js';
import type { Contest, ContestInput, OpenContest } from '../contest.js';
import { redisClientVersion, redisPlaceOf } from '../stores/redis-client.js';
import redisGet, { heldKeysSchema } from '../stores/redis-get.js';
import { bareLoop } from '../tools/bare-loop.js';
import { redisBenchmark } from '../tools/redis-benchmark.js';
import { openKeyed } from './running-server.js';

/** GET in Redis: what bench's loop costs over the client of its adapter. */
export const redisGetContest: Contest = {
  name: 'redis-get',
  title: 'Redis, GET of 64 bytes by 1,000 keys in turn',
  target: 'redis',
  startsServer: false,
  against: 'ioredis',
  open,
};

async function open(input: ContestInput): Promise<OpenContest> {
  const target = await input.loadTarget('redis');
  const place = redisPlaceOf(target);
  const { conditions, signal } = input;
  return openKeyed(
    target,
    {
      adapter: redisGet,
      adapterUrl: new URL('../stores/redis-get.js', import.meta.url).href,
      options: place,
      shown: shownUrl(place.url),
      others: ({ live }) => {
        const keys = heldKeysSchema.parse(live.handle);
        const ioredis = bareLoop({
          name: 'ioredis',
          program: 'ioredis-loop',
          version: () => redisClientVersion(place),
          task: { told: { place, held: keys }, conditions, signal },
        });
        return [ioredis, redisBenchmark({ place, keys, conditions, signal })];
      },
    },
    input,
  );
}
