import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  importOptional,
  packageName,
  packagesFolder,
  placeOfOptional,
} from '../../core/optional-package.js';
import { emptyFolder } from './folders.js';

/** A cache of its own for one test. */
async function withCache(context: TestContext): Promise<void> {
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = await emptyFolder(context);
  context.after(() => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  });
}

function install(npm: readonly string[], name: string, code: string): void {
  const folder = join(packagesFolder(npm), 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.2.3' }));
  writeFileSync(join(folder, 'index.js'), code);
}

const user = { name: 'engine', npm: ['@any/engine@1.2.3', 'beside@4.5.6'] };

test('a name ends at its version, and a scope belongs to it', () => {
  assert.equal(packageName('usearch@2.25.3'), 'usearch');
  assert.equal(packageName('@lancedb/lancedb@0.37.1'), '@lancedb/lancedb');
  assert.equal(packageName('@lancedb/lancedb'), '@lancedb/lancedb');
  assert.equal(packageName('usearch'), 'usearch');
});

test('other versions lie in another folder, the same ones in any order in the same', () => {
  const folder = packagesFolder(['a@1', 'b@2']);
  assert.match(folder, /storebench\/packages-[0-9a-f]{16}$/);
  assert.equal(packagesFolder(['b@2', 'a@1']), folder);
  assert.notEqual(packagesFolder(['a@1', 'b@3']), folder);
  assert.notEqual(packagesFolder(['a@1']), folder);
});

test('a package that is not there is named, with the command that installs it', async (t) => {
  await withCache(t);
  await assert.rejects(importOptional('@any/engine@1.2.3', user), {
    code: 'NO_PACKAGE',
    message: "engine: package '@any/engine@1.2.3' is not installed",
    hint: 'bench doctor --install engine',
  });
  install(user.npm, '@any/engine', 'exports.answer = 42;');
  const half = importOptional('@any/engine@1.2.3', user);
  await assert.rejects(half, { code: 'NO_PACKAGE' }, 'what is used with it is not there');
});

test('packages that are used together come from one place, with their versions', async (t) => {
  await withCache(t);
  install(user.npm, '@any/engine', "exports.of = require('beside');");
  install(user.npm, 'beside', "module.exports = { name: 'beside' };");
  const engine = await importOptional<{ of: object }>('@any/engine@1.2.3', user);
  assert.equal(engine.of, await importOptional('beside@4.5.6', user));
  const { version, folder } = placeOfOptional('beside@4.5.6', user);
  assert.equal(version, '1.2.3');
  assert.equal(folder, join(packagesFolder(user.npm), 'node_modules', 'beside'));
});

test('what lies among the modules of the project comes first, in any version', async (t) => {
  await withCache(t);
  const other = { name: 'reader', npm: ['zod@0.0.1'] };
  install(other.npm, 'zod', 'exports.strictObject = undefined;');
  const zod = await importOptional<{ strictObject: unknown }>('zod@0.0.1', other);
  assert.equal(typeof zod.strictObject, 'function');
  assert.notEqual(placeOfOptional('zod@0.0.1', other).version, '0.0.1');
});

test('a package that does not load says why, and for what it might not be made', async (t) => {
  await withCache(t);
  const broken = { name: 'broken', npm: ['no-build@1.0.0'] };
  install(broken.npm, 'no-build', "throw new Error('No native build was found');");
  await assert.rejects(importOptional('no-build@1.0.0', broken), {
    code: 'NO_PACKAGE',
    message: "broken: package 'no-build@1.0.0' does not load: No native build was found",
    hint: `is it made for ${process.platform} ${process.arch} and Node ${process.version}?`,
  });
});
