import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BenchError } from '../../../core/errors.js';
import { diskBytes } from '../../../core/resources/disk.js';
import { emptyFolder } from '../folders.js';

/** What du(1) tells of it. */
function du(path: string): number {
  return Number(execFileSync('du', ['-s', '--block-size=1', path]).toString().split('\t')[0]);
}

test('a folder takes what du says: holes, links and second names do not count', async (context) => {
  if (process.platform !== 'linux') return context.diagnostic('not tested: du of GNU is not here');
  const folder = await emptyFolder(context);
  const outside = await emptyFolder(context);
  writeFileSync(join(outside, 'big'), Buffer.alloc(1_000_000, 1));
  mkdirSync(join(folder, 'a/b'), { recursive: true });
  writeFileSync(join(folder, 'a/one'), Buffer.alloc(300_000, 1));
  linkSync(join(folder, 'a/one'), join(folder, 'a/b/again'));
  symlinkSync(join(outside, 'big'), join(folder, 'link'));
  symlinkSync(outside, join(folder, 'linked-folder'));
  writeFileSync(join(folder, 'sparse'), '');
  truncateSync(join(folder, 'sparse'), 50_000_000);
  for (let index = 0; index < 150; index += 1) writeFileSync(join(folder, `a/${index}`), 'x');
  const bytes = await diskBytes(folder);
  assert.equal(bytes, du(folder));
  assert.ok(bytes > 300_000 && bytes < 2_000_000, `${bytes}`);
  assert.equal(await diskBytes(join(folder, 'a/one')), du(join(folder, 'a/one')));
});

test('a folder that is not there is told', async (context) => {
  const missing = join(await emptyFolder(context), 'data');
  await assert.rejects(diskBytes(missing), (error) => {
    assert.ok(error instanceof BenchError);
    assert.equal(error.code, 'BAD_TARGET');
    assert.equal(error.message, `disk space of ${missing}: there is no such folder`);
    return true;
  });
});
