import { BenchError, messageOf } from '../../errors.js';
import type { Found } from '../contest.js';
import { runProgram } from '../program.js';
import { limitNs } from './limit.js';

/** A tool that may be installed. */
export interface ToolCommand {
  /** As it is called where it is on the PATH. */
  readonly name: string;
  /** The variable of the environment that may hold another command for it. */
  readonly variable: string;
  /** How it is installed. */
  readonly install: string;
}

const versionLimitS = 5;

/**
 * The program and the first arguments of a tool: what its variable holds, cut at spaces, such as
 * `chroot /srv/debian redis-benchmark`, else its name.
 */
export function commandOf({ name, variable }: ToolCommand): { file: string; args: string[] } {
  const words = (process.env[variable] ?? '').split(/\s+/).filter((word) => word !== '');
  const [file = name, ...args] = words;
  return { file, args };
}

/**
 * The version of a tool, by what `--version` prints of it: its first number with dots.
 *
 * @returns missing, with what is to be done, where it is not there or does not start
 */
export async function findTool(tool: ToolCommand, signal: AbortSignal): Promise<Found> {
  const { file, args } = commandOf(tool);
  const get = `${tool.install}; ${tool.variable} may name its command`;
  try {
    const { stdout } = await runProgram({
      file,
      args: [...args, '--version'],
      limitNs: limitNs(versionLimitS),
      signal,
    });
    return { version: /\d+(\.\d+)+/.exec(stdout)?.[0] ?? stdout.trim() };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof BenchError)) throw error;
    if (error.code === 'NO_PACKAGE') return { missing: get };
    return { missing: `${messageOf(error)}; ${get}` };
  }
}
