import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { BenchError } from '../../core/errors.js';
import { fileError, writeWhole } from '../../core/files.js';
import { emptyFolder } from './folders.js';

test('a file is written whole, and nothing else is left in its folder', async (context) => {
  const folder = await emptyFolder(context);
  const path = join(folder, 'run.json');
  await writeWhole(path, 'first');
  await writeWhole(path, Uint8Array.of(1, 2, 3));
  assert.deepEqual([...(await readFile(path))], [1, 2, 3]);
  assert.deepEqual(await readdir(folder), ['run.json']);
});

test('when a file cannot be written what was there stays, and no part is left', async (context) => {
  const folder = await emptyFolder(context);
  const path = join(folder, 'run.json');
  // A folder of that name that is not empty cannot be replaced by a file.
  await mkdir(join(path, 'inner'), { recursive: true });
  await assert.rejects(writeWhole(path, 'text'));
  assert.deepEqual(await readdir(folder), ['run.json']);
  assert.deepEqual(await readdir(path), ['inner']);
});

test('a folder that is not there is NOT_WRITABLE, with path and hint', async (context) => {
  const path = join(await emptyFolder(context), 'absent', 'run.json');
  await assert.rejects(writeWhole(path, ''), (error: BenchError) => {
    assert.ok(error instanceof BenchError);
    assert.equal(error.code, 'NOT_WRITABLE');
    assert.ok(error.message.includes(path));
    assert.match(error.hint ?? '', /--out/);
    return true;
  });
});

test('a path below a file is NOT_WRITABLE', async (context) => {
  const file = join(await emptyFolder(context), 'file');
  await writeFile(file, '');
  await assert.rejects(writeWhole(join(file, 'run.json'), ''), { code: 'NOT_WRITABLE' });
});

test('a full disk is DISK_FULL, and says how to go on', () => {
  for (const code of ['ENOSPC', 'EDQUOT']) {
    const error = fileError(Object.assign(new Error('no space left'), { code }), '/run/x');
    assert.ok(error instanceof BenchError);
    assert.equal(error.code, 'DISK_FULL');
    assert.match(error.hint ?? '', /--resume/);
  }
});

test('an error that is not of the file system stays what it is', () => {
  const bug = new TypeError('a bug');
  assert.equal(fileError(bug, '/run/x'), bug);
});
