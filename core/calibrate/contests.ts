import type { Contest } from './contest.js';
import { nullHttpContest } from './contests/null-http.js';
import { pgSelectContest } from './contests/pg-select.js';
import { redisGetContest } from './contests/redis-get.js';

/** Every contest; a file each in `contests/`. */
export const contests: readonly Contest[] = [nullHttpContest, redisGetContest, pgSelectContest];
