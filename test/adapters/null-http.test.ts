import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import adapter, { type NullHttpHandle } from '../../adapters/null-http.js';
import { nowNs, realClock } from '../../core/clock.js';
import { BenchError } from '../../core/errors.js';
import {
  createServiceLog,
  readServiceLog,
  type ServiceRecord,
} from '../../core/selftest/service-log.js';
import {
  connectNull,
  expectedRecalls,
  judgedRecall,
  type OpenedNull,
  openNull,
  outcomesOf,
  requestOf,
  searchOnce,
} from './null-scene.js';

/** A store with its server, which ends with the test. */
async function open(context: TestContext, options: object, connections = 8): Promise<OpenedNull> {
  const opened = await openNull(adapter, options, connections);
  context.after(() => opened.store.close());
  return opened;
}

async function isListening(origin: string): Promise<boolean> {
  return fetch(origin).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Waits until something is so; a test that waits in vain is ended by its time limit. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await realClock.sleepUntil(nowNs() + 10e6);
}

async function logOf({ store }: OpenedNull): Promise<ServiceRecord> {
  const log = (await store.serviceLog?.()) ?? assert.fail('it keeps a log');
  return readServiceLog(log);
}

const handleOf = ({ vectors }: OpenedNull): NullHttpHandle => vectors.handle() as NullHttpHandle;

test('answers of every kind come through the server as they are', async (context) => {
  for (const answers of ['true', 'repeated', 'short', 'half', 'wrong'] as const) {
    const { vectors } = await open(context, { answers });
    for (const expected of expectedRecalls.filter((each) => each.answers === answers)) {
      const judged = await judgedRecall(vectors, expected.k);
      assert.equal(judged.mean, expected.recall, `${answers} at k = ${expected.k}`);
      assert.equal(judged.answered, expected.answered);
    }
  }
});

test('a large batch is one request', async (context) => {
  const opened = await open(context, { logCapacity: 10 });
  const { vectors } = opened;
  const requests = Array.from({ length: 10_000 }, (_, item) => requestOf(item % 2, 2));
  const prepared = vectors.prepareSearchBatch?.(requests);
  const { ids } = (await vectors.searchBatch?.(prepared)) ?? assert.fail('it has batches');
  assert.equal(ids.length, 20_000);
  // The queries at 100.1 and 30.1, in turn.
  assert.deepEqual([...ids.subarray(0, 6)], [100, 101, 30, 31, 100, 101]);
  assert.equal((await logOf(opened)).entries.length, 1);
});

test('two at a time, the requests of six callers take 5, 10 and 15 ms', async (context) => {
  const options = { law: 'constant', medianMs: 5, concurrency: 2, logCapacity: 100 };
  const opened = await open(context, options);
  const sentNs = nowNs();
  const tookMs = await Promise.all(
    Array.from({ length: 6 }, async () => {
      await searchOnce(opened.vectors);
      return (nowNs() - sentNs) / 1e6;
    }),
  );
  const doneNs = nowNs();
  tookMs.sort((a, b) => a - b);
  // Timers are never early, and late by as much as the machine is busy.
  for (const [index, leastMs] of [5, 5, 10, 10, 15, 15].entries()) {
    const took = tookMs[index] as number;
    assert.ok(took >= leastMs && took < leastMs + 250, `${took} ms, at least ${leastMs}`);
  }
  const { entries, lost } = await logOf(opened);
  assert.deepEqual([entries.length, lost], [6, 0]);
  for (const { arrivedNs, beganNs, endedNs, ok, thread } of entries) {
    assert.ok(ok);
    assert.equal(thread, 0);
    assert.ok(endedNs - beganNs >= 5e6);
    const inService = entries.filter(
      (other) => other.beganNs <= beganNs && beganNs < other.endedNs,
    );
    assert.ok(inService.length <= 2, `${inService.length} at once`);
    // The clocks of the two processes are the same.
    assert.ok(arrivedNs >= sentNs - 1e6 && endedNs <= doneNs + 1e6);
  }
});

test('what arrives in a stall waits for its end', async (context) => {
  const opened = await open(context, { stalls: [{ atMs: 0, forMs: 60 }], logCapacity: 10 });
  await Promise.all([searchOnce(opened.vectors), searchOnce(opened.vectors)]);
  await searchOnce(opened.vectors);
  const { entries } = await logOf(opened);
  const firstNs = entries[0]?.arrivedNs ?? Number.NaN;
  const endsMs = entries.map(({ endedNs }) => (endedNs - firstNs) / 1e6);
  assert.equal(endsMs.length, 3);
  for (const endMs of endsMs) assert.ok(endMs >= 60 && endMs < 500, `${endMs} ms`);
  const [, , last] = entries;
  assert.ok(last !== undefined && last.endedNs - last.arrivedNs < 50e6, 'the stall is over');
});

test('errors have their code and come as often as they should', async (context) => {
  const opened = await open(context, { errorFraction: 0.25, logCapacity: 8 });
  const four = ['ok', 'ok', 'ok', 'NULL_FAILURE'];
  assert.deepEqual(await outcomesOf(opened.vectors, 10), [...four, ...four, 'ok', 'ok']);
  const { entries, lost } = await logOf(opened);
  assert.deepEqual(
    entries.map(({ ok }) => (ok ? 'ok' : 'NULL_FAILURE')),
    [...four, ...four],
  );
  assert.equal(lost, 2);
});

test('the client notes its requests too, each around that of the server', async (context) => {
  const log = createServiceLog(8);
  const options = { law: 'constant', medianMs: 5, errorFraction: 0.5, logCapacity: 8, log };
  const opened = await open(context, options);
  await outcomesOf(opened.vectors, 4);
  const server = (await logOf(opened)).entries;
  const client = readServiceLog(log).entries;
  assert.deepEqual(
    client.map(({ ok }) => ok),
    [true, false, true, false],
  );
  for (const [index, { arrivedNs, endedNs }] of client.entries()) {
    const own = server[index] ?? assert.fail('the server noted as many');
    assert.ok(endedNs - arrivedNs > own.endedNs - own.arrivedNs);
  }
  assert.ok(!('log' in (await opened.store.describe()).settings));
});

test('it names its process and its settings, and keeps no log unasked', async (context) => {
  const { store } = await open(context, { stalls: [{ atMs: 5, forMs: 1 }] });
  // Without a capacity.
  assert.equal(store.serviceLog, undefined);
  const { pids, settings, client } = await store.describe();
  assert.equal(pids.length, 1);
  assert.ok(pids[0] !== process.pid);
  assert.equal(client?.name, 'undici');
  for (const value of Object.values(settings)) {
    assert.ok(['string', 'number', 'boolean'].includes(typeof value));
  }
  await store.close();
  assert.deepEqual((await store.describe()).pids, []);
});

test('closing a store ends its server, closing one that only reached it does not', async (t) => {
  const opened = await openNull(adapter, {});
  const { origin } = handleOf(opened);
  const other = await connectNull(adapter, {});
  await other.vectors.open(structuredClone(opened.vectors.handle()));
  assert.equal(await other.vectors.count(), 300);
  assert.equal((await searchOnce(other.vectors))[0], 100);
  await other.store.close();
  assert.ok(await isListening(origin));
  const handle = opened.vectors.handle();
  await opened.store.close();
  assert.ok(!(await isListening(origin)));
  // Nobody can be reached where no server is.
  const late = await connectNull(adapter, {});
  t.after(() => late.store.close());
  await assert.rejects(late.vectors.open(handle), { code: 'HOST_DIED' });
});

test('a killed server fails what is in flight, and then it is HOST_DIED', async (context) => {
  const { store, vectors } = await open(context, { law: 'constant', medianMs: 10_000 });
  const inFlight = assert.rejects(searchOnce(vectors), (error: { code: string }) => {
    assert.match(error.code, /^(UND_ERR_SOCKET|ECONNRESET)$/);
    return true;
  });
  const { pids } = await store.describe();
  process.kill(pids[0] as number, 'SIGKILL');
  await inFlight;
  await until(async () => (await store.describe()).pids.length === 0);
  const lost = (error: unknown): boolean =>
    error instanceof BenchError && error.code === 'HOST_DIED';
  await assert.rejects(searchOnce(vectors), lost);
  await assert.rejects(searchOnce(vectors), lost);
});

test('the server ends when the process that started it is killed', async () => {
  const url = new URL('../../adapters/null-http.js', import.meta.url).href;
  const program = `
    const { default: adapter } = await import('${url}');
    const { signal } = new AbortController();
    const store = await adapter.connect({}, { connections: 1, timeoutNs: 1e9, signal });
    await store.vectors.create({ rows: 1 });
    const { origin } = store.vectors.handle();
    process.stdout.write(origin, () => process.kill(process.pid, 'SIGKILL'));`;
  const origin = await new Promise<string>((resolve) => {
    const args = ['--input-type=module', '--eval', program];
    execFile(process.execPath, args, (_, stdout) => resolve(stdout));
  });
  assert.match(origin, /^http:\/\/127\.0\.0\.1:\d+$/);
  await until(async () => !(await isListening(origin)));
});
