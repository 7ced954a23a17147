import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { step } from '../setup/step.mjs';
import { madeFolder, storesPath } from './folder.mjs';
import { installOnce, isInstalled } from './installed.mjs';
import { demand, demandRoot, demandVersion, ensurePrograms } from './system.mjs';

const suite = 'trixie';
const packages = ['redis-server', 'postgresql-17', 'postgresql-17-pgvector'];
const identity = [suite, ...packages].join(' ');
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const offline = 'see whether the mirror of your apt sources is reachable: apt-get update';

/** The versions that this release of Debian has: of a stable release they do not change. */
export const versions = { redis: '8.0.2', postgres: '17.11', pgvector: '0.8.0' };

/** Whether the folder with Debian and its servers is there. */
export function isDebianInstalled() {
  return isInstalled(suite, identity);
}

/** Installs Debian with Redis, PostgreSQL and pgvector into a folder of its own. */
export async function installDebian() {
  demandRoot('the folder with Debian (chroot)');
  await installOnce(suite, identity, async (folder) => {
    await ensurePrograms({ debootstrap: 'debootstrap', unshare: 'util-linux' });
    if (!existsSync(keyring)) await installKeyring();
    const title = `installing ${packages.join(', ')} of Debian ${suite} (minutes)`;
    await step(title, () => bootstrap(folder));
    await checkVersions();
  });
}

/**
 * A command line that runs inside the folder.
 *
 * @param {string} user who runs it there
 * @param {readonly string[]} command
 */
export function debianCommand(user, command) {
  return ['chroot', `--userspec=${user}`, storesPath(suite), ...command];
}

/**
 * A folder for data that belongs to a user of Debian.
 *
 * @param {string} user
 * @returns {Promise<string>} its path as seen from inside
 */
export async function dataFolder(user) {
  const inside = join('/srv', user);
  mkdirSync(storesPath(suite, inside), { recursive: true });
  const chown = ['chroot', storesPath(suite), 'chown', `${user}:`, inside];
  await demand(chown, { hint: `remove ${storesPath(suite)}, so that it is installed again` });
  return inside;
}

/**
 * The mirror that a machine's own packages come from.
 *
 * @param {string} sources what the files of apt say
 * @returns {string} its address; that of Debian where none has the packages of Debian
 */
export function mirrorOf(sources) {
  const lines = sources.split('\n').filter((line) => /^\s*(URIs:|deb\s)/i.test(line));
  const addresses = lines.flatMap((line) => line.match(/https?:\/\/\S+/g) ?? []);
  return addresses.find((each) => /\/debian\/?$/.test(each)) ?? 'http://deb.debian.org/debian';
}

async function bootstrap(folder) {
  madeFolder();
  const include = `--include=${packages.join(',')}`;
  const checks = ['--force-check-gpg', `--keyring=${keyring}`];
  const args = [...checks, '--variant=minbase', include, suite, folder, mirrorOf(aptSources())];
  // What it mounts goes with it, even when it is killed.
  await demand(['unshare', '--mount', 'debootstrap', ...args], { hint: offline });
  rmSync(join(folder, 'var/cache/apt/archives'), { recursive: true, force: true });
}

function installKeyring() {
  return demand(['apt-get', 'install', '-y', '-qq', 'debian-archive-keyring'], { hint: offline });
}

function aptSources() {
  const names = ['/etc/apt/sources.list', ...filesIn('/etc/apt/sources.list.d')];
  return names
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /\.(list|sources)$/.test(name));
  return names.sort().map((name) => join(folder, name));
}

async function checkVersions() {
  const hint = `remove ${storesPath(suite)}, so that it is installed again`;
  const ask = (command) => demand(debianCommand('nobody', command), { hint });
  const redis = await ask(['redis-server', '--version']);
  const postgres = await ask(['/usr/lib/postgresql/17/bin/postgres', '--version']);
  const pgvector = await ask(['dpkg-query', '-W', 'postgresql-17-pgvector']);
  demandVersion('Redis', { said: redis, wanted: versions.redis });
  demandVersion('PostgreSQL', { said: postgres, wanted: versions.postgres });
  demandVersion('pgvector', { said: pgvector, wanted: versions.pgvector });
}
