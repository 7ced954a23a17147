import { nsPerS } from '../../units.js';
import { held } from '../stores/key-values.js';
import { openPg, type PgClient, pgPlaceSchema } from '../stores/pg-client.js';
import { heldTableSchema, requireRow, selectOf } from '../stores/pg-select.js';
import { loopConditionsSchema, toldTask } from '../tools/node-program.js';
import { printFigures, runCallers } from './bare-loop.js';

// The program of a bare loop: each connection runs the prepared statement for the next key when it
// has the row of its last one.

const timeoutNs = 10 * nsPerS;

const task = await toldTask(
  loopConditionsSchema.extend({ place: pgPlaceSchema, held: heldTableSchema }),
);
const clients = await openPg(task.place, task.connections, timeoutNs);
const statements = Array.from({ length: held.rows }, (_, row) => selectOf(task.held, row));
let next = 0;
const figures = await runCallers(task, (caller) => {
  const statement = statements[next] as (typeof statements)[number];
  next = next + 1 === statements.length ? 0 : next + 1;
  return new Promise<void>((resolve, reject) => {
    (clients[caller] as PgClient).query(statement, (error, answer) => {
      try {
        if (error !== null && error !== undefined) throw error;
        requireRow(answer);
        resolve();
      } catch (thrown) {
        reject(thrown);
      }
    });
  });
});
await Promise.all(clients.map((client) => client.end()));
printFigures(figures);
