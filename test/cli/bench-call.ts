import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Ended, Surroundings } from './bench-process.js';

const main = new URL('../../cli/main.js', import.meta.url).href;

type Said = Record<'stdout' | 'stderr', string>;

const calls = new AsyncLocalStorage<Said>();
let count = 0;
let isCalled = false;

for (const name of ['stdout', 'stderr'] as const) listen(name);

/** Keeps what is written within a call; what others write, as the test runner, goes on. */
function listen(name: keyof Said): void {
  const stream = process[name];
  const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
  stream.write = (...given: unknown[]) => {
    const said = calls.getStore();
    if (said === undefined) return write(...given);
    const [text] = given;
    said[name] += typeof text === 'string' ? text : Buffer.from(text as Uint8Array).toString();
    const done = given.at(-1);
    if (typeof done === 'function') done();
    return true;
  };
}

/**
 * Runs `bench` in this process, with everything that is loaded already: the same program as
 * {@link runBench} starts, in a tenth of the time. One call at a time.
 */
export async function callBench(
  args: readonly string[],
  { folder, env = {} }: Surroundings,
): Promise<Ended & { readonly code: number }> {
  assert.equal(isCalled, false, 'another call has not ended');
  isCalled = true;
  const { argv, exitCode } = process;
  const said: Said = { stdout: '', stderr: '' };
  const restore = setVariables({ INIT_CWD: folder, ...env });
  process.argv = [...argv.slice(0, 2), ...args];
  process.exitCode = undefined;
  count += 1;
  try {
    // A query makes it another module, whose text runs anew; what it imports is the same.
    await calls.run(said, () => import(`${main}?call=${count}`));
    return { ...said, code: Number(process.exitCode ?? 0) };
  } finally {
    Object.assign(process, { argv, exitCode });
    restore();
    isCalled = false;
  }
}

/** Sets variables of the environment, and gives what sets them back. */
function setVariables(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
