import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import { packageRoot } from '../paths.js';

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

/** The arguments that make Python run the engine host with one engine, by its name or its file. */
export function pythonHostArgs(engine: string): string[] {
  // -B: the package's folder may be read-only, and is not to be littered.
  return ['-B', join(packageRoot(), 'adapters', 'python-host', 'main.py'), '--engine', engine];
}
