import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { timestamp } from '../core/clock.js';
import { isClone, packageRoot, userCacheFolder } from '../core/paths.js';
import type { Run } from '../core/result.js';

/** The folder that relative paths of the command line belong to. */
export function callerFolder(): string {
  return process.env.INIT_CWD ?? process.cwd();
}

/** Where runs go without --out: within a clone, `reports/out`; else below the caller's folder. */
export function defaultRunsFolder(): string {
  return isClone() ? join(packageRoot(), 'reports', 'out') : join(callerFolder(), 'bench-runs');
}

/** Where computed truth is kept: within a clone, `datasets/.cache`; else in the person's cache. */
export function cacheFolder(): string {
  if (isClone()) return join(packageRoot(), 'datasets', '.cache');
  return userCacheFolder();
}

/** A name for a new folder: when, what, and something to tell two of a second apart. */
export function newFolderName(what: string): string {
  const when = timestamp().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${when}-${what}-${randomBytes(2).toString('hex')}`;
}

/** The version of bench, and of a clone the commit, with `-dirty` when files were changed. */
export function describeTool(): Run['tool'] {
  const root = packageRoot();
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  const { name, version } = JSON.parse(text) as { name: string; version: string };
  if (!existsSync(join(root, '.git'))) return { name, version };
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    const dirty =
      git('status', '--porcelain', '--untracked-files=no').trim() === '' ? '' : '-dirty';
    return { name, version, commit: `${git('rev-parse', 'HEAD').trim()}${dirty}` };
  } catch {
    // A clone without git, or without a commit: the commit is not known, so it is absent.
    return { name, version };
  }
}
