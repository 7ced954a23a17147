import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listGpus, parseGpuLine, startGpuWatch } from '../../../core/resources/gpu.js';
import { emptyFolder } from '../folders.js';

// Made up after nvidia-smi(1), not recorded: no machine with a GPU was at hand.
const h100 = '0, NVIDIA H100 80GB HBM3, 550.54.15, 1024, 81559, 37, 122.54';
const silent = '1, Tesla K20, 470.256.02, [N/A], 4743, [Not Supported], [Unknown Error]';
const failure =
  "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that";

const gpus = [
  {
    index: 0,
    name: 'NVIDIA H100 80GB HBM3',
    driverVersion: '550.54.15',
    memoryBytes: 81559 * 2 ** 20,
  },
  { index: 1, name: 'Tesla K20', driverVersion: '470.256.02', memoryBytes: 4743 * 2 ** 20 },
];
const readings = [
  { index: 0, usedBytes: 2 ** 30, busyFraction: 0.37, powerW: 122.54 },
  { index: 1 },
];

/** A program in place of nvidia-smi. */
async function program(context: TestContext, script: string): Promise<string> {
  const path = join(await emptyFolder(context), 'nvidia-smi');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('a line gives bytes, a fraction and watts; what is in brackets is absent', () => {
  assert.deepEqual(parseGpuLine(h100), { gpu: gpus[0], reading: readings[0] });
  assert.deepEqual(parseGpuLine(silent), { gpu: gpus[1], reading: readings[1] });
  const lost = parseGpuLine('0, X, 1, [GPU is lost], [GPU is lost], [GPU is lost], [GPU is lost]');
  assert.deepEqual(lost?.gpu, { index: 0, name: 'X', driverVersion: '1' });
  for (const line of ['', 'No devices were found', failure, `x${h100}`, `${h100}, 5`]) {
    assert.equal(parseGpuLine(line), undefined);
  }
});

test('the GPUs of the machine are listed', async (context) => {
  const command = await program(context, `echo '${h100}'; echo '${silent}'`);
  assert.deepEqual(await listGpus(command), { gpus });
});

test('a program that fails says why, one that is not there is no error', async (context) => {
  const command = await program(context, `echo "${failure}"; exit 9`);
  const problem = `nvidia-smi ended with 9: ${failure}`;
  assert.deepEqual(await listGpus(command), { gpus: [], problem });
  const missing = join(await emptyFolder(context), 'nvidia-smi');
  assert.equal(await listGpus(missing), undefined);
  assert.equal(await startGpuWatch({ command: missing }), undefined);
});

/** Waits for a thing to become true. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; !isTrue(); turn += 1) {
    assert.ok(turn < 500, 'it never came');
    await sleep(10);
  }
}

test('a watch has the newest reading of each GPU until it is closed', async (context) => {
  const later = h100.replace('1024', '2048');
  const lines = [silent, h100, later].map((line) => `echo '${line}'`).join('; ');
  const watch = await startGpuWatch({ command: await program(context, `${lines}; exec sleep 60`) });
  assert.ok(watch !== undefined && watch.pid > 0);
  await until(() => watch.latest()[0]?.usedBytes === 2 ** 31);
  assert.deepEqual(watch.latest(), [{ ...readings[0], usedBytes: 2 ** 31 }, readings[1]]);
  await watch.close();
  assert.deepEqual(watch.latest(), []);
  assert.equal(watch.problem(), undefined);
});

test('a watch that ends by itself says why, and has no readings any more', async (context) => {
  const command = await program(context, `echo '${h100}'; echo "${failure}"; exit 15`);
  const watch = await startGpuWatch({ command });
  await until(() => watch?.problem() !== undefined);
  assert.equal(watch?.problem(), `nvidia-smi ended with 15: ${failure}`);
  assert.deepEqual(watch?.latest(), []);
  await watch?.close();
});
