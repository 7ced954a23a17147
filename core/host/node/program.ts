import { createServer } from 'node:net';
import { setPriority } from 'node:os';
import type { Adapter } from '../../adapter.js';
import { BenchError } from '../../errors.js';
import { failureOf } from '../protocol.js';
import { Collection } from './collection.js';
import { type HostTask, taskVariable } from './launch.js';
import { HostServer } from './server.js';

// Behind the client where both want a core: what delays the client would count as the engine's.
const niceness = 5;
const backlog = 1024;
const missing: readonly string[] = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'NO_PACKAGE'];

const print = process.stdout.write.bind(process.stdout);

/** The one line on stdout. */
function say(message: object): void {
  print(`${JSON.stringify(message)}\n`);
}

async function openCollection(): Promise<Collection> {
  const task = JSON.parse(process.env[taskVariable] ?? '') as HostTask;
  const module = (await import(task.adapterUrl)) as { default: Adapter };
  return Collection.open(module.default, task);
}

/** Why an engine cannot be loaded, or opened as it says itself. @throws anything else */
function explain(thrown: unknown): object {
  const { code, message, hint } = failureOf(thrown);
  if (missing.includes(code)) {
    const [, name] = /(?:package|module) '([^']+)'/.exec(message) ?? [];
    return { ready: false, package: name ?? null, message, hint };
  }
  if (!(thrown instanceof BenchError)) throw thrown;
  return { ready: false, code, message, hint };
}

// Whatever an adapter prints is not for stdout, which nobody reads after the one line.
process.stdout.write = process.stderr.write.bind(process.stderr);
// Ctrl-C is for the harness, which closes its hosts when its records are safe.
process.on('SIGINT', () => undefined);
setPriority(niceness);
const path = process.argv[process.argv.indexOf('--socket') + 1] as string;
try {
  const host = new HostServer(await openCollection(), () => process.exit());
  createServer((socket) => host.serve(socket)).listen({ path, backlog }, () =>
    say({ ready: true }),
  );
} catch (thrown) {
  say(explain(thrown));
  process.exitCode = 3;
}
