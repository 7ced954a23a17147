import { join } from 'node:path';
import { step } from '../setup/step.mjs';
import { storesPath } from './folder.mjs';
import { installOnce, isInstalled } from './installed.mjs';
import { demand, demandVersion } from './system.mjs';

const askVersion = 'import sys, importlib.metadata as m; print(m.version(sys.argv[1]))';

/**
 * Installs a package of PyPI with its programs into an environment of its own.
 *
 * @param {string} name the folder of the environment
 * @param {{ package: string, version: string }} wanted
 */
export function installPython(name, { package: wanted, version }) {
  const base = process.env.BENCH_PYTHON_BASE || 'python3';
  const requirement = `${wanted}==${version}`;
  const hint = 'see whether PyPI is reachable, and Python 3.10 or later with venv is installed';
  return installOnce(name, requirement, (folder) =>
    step(`installing ${requirement}`, async () => {
      const python = join(folder, 'bin', 'python');
      const pip = [python, '-I', '-m', 'pip', 'install', '--no-input', '--only-binary', ':all:'];
      await demand([base, '-I', '-m', 'venv', folder], { hint });
      await demand([...pip, '--disable-pip-version-check', requirement], { hint });
      const said = await demand([python, '-I', '-c', askVersion, wanted], { hint });
      demandVersion(wanted, { said, wanted: version });
    }),
  );
}

/** Whether that was done. */
export function isPythonInstalled(name, { package: wanted, version }) {
  return isInstalled(name, `${wanted}==${version}`);
}

/** A program of such an environment. */
export function pythonProgram(name, program) {
  return storesPath(name, 'bin', program);
}
