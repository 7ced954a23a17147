import type { Contest } from './contest.js';
import { nullHttpContest } from './contests/null-http.js';

/** Every contest; a file each in `contests/`. */
export const contests: readonly Contest[] = [nullHttpContest];
