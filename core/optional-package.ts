import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BenchError, messageOf } from './errors.js';
import { userCacheFolder } from './paths.js';

/** Who needs packages that no set-up brings, and which ones: these are used together. */
export interface PackageUser {
  /** The name of its adapter. */
  readonly name: string;
  /** `name@version` each. */
  readonly npm: readonly string[];
}

/** Where an installed package lies, and which one it is. */
export interface PackagePlace {
  readonly folder: string;
  readonly version: string;
}

/** The name in `name@version`; a scope has an `@` of its own. */
export function packageName(spec: string): string {
  const at = spec.lastIndexOf('@');
  return at > 0 ? spec.slice(0, at) : spec;
}

/** Where `bench doctor --install` puts packages; other versions lie in another folder. */
export function packagesFolder(npm: readonly string[]): string {
  const identity = [...npm, process.platform, process.arch].sort().join('\n');
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  return join(userCacheFolder(), `packages-${hash}`);
}

/**
 * Loads a package that is installed on demand: from the modules of the project where all that its
 * user needs is there, in whatever version, else from where `bench doctor --install` puts it.
 *
 * @param spec `name@version`
 * @throws BenchError NO_PACKAGE when it is not there, with the command that installs it, or when it
 * does not load
 */
export async function importOptional<T>(spec: string, user: PackageUser): Promise<T> {
  const load = createRequire(join(homeOf(spec, user), 'package.json'));
  try {
    return load(packageName(spec)) as T;
  } catch (cause) {
    const message = `${user.name}: package '${spec}' does not load: ${messageOf(cause)}`;
    throw new BenchError('NO_PACKAGE', message, {
      hint: `is it made for ${process.platform} ${process.arch} and Node ${process.version}?`,
      cause,
    });
  }
}

/**
 * Which package {@link importOptional} loads.
 *
 * @throws BenchError NO_PACKAGE when it is not there
 */
export function placeOfOptional(spec: string, user: PackageUser): PackagePlace {
  const folder = join(homeOf(spec, user), packageName(spec));
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  return { folder, version: (JSON.parse(text) as { version: string }).version };
}

/** The `node_modules` that holds all that a user needs. */
function homeOf(spec: string, user: PackageUser): string {
  const own = createRequire(import.meta.url).resolve.paths('any') ?? [];
  const folders = [...own, join(packagesFolder(user.npm), 'node_modules')];
  const names = [spec, ...user.npm].map(packageName);
  const found = folders.find((folder) =>
    names.every((name) => existsSync(join(folder, name, 'package.json'))),
  );
  if (found !== undefined) return found;
  throw new BenchError('NO_PACKAGE', `${user.name}: package '${spec}' is not installed`, {
    hint: `bench doctor --install ${user.name}`,
  });
}
