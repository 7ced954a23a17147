import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../../core/paths.js';

const startWithinMs = 60_000;

interface Folder {
  storesPath(...parts: string[]): string;
}

const file = join(packageRoot(), 'scripts', 'stores', 'folder.mjs');
const { storesPath } = (await import(pathToFileURL(file).href)) as Folder;
const program = storesPath('weaviate-1.35.2', 'weaviate-server');

/** The key that a server of a test asks for. */
export const apiKey = 'sesame-key';

/** Why none can be started here; undefined where it can. */
export function whyNoOwn(): string | undefined {
  if (!existsSync(program)) return `there is no ${program}`;
  const others = Object.keys(networkInterfaces()).filter((name) => name !== 'lo');
  // Two of its ports listen on every interface.
  return others.length === 0 ? undefined : 'it runs in the private network only';
}

/** A server of a test's own: with queues, and with a key. */
export interface OwnWeaviate {
  readonly url: string;
  readonly grpcUrl: string;
  /** Ends it at once. */
  kill(): Promise<void>;
}

/** Starts a server; it ends with the test. */
export async function ownWeaviate(context: TestContext): Promise<OwnWeaviate> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-weaviate-'));
  const ports = await freePorts(6);
  const [port, grpcPort] = ports as [number, number];
  const listen = ['--host', '127.0.0.1', '--port', String(port), '--scheme', 'http'];
  const env = { ...settingsOf(ports), PERSISTENCE_DATA_PATH: folder };
  const child = spawn(program, listen, { env, cwd: folder, stdio: 'ignore' });
  const kill = (): Promise<void> => ended(child);
  process.once('exit', () => child.kill('SIGKILL'));
  context.after(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  for (let waitedMs = 0; !(await isReady(url)); waitedMs += 100) {
    assert.ok(child.exitCode === null && waitedMs < startWithinMs, 'the server answers');
    await sleep(100);
  }
  return { url, grpcUrl: `http://127.0.0.1:${grpcPort}`, kill };
}

function settingsOf(ports: readonly number[]): Record<string, string> {
  const [, grpc, gossip, data, raft, internal] = ports.map(String) as [string, ...string[]];
  return {
    AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED: 'false',
    AUTHENTICATION_APIKEY_ENABLED: 'true',
    AUTHENTICATION_APIKEY_ALLOWED_KEYS: apiKey,
    AUTHENTICATION_APIKEY_USERS: 'bench',
    ASYNC_INDEXING: 'true',
    DEFAULT_VECTORIZER_MODULE: 'none',
    API_BASED_MODULES_DISABLED: 'true',
    DISABLE_TELEMETRY: 'true',
    CLUSTER_HOSTNAME: 'node1',
    CLUSTER_IN_LOCALHOST: 'true',
    CLUSTER_ADVERTISE_ADDR: '127.0.0.1',
    CLUSTER_BIND_ADDR: '127.0.0.1',
    CLUSTER_GOSSIP_BIND_PORT: gossip ?? '',
    CLUSTER_DATA_BIND_PORT: data ?? '',
    RAFT_BOOTSTRAP_EXPECT: '1',
    RAFT_PORT: raft ?? '',
    RAFT_INTERNAL_RPC_PORT: internal ?? '',
    RAFT_TIMEOUTS_MULTIPLIER: '1',
    GRPC_PORT: grpc ?? '',
    // That of its profiler, which another server may have.
    GO_PROFILING_DISABLE: 'true',
    LOG_LEVEL: 'error',
  };
}

/** Ports that follow one another: a server guesses one of its own from the next to it. */
async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const [first] = await portsFrom(0, 1);
    const ports = await portsFrom((first ?? 0) + 1, count).catch(() => []);
    if (ports.length === count) return ports;
  }
}

async function portsFrom(first: number, count: number): Promise<number[]> {
  const servers: Server[] = [];
  try {
    for (let place = 0; place < count; place++) {
      const server = createServer();
      servers.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(first === 0 ? 0 : first + place, '127.0.0.1', resolve);
      });
    }
    return servers.map((server) => (server.address() as AddressInfo).port);
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/v1/.well-known/ready`).catch(() => undefined);
  return answer?.status === 200;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await end;
}
