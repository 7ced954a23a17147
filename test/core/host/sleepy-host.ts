import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CollectionSpec } from '../../../core/adapter.js';
import { HostProcess } from '../../../core/host/client.js';
import {
  encodeCreate,
  encodePlain,
  encodeSearch,
  encodeUpsert,
} from '../../../core/host/protocol.js';
import { pythonHost } from '../../../core/host/python.js';
import { packageRoot } from '../../../core/paths.js';

const spec: CollectionSpec = {
  name: 'a',
  rows: 1,
  dimensions: 1,
  metric: 'l2',
  elements: 'f32',
  family: 'flat',
  params: {},
  buildThreads: 1,
  searchThreads: 1,
  seed: 1,
};

/** Starts a host with an engine of the test folder. */
export async function launchTestEngine(engine: string, signal?: AbortSignal): Promise<HostProcess> {
  const file = join(packageRoot(), 'test', 'adapters', 'python-host', `${engine}_engine.py`);
  return HostProcess.launch({ ...(await pythonHost(file)), engine, ...(signal && { signal }) });
}

/** A host whose searches sleep as long as they are told, and answer with the query's own value. */
export async function launchSleepy(signal?: AbortSignal): Promise<HostProcess> {
  const host = await launchTestEngine('sleepy', signal);
  await host.call(encodeCreate(spec), { limitMs: 10_000 });
  const row = { ids: Int32Array.of(0), vectors: Float32Array.of(0) };
  await host.call(encodeUpsert(row), { limitMs: 10_000 });
  await host.call(encodePlain('finish'), { limitMs: 10_000 });
  return host;
}

/** A search whose answer is `value`, after `sleepS` seconds. */
export function sleepySearch(value: number, sleepS: number): Buffer {
  const vectors = [Float32Array.of(value)];
  return encodeSearch({ k: 1, rows: [-1], params: { sleepS }, vectors });
}

/** Whether a process is there, zombies left out. */
export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`) && runs(pid);
}

/** Waits until the condition holds, for at most ten seconds. */
export async function eventually(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 500 && !condition(); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return condition();
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
