import { BenchError } from '../../errors.js';
import type { Conditions, Contestant, Found, Measurement } from '../contest.js';
import { type Ended, runProgram } from '../program.js';
import { held } from '../stores/key-values.js';
import { type PgPlace, pgAddress } from '../stores/pg-client.js';
import { commandOf, findTool, type ToolCommand } from './command.js';
import { limitNs } from './limit.js';

const tool: ToolCommand = {
  name: 'pgbench',
  variable: 'BENCH_PGBENCH',
  install: 'apt-get install postgresql-contrib, or brew install libpq',
};

/** What pgbench asks, and how. */
export interface PgTask {
  readonly place: PgPlace;
  readonly table: { readonly table: string };
  readonly conditions: Conditions;
  readonly signal: AbortSignal;
}

/** pgbench, with one thread, as bench has one load worker. */
export function pgbench(task: PgTask): Contestant {
  const { warmUpS, durationS } = task.conditions;
  return {
    name: tool.name,
    title: tool.name,
    definitions: [
      'pgbench tells no percentiles, measures for whole seconds, draws its keys, and has no ' +
        'compiling to do',
      'the processor time of pgbench is that of its whole process, in steps of 10 ms',
    ],
    find: () => findPgbench(task),
    measure: async () => {
      await send(task, warmUpS);
      return pgbenchMeasurement(await send(task, durationS));
    },
  };
}

async function findPgbench({ place, signal }: PgTask): Promise<Found> {
  if (pgAddress(place).ssl !== false) return { missing: 'it is compared without TLS only' };
  return findTool(tool, signal);
}

/** The transaction: one select of a key that is drawn. */
function scriptOf(table: PgTask['table']): string {
  return [
    `\\set id random(0, ${held.rows - 1})`,
    `select value from ${table.table} where id = :id;`,
    '',
  ].join('\n');
}

/** Its seconds are whole ones: no fewer than were asked for. */
function send({ place, table, conditions, signal }: PgTask, seconds: number): Promise<Ended> {
  const { host, port, user, database, password } = pgAddress(place);
  const { file, args } = commandOf(tool);
  const wholeS = Math.max(Math.ceil(seconds), 1);
  return runProgram({
    file,
    args: [
      ...[...args, '-n', '-M', 'prepared', '-f', '-', '-j', '1'],
      ...['-c', String(conditions.connections), '-T', String(wholeS)],
      ...['-h', host, '-p', String(port), '-U', user, database],
    ],
    input: scriptOf(table),
    // Without a mode the library of PostgreSQL would try to encrypt.
    env: { PGSSLMODE: 'disable', ...(password !== undefined && { PGPASSWORD: password }) },
    limitNs: limitNs(wholeS),
    signal,
  });
}

/**
 * The figures of what pgbench prints: up to version 13 rates with and without connecting, since
 * then without.
 *
 * @throws BenchError STORE_FAILED when it printed something else
 */
export function pgbenchMeasurement({ stdout, cpuUs }: Ended): Measurement {
  const processed = /^number of transactions actually processed: (\d+)/m.exec(stdout)?.[1];
  const without = /^tps = ([\d.]+) \((?:without initial connection time|excluding )/m;
  const requests = Number(processed);
  const requestsPerS = Number(without.exec(stdout)?.[1]);
  if (![requests, requestsPerS].every(Number.isFinite)) {
    throw new BenchError('STORE_FAILED', `pgbench printed something else than figures: ${stdout}`);
  }
  const failed = Number(/^number of failed transactions: (\d+)/m.exec(stdout)?.[1] ?? 0);
  return {
    requests,
    requestsPerS,
    ...(cpuUs === undefined || requests === 0 ? {} : { clientCpuUs: cpuUs / requests }),
    errors: failed,
    ...(failed === 0 ? {} : { firstError: `${failed} transactions failed` }),
  };
}
