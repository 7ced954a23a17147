import { spawn } from 'node:child_process';

const again = 'start it again; what was finished is kept';

/** What a person can act on while the package is set up. */
export class SetUpError extends Error {
  /**
   * @param {string} message what was being done and what went wrong
   * @param {{ hint: string, output?: string, exitCode?: number }} details the command that fixes
   *   it, what the failed program printed, and the exit code (3 unless given)
   */
  constructor(message, { hint, output = '', exitCode = 3 }) {
    super(message);
    this.name = 'SetUpError';
    this.hint = hint;
    this.output = output.trimEnd();
    this.exitCode = exitCode;
  }

  /** The failed program's output, the message and the hint, for a terminal. */
  format() {
    const output = this.output === '' ? '' : `${this.output}\n`;
    return `${output}set-up: ${this.message}\nhint: ${this.hint}`;
  }
}

/** Writes one line to stderr. */
export function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

/**
 * Says on stderr that a step starts, does it, and says how long it took.
 *
 * @param {string} title what is being done, as `installing packages`
 * @param {() => Promise<T>} work
 * @returns {Promise<T>} what the work gave
 * @template T
 */
export async function step(title, work) {
  process.stderr.write(`set-up: ${title} ...`);
  const start = performance.now();
  try {
    const result = await work();
    process.stderr.write(` ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (thrown) {
    process.stderr.write(' failed\n');
    throw thrown;
  }
}

const running = new Set();
const watchers = new Set();
let interrupted = false;

/** The process ids of the programs that run now. */
export function runningPids() {
  return [...running].map((child) => child.pid).filter((pid) => pid !== undefined);
}

/**
 * Calls back whenever a program has started.
 *
 * @param {() => void} watcher
 * @returns {() => void} ends the calls
 */
export function watchPrograms(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Ends the running programs at the first signal, and this process with 130 after them. */
export function endOnSignals() {
  const end = () => {
    if (interrupted || running.size === 0) process.exit(130);
    interrupted = true;
    for (const child of running) child.kill('SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, end);
  };
}

/**
 * Runs a program without input and keeps what it prints.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<{ code: number, output: string }>} its exit code (-1 where a signal ended it or
 *   it did not start), stdout and stderr together
 * @throws SetUpError with exit code 130 when a signal came meanwhile
 */
export function runProgram(command, args, cwd) {
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (chunk) => {
      output += chunk;
    };
    const end = (code, problem) => {
      running.delete(child);
      if (interrupted) reject(new SetUpError('interrupted', { hint: again, exitCode: 130 }));
      else resolve({ code: code ?? -1, output: output + problem });
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('spawn', () => {
      running.add(child);
      for (const watcher of watchers) watcher();
    });
    child.on('error', (error) => end(-1, error.message));
    // A program that was ended may leave others that keep its pipes open.
    child.on('exit', (code) => interrupted && end(code, ''));
    child.on('close', (code) => end(code, ''));
  });
}
