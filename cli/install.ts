import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Adapter } from '../core/adapter.js';
import { BenchError, messageOf } from '../core/errors.js';
import { fileError } from '../core/files.js';
import { findPython } from '../core/host/python.js';
import { packagesFolder } from '../core/optional-package.js';
import { load } from './registry.js';

const tailLines = 12;

/**
 * Installs what the named adapters need from the registries of npm and Python, and tries each of
 * them out. Says on stderr what it does.
 *
 * @throws BenchError UNKNOWN_NAME before anything is installed; NO_PACKAGE with the last lines of
 * what npm or pip said; what the adapter's own trial says
 */
export async function installFor(names: readonly string[]): Promise<void> {
  const chosen: { readonly name: string; readonly adapter: Adapter }[] = [];
  for (const name of new Set(names)) chosen.push({ name, adapter: await load('adapters', name) });
  for (const { name, adapter } of chosen) {
    const { npm = [], python = [] } = adapter.install ?? {};
    if (npm.length > 0) await installNpm(name, npm);
    if (python.length > 0) await installPython(name, python);
    if (npm.length + python.length === 0) say(name, 'needs nothing that the set-up did not bring');
    await tryOut(name, adapter);
  }
}

function say(name: string, what: string): void {
  process.stderr.write(`install: ${name}: ${what}\n`);
}

async function installNpm(name: string, specs: readonly string[]): Promise<void> {
  const folder = packagesFolder(specs);
  if (existsSync(folder)) {
    say(name, `${specs.join(', ')}: there already, in ${folder}`);
    return;
  }
  say(name, `${specs.join(', ')}: from the npm registry into ${folder}`);
  // Renamed into place when it is whole: what is there can be used, by other processes too.
  const part = `${folder}.part-${process.pid}`;
  try {
    await mkdir(part, { recursive: true }).catch((error: unknown) => {
      throw fileError(error, part);
    });
    await runTool(name, npmCommand(part, specs));
    await rename(part, folder).catch((error: unknown) => {
      // Another process was faster.
      if (!existsSync(folder)) throw fileError(error, folder);
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** How a tool is called. */
interface Command {
  readonly tool: 'npm' | 'pip';
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Without scripts: what these would build or download is not of the registry, and the packages
 * bring what they need ready-made. Without optional dependencies: the lists of the adapters name
 * those that are wanted.
 */
function npmCommand(folder: string, specs: readonly string[]): Command {
  const args = ['install', '--prefix', folder, '--no-save', '--no-package-lock'];
  args.push('--ignore-scripts', '--omit=optional', '--omit=dev');
  args.push('--no-audit', '--no-fund', '--loglevel=error', ...specs);
  const npm = process.env.npm_execpath ?? '';
  if (basename(npm) !== 'npm-cli.js') return { tool: 'npm', program: 'npm', args };
  return { tool: 'npm', program: process.execPath, args: [npm, ...args] };
}

async function installPython(name: string, specs: readonly string[]): Promise<void> {
  const python = await findPython();
  say(name, `${specs.join(', ')}: from PyPI for ${python}`);
  const args = ['-I', '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'];
  await runTool(name, { tool: 'pip', program: python, args: [...args, ...specs] });
}

async function runTool(name: string, command: Command): Promise<void> {
  const { code, output } = await run(command);
  if (code === 0) return;
  const tail = output.trimEnd().split('\n').slice(-tailLines).join('\n');
  throw new BenchError('NO_PACKAGE', `installing for ${name}: ${command.tool} failed:\n${tail}`, {
    hint: `see it whole: ${[command.program, ...command.args].join(' ')}`,
  });
}

/** Runs a program without input; its exit code and all that it printed. */
function run({ program, args }: Command): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (piece: string): void => {
      output += piece;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => resolve({ code: -1, output: `${output}${messageOf(error)}` }));
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

async function tryOut(name: string, { probe, kind }: Adapter): Promise<void> {
  if (probe === undefined) return;
  const { works, version, detail, code = 'NO_PACKAGE', hint } = await probe();
  // The client of a server is of use before the server is there.
  if (!works && kind !== 'embedded' && code !== 'NO_PACKAGE') {
    say(name, `installed, and its server is not there: ${detail}${hint ? ` (${hint})` : ''}`);
    return;
  }
  if (!works) {
    throw new BenchError(code, `${name} does not work here: ${detail}`, {
      ...(hint !== undefined && { hint }),
    });
  }
  say(name, `works: ${version === undefined ? '' : `${version}, `}${detail}`);
}
