import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { withLock } from '../setup/lock.mjs';
import { endOnSignals, SetUpError } from '../setup/step.mjs';
import * as chroma from './chroma.mjs';
import { storesFolder, storesPath } from './folder.mjs';
import * as milvus from './milvus.mjs';
import { commandIn, endNetwork, privateNetwork, withNetworkLock } from './network.mjs';
import * as pgvector from './pgvector.mjs';
import { runningRecord } from './records.mjs';
import * as redis from './redis.mjs';
import { demandRoot } from './system.mjs';
import * as weaviate from './weaviate.mjs';

const stores = { redis, pgvector, chroma, weaviate, milvus };
const names = Object.keys(stores);
const commands = { up, down, status, install };

const help = `Starts the servers that the adapters of bench are tested against, without containers.

node scripts/stores.mjs up [--private] NAME...  installs them if need be, starts them, and waits
                                                until they answer
node scripts/stores.mjs down [NAME...]          ends them; their data stay (all, if none is named)
node scripts/stores.mjs status [NAME...]        what is installed, what runs, where it answers
node scripts/stores.mjs install NAME...         installs them only
node scripts/stores.mjs exec COMMAND...         runs a command in the private network

NAME       ${names.join(', ')}
--private  starts every one in the private network, in which loopback is all there is, so that one
           command can reach all of them by exec; weaviate and milvus, which listen on every
           interface, always run there

Root is needed by redis and pgvector (chroot), and by the private network. Everything lies in
${storesFolder()} (BENCH_STORES_FOLDER).
`;

/**
 * Does what the command line asks for.
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code: 0; 1 where a server does not start or end; 2 where the
 *   arguments are wrong; 3 where something is missing; that of the command, for exec
 */
export async function runStores(args) {
  try {
    if (args[0] === 'exec') return await execute(args.slice(1));
    const { command, options } = parse(args);
    if (options.help) process.stdout.write(help);
    else await withSignals(() => command(options));
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof SetUpError)) throw thrown;
    process.stderr.write(`${thrown.format().replace(/^set-up: /m, 'stores: ')}\n`);
    return thrown.exitCode;
  }
}

function parse(args) {
  const { values, positionals } = parsed(args);
  const [word, ...wanted] = positionals;
  if (values.help) return { options: { help: true } };
  if (!Object.hasOwn(commands, word ?? '')) {
    const known = `${Object.keys(commands).join(', ')}, exec`;
    throw mistake(word === undefined ? 'a command is needed' : `unknown command "${word}"`, known);
  }
  demandSense(word, wanted, values.private);
  const chosen = wanted.length === 0 ? names : [...new Set(wanted)];
  return { command: commands[word], options: { chosen, isPrivate: values.private } };
}

function demandSense(word, wanted, isPrivate) {
  const unknown = wanted.filter((name) => !Object.hasOwn(stores, name));
  if (unknown.length > 0) throw mistake(`unknown store: ${unknown.join(', ')}`, names.join(', '));
  const isStart = word === 'up' || word === 'install';
  if (wanted.length === 0 && isStart) throw mistake(`${word} needs a NAME`, names.join(', '));
  if (!isPrivate || isStart) return;
  throw mistake(`--private is of up, not of ${word}`, 'up --private NAME...');
}

function parsed(args) {
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    private: { type: 'boolean', default: false },
  };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (thrown) {
    throw mistake(thrown.message, '--help, --private');
  }
}

function mistake(message, known) {
  return new SetUpError(message, { hint: `known: ${known}`, exitCode: 2 });
}

async function withSignals(work) {
  demandLinux();
  const forget = endOnSignals();
  try {
    await work();
  } finally {
    forget();
  }
}

function demandLinux() {
  if (process.platform === 'linux') return;
  throw new SetUpError(`servers are started on Linux only, this is ${process.platform}`, {
    hint: 'take docker-compose.bench.yml',
  });
}

function locked(name, work) {
  return withLock(storesPath('locks', `${name}.lock`), work);
}

async function up({ chosen, isPrivate }) {
  for (const name of chosen) {
    await locked(name, () => stores[name].start({ isPrivate }));
    process.stdout.write(`${await line(name)}\n`);
  }
}

async function install({ chosen }) {
  for (const name of chosen) {
    await stores[name].install();
    process.stdout.write(`${await line(name)}\n`);
  }
}

async function status({ chosen }) {
  for (const name of chosen) process.stdout.write(`${await line(name)}\n`);
}

async function down({ chosen }) {
  for (const name of chosen) {
    const ran = await locked(name, () => stores[name].stop());
    process.stdout.write(`${name}: ${ran ? 'ended' : 'did not run'}\n`);
  }
  await withNetworkLock(async () => {
    if (!names.some((name) => runningRecord(name)?.isPrivate)) await endNetwork();
  });
}

async function line(name) {
  const { state, version, address, pid, isPrivate } = await stores[name].status();
  if (pid === undefined) return `${name}: ${state} (version ${version})`;
  const where = isPrivate ? ', in the private network' : '';
  return `${name}: ${state} at ${address} (version ${version}, process ${pid}${where})`;
}

/** Runs a command in the private network and gives its exit code. */
async function execute(command) {
  if (command.length === 0) throw mistake('exec needs a COMMAND', 'exec COMMAND...');
  demandLinux();
  demandRoot('the private network');
  if (privateNetwork() === undefined) {
    const hint = 'start a server in it: node scripts/stores.mjs up --private NAME';
    throw new SetUpError('the private network is not there', { hint, exitCode: 1 });
  }
  const [program, ...args] = commandIn(true, command);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    // The terminal signals both; this process waits for the command to end.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => child.kill(signal));
    }
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
