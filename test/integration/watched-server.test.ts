import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { Target } from '../../core/plan.js';
import type { WatchSpec } from '../../core/resources/watch-spec.js';
import type { Cell } from '../../core/result.js';
import { readSamples, resourceTimeline } from '../../core/run/samples.js';
import { emptyFolder } from '../core/folders.js';
import { nullTarget, runSmall } from '../core/run/small-run.js';

// Listens, and lets a child keep a core busy: what the child takes is the server's. It states a
// counter that grows by half a second each second, and a gauge.
const program = `
  const child = require('node:child_process').spawn(process.execPath, ['-e', 'for (;;);']);
  process.on('exit', () => child.kill('SIGKILL'));
  process.on('SIGTERM', () => process.exit());
  const filled = Buffer.alloc(100 * 2 ** 20, 1);
  const server = require('node:http').createServer((_, response) => {
    response.setHeader('content-type', 'text/plain');
    const cpu = 'cpu_seconds_total ' + process.uptime() / 2;
    response.end(cpu + '\\nheld_bytes ' + filled.length + '\\n');
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
`;

async function startServer(context: TestContext): Promise<number> {
  const server = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  context.after(() => server.kill());
  const [port] = (await once(server, 'message')) as [number];
  return port;
}

function serverTarget(watch: WatchSpec): Target {
  return { ...nullTarget, adapter: { ...nullTarget.adapter, kind: 'server' }, watch };
}

const mebibyte = 2 ** 20;

/** A figure that has to be there. */
function known(value: number | null | undefined): number {
  assert.ok(typeof value === 'number');
  return value;
}

test('a server is found by its port, with its children and what it states', async (context) => {
  const port = await startServer(context);
  const folder = await emptyFolder(context);
  const names = { cpuSeconds: 'cpu_seconds_total', memoryBytes: 'held_bytes', odd: 'not_there' };
  const watch = { port, metrics: { url: `http://127.0.0.1:${port}/metrics`, names } };
  const measure = { warmUpS: 0, durationS: 3.5, repeats: 1 };
  const run = await runSmall({ folder, targets: [serverTarget(watch)], suite: { measure } });
  const [cell] = run.cells as [Cell];
  const { server } = cell.resources;
  const qps = known(cell.streams[0]?.operations.search?.throughputQps);
  const cores = (known(server.cpuUsPerRequest) * qps) / 1e6;
  // The child wants one core, of which the client and others may take a part.
  assert.ok(cores > 0.2 && cores < 1.2, `${cores}`);
  const statedCores = (known(server.stated?.cpuUsPerRequest) * qps) / 1e6;
  assert.ok(Math.abs(statedCores - 0.5) < 0.02, `${statedCores}`);
  assert.equal(server.stated?.memoryBytes, 100 * mebibyte);
  assert.ok(known(server.rssBytes) > 100 * mebibyte);
  assert.ok(known(server.rssPeakBytes) >= known(server.rssBytes));
  assert.ok(known(server.pssAnonBytes) > 100 * mebibyte);
  assert.ok(known(server.network?.loopbackReceivedBytesPerRequest) > 0);
  assert.ok(known(run.builds[0]?.memory.baseline?.pssAnonBytes) > 100 * mebibyte);
  const { secondS, serverCores } = resourceTimeline(await readSamples(folder));
  assert.deepEqual(secondS.slice(0, 3), [0, 1, 2]);
  for (const value of serverCores.slice(0, 3)) assert.ok(known(value) > 0.2);
  const told = run.warnings.filter(({ code }) => code === 'NOT_WATCHED');
  assert.equal(told.length, 1);
  assert.match(told[0]?.message ?? '', /tells no not_there/);
});

test('a server that states nothing of use is measured without', async (context) => {
  const port = await startServer(context);
  const folder = await emptyFolder(context);
  const metrics = { url: `http://127.0.0.1:1/metrics`, names: { memoryBytes: 'held_bytes' } };
  const measure = { warmUpS: 0, durationS: 1.5, repeats: 2 };
  const targets = [serverTarget({ port, metrics })];
  const run = await runSmall({ folder, targets, suite: { measure } });
  assert.ok(run.cells.every(({ status }) => status === 'complete'));
  assert.ok(run.cells.every(({ resources }) => resources.server.stated === undefined));
  assert.deepEqual(
    run.warnings.map(({ code }) => code),
    ['NOT_WATCHED'],
  );
});
