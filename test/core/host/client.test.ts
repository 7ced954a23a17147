import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../../../core/errors.js';
import { type HostLaunch, HostProcess } from '../../../core/host/client.js';
import { lastStderrLines } from '../../../core/host/death.js';
import { decodeHits, encodePlain, encodeTrain } from '../../../core/host/protocol.js';
import { HostSlots } from '../../../core/host/slots.js';
import {
  eventually,
  isAlive,
  launchSleepy,
  launchTestEngine,
  sleepySearch,
} from './sleepy-host.js';

const minuteNs = 60e9;

/** A program of Node in place of a host. */
function nodeHost(code: string, startLimitMs: number): HostLaunch {
  const args = ['-e', code, '--'];
  return { engine: 'fake', command: process.execPath, args, env: {}, startLimitMs };
}

function isError(code: string, ...words: readonly (string | RegExp)[]) {
  return (thrown: unknown): boolean => {
    assert.ok(thrown instanceof BenchError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    for (const word of words) assert.match(thrown.message, new RegExp(word));
    return true;
  };
}

test('a host is reached through a short path that only this user may enter', async () => {
  const host = await launchSleepy();
  assert.equal(host.hello.engine, 'sleepy');
  assert.ok(Buffer.byteLength(host.address.socketPath) < 100);
  assert.equal(statSync(host.address.folder).mode & 0o777, 0o700);
  await host.close();
  assert.equal(existsSync(host.address.folder), false);
  assert.equal(await eventually(() => !isAlive(host.pid)), true);
});

test('a host that dies in mid-search fails the call with its signal and last words', async () => {
  const host = await launchSleepy();
  const slots = new HostSlots(host.address, minuteNs);
  const call = slots.call(sleepySearch(1, 60), decodeHits);
  const spoke = (): boolean => lastStderrLines(host.address.folder).length > 0;
  assert.ok(await eventually(spoke));
  process.kill(host.pid, 'SIGKILL');
  await assert.rejects(call, isError('HOST_DIED', 'SIGKILL', 'sleeps for 60 s'));
  await assert.rejects(slots.call(sleepySearch(1, 0), decodeHits), isError('HOST_DIED', 'SIGKILL'));
  await assert.rejects(
    host.call(encodePlain('count'), { limitMs: 1000 }),
    isError('HOST_DIED', 'SIGKILL'),
  );
  slots.close();
  await host.close();
});

test('a host that hangs fails the call after its limit and answers when it wakes', async () => {
  const host = await launchSleepy();
  const slots = new HostSlots(host.address, 0.4e9);
  await slots.open(1);
  process.kill(host.pid, 'SIGSTOP');
  await assert.rejects(slots.call(sleepySearch(1, 0), decodeHits), isError('TIMEOUT', '400 ms'));
  process.kill(host.pid, 'SIGCONT');
  const hits = await slots.call(sleepySearch(2, 0), decodeHits);
  assert.deepEqual([...hits.ids], [2]);
  slots.close();
  await host.close();
});

test('the late answer to an abandoned call never reaches another', async () => {
  const host = await launchSleepy();
  const slots = new HostSlots(host.address, 0.2e9);
  await slots.open(1);
  await assert.rejects(slots.call(sleepySearch(7, 0.5), decodeHits), isError('TIMEOUT'));
  for (let value = 10; value < 200; value += 1) {
    const hits = await slots.call(sleepySearch(value, 0.004), decodeHits);
    assert.deepEqual([...hits.ids], [value]);
  }
  slots.close();
  await host.close();
});

test('calls in flight at once each get their own answer', async () => {
  const host = await launchSleepy();
  const slots = new HostSlots(host.address, minuteNs);
  await slots.open(4);
  const values = Array.from({ length: 100 }, (_, value) => value);
  const answers = await Promise.all(
    values.map(async (value) => {
      const hits = await slots.call(sleepySearch(value, (value % 3) / 100), decodeHits);
      return hits.ids[0];
    }),
  );
  assert.deepEqual(answers, values);
  slots.close();
  await host.close();
});

test('a control call that gets no answer within its limit ends the host', async () => {
  const host = await launchSleepy();
  const train = host.call(encodeTrain(Float32Array.of(1)), { limitMs: 500 });
  await assert.rejects(train, isError('HOST_DIED', 'no answer within 0.5 s', 'learns for a long'));
  assert.equal(await eventually(() => !isAlive(host.pid)), true);
  await host.close();
});

test('a control call whose host stops computing ends the host before its limit', async () => {
  const host = await launchSleepy();
  const train = host.call(encodeTrain(Float32Array.of(1)), { limitMs: 60_000, idleMs: 300 });
  await assert.rejects(train, isError('HOST_DIED', 'used no CPU for 0.3 s'));
  await host.close();
});

test('the abort signal ends a host in the middle of a call', async () => {
  const abort = new AbortController();
  const host = await launchSleepy(abort.signal);
  const train = host.call(encodeTrain(Float32Array.of(1)), { limitMs: 60_000 });
  setTimeout(() => abort.abort(), 100);
  await assert.rejects(train, isError('INTERRUPTED'));
  await host.close();
  assert.equal(isAlive(host.pid), false);
});

test('closing ends a host in the middle of a call', async () => {
  const host = await launchSleepy();
  const train = host.call(encodeTrain(Float32Array.of(1)), { limitMs: 60_000 });
  const rejected = assert.rejects(train, isError('HOST_DIED', 'closed'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await host.close();
  await rejected;
  assert.equal(isAlive(host.pid), false);
});

test('a host ends and takes its folder along when the harness is killed', async () => {
  const module = fileURLToPath(new URL('./sleepy-host.js', import.meta.url));
  const code = `
    import { launchSleepy } from ${JSON.stringify(module)};
    const host = await launchSleepy();
    console.log(JSON.stringify({ pid: host.pid, folder: host.address.folder }));
    setInterval(() => {}, 1000);`;
  const harness = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise((resolve, reject) => {
    harness.stdout.once('data', resolve);
    harness.once('exit', () => reject(new Error('the harness ended before its host was there')));
  });
  const { pid, folder } = JSON.parse(String(line)) as { pid: number; folder: string };
  assert.equal(isAlive(pid), true);
  harness.kill('SIGKILL');
  assert.equal(await eventually(() => !isAlive(pid)), true);
  assert.equal(await eventually(() => !existsSync(folder)), true);
});

test('a host that ends while it starts says its exit code and last words', async () => {
  const launch = nodeHost("console.error('no luck today'); process.exit(7)", 30_000);
  await assert.rejects(
    HostProcess.launch(launch),
    isError('HOST_DIED', 'exit code 7', 'no luck today'),
  );
});

test('a host that says nothing is ended at the limit', async () => {
  const launch = nodeHost("console.error('thinking'); setInterval(() => {}, 1000)", 1000);
  await assert.rejects(
    HostProcess.launch(launch),
    isError('HOST_DIED', 'did not say hello within 1 s', 'thinking'),
  );
});

test('a program that is not there is named', async () => {
  const launch = { ...nodeHost('', 5000), command: '/no/such/python' };
  await assert.rejects(HostProcess.launch(launch), isError('HOST_DIED', 'ENOENT'));
});

test('a package that cannot be imported is named, with the command that installs it', async () => {
  await assert.rejects(launchTestEngine('missing'), (thrown) => {
    isError('NO_PACKAGE', 'no_such_engine_package')(thrown);
    assert.match((thrown as BenchError).hint ?? '', /npm run setup/);
    return true;
  });
});
