import { shownUrl } from '../../server/connection-error.js';
import type { Contest, ContestInput, OpenContest } from '../contest.js';
import { pgClientVersion, pgPlaceOf } from '../stores/pg-client.js';
import pgSelect, { heldTableSchema } from '../stores/pg-select.js';
import { bareLoop } from '../tools/bare-loop.js';
import { pgbench } from '../tools/pgbench.js';
import { openKeyed } from './running-server.js';

/** A prepared select in PostgreSQL: what bench's loop costs over the client of its adapter. */
export const pgSelectContest: Contest = {
  name: 'pg-select',
  title: 'PostgreSQL, a prepared select of 64 bytes by 1,000 keys in turn',
  target: 'pgvector',
  startsServer: false,
  against: 'pg',
  open,
};

async function open(input: ContestInput): Promise<OpenContest> {
  const target = await input.loadTarget('pgvector');
  const place = pgPlaceOf(target);
  const { conditions, signal } = input;
  return openKeyed(
    target,
    {
      adapter: pgSelect,
      adapterUrl: new URL('../stores/pg-select.js', import.meta.url).href,
      options: place,
      shown: shownUrl(place.url),
      others: ({ live }) => {
        const table = heldTableSchema.parse(live.handle);
        const pg = bareLoop({
          name: 'pg',
          program: 'pg-loop',
          version: () => pgClientVersion(place),
          task: { told: { place, held: table }, conditions, signal },
        });
        return [pg, pgbench({ place, table, conditions, signal })];
      },
    },
    input,
  );
}
