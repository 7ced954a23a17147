import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import { packageRoot } from '../paths.js';
import type { HostLaunch } from './client.js';
import type { HostedEngine } from './hosted-store.js';

const startLimitMs = 60_000;
const hint = 'install Python >= 3.10 with venv, then run npm run setup';

/**
 * The Python that runs the engine host: `BENCH_PYTHON` if set, else what the set-up wrote.
 * @throws BenchError NO_PYTHON when there is none, with the reason that the set-up found
 */
export async function findPython(): Promise<string> {
  const chosen = process.env.BENCH_PYTHON;
  if (chosen !== undefined && chosen !== '') {
    if (existsSync(chosen)) return chosen;
    throw new BenchError('NO_PYTHON', `BENCH_PYTHON names ${chosen}, which is not there`, { hint });
  }
  const record = join(packageRoot(), 'dist', 'set-up.json');
  if (!existsSync(record)) {
    throw new BenchError('NO_PYTHON', `Python: no record of the set-up at ${record}`, { hint });
  }
  const said = JSON.parse(readFileSync(record, 'utf8')) as {
    python?: string | null;
    pythonProblem?: string;
  };
  if (said.python && existsSync(said.python)) return said.python;
  const why = said.python ? `${said.python} is no longer there` : said.pythonProblem;
  throw new BenchError('NO_PYTHON', `Python: ${why ?? 'the set-up found none'}`, { hint });
}

/**
 * How the Python engine host is started.
 *
 * @param engine a file of adapters/python-host/engines by its name, or a path to one
 * @param env variables in addition to this process's own
 * @throws BenchError as {@link findPython}
 */
export async function pythonHost(
  engine: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Omit<HostLaunch, 'signal'>> {
  const program = join(packageRoot(), 'adapters', 'python-host', 'main.py');
  return {
    engine,
    command: await findPython(),
    // -B: the package's folder may be read-only, and is not to be littered.
    args: ['-B', program, '--engine', engine],
    env,
    startLimitMs,
  };
}

/**
 * An engine of the Python host whose packages are installed when they are asked for.
 *
 * @param name its adapter's; its file is of that name with `_` for `-`
 */
export function optionalPythonEngine(name: string): HostedEngine {
  return {
    name,
    launch: async () => ({
      ...(await pythonHost(name.replaceAll('-', '_'))),
      engine: name,
      packageHint: `bench doctor --install ${name}`,
    }),
  };
}
