import { nsPerS } from '../../units.js';
import { held, requireValue } from '../stores/key-values.js';
import { openRedis, type RedisClient, redisPlaceSchema } from '../stores/redis-client.js';
import { heldKeysSchema, keyOf } from '../stores/redis-get.js';
import { loopConditionsSchema, toldTask } from '../tools/node-program.js';
import { printFigures, runCallers } from './bare-loop.js';

// The program of a bare loop: each connection asks for the next key when it has the value of its
// last one.

const timeoutNs = 10 * nsPerS;

const task = await toldTask(
  loopConditionsSchema.extend({ place: redisPlaceSchema, held: heldKeysSchema }),
);
const clients = await openRedis(task.place, task.connections, timeoutNs);
const keys = Array.from({ length: held.rows }, (_, row) => keyOf(task.held, row));
let next = 0;
const figures = await runCallers(task, (caller) => {
  const key = keys[next] as string;
  next = next + 1 === keys.length ? 0 : next + 1;
  const asked = (clients[caller] as RedisClient).getBuffer(key);
  return asked.then((value) => requireValue(value?.length));
});
for (const client of clients) client.disconnect();
printFigures(figures);
