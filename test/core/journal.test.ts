import assert from 'node:assert/strict';
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Journal, journalName, readJournal } from '../../core/journal.js';
import { emptyFolder } from './folders.js';
import { buildOf, cellOf, headerOf } from './records.js';

/** A folder with the journal of one build and two cells. */
async function written(context: TestContext): Promise<{ folder: string; path: string }> {
  const folder = await emptyFolder(context);
  const journal = await Journal.create(folder, headerOf());
  await journal.append({ type: 'build', build: buildOf() });
  for (const repeat of [0, 1]) await journal.append({ type: 'cell', cell: cellOf({ repeat }) });
  await journal.close();
  return { folder, path: join(folder, journalName) };
}

test('what was appended is read back', async (context) => {
  const { folder } = await written(context);
  const content = await readJournal(folder);
  assert.deepEqual(content.header, headerOf());
  assert.deepEqual(content.builds, [buildOf()]);
  assert.deepEqual(content.cells, [cellOf({ repeat: 0 }), cellOf({ repeat: 1 })]);
});

test('every line is in the file when append returns', async (context) => {
  const folder = await emptyFolder(context);
  const journal = await Journal.create(folder, headerOf());
  await journal.append({ type: 'cell', cell: cellOf() });
  const lines = (await readFile(join(folder, journalName), 'utf8')).split('\n');
  await journal.close();
  assert.equal(lines.length, 3);
  assert.equal(lines[2], '');
});

test('a torn last line is cut wherever it was torn, and nothing before it', async (context) => {
  const { folder, path } = await written(context);
  const whole = await readFile(path);
  const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
  for (const length of [lastLine + 1, lastLine + 40, whole.length - 1]) {
    await writeFile(path, whole);
    await truncate(path, length);
    const { cells } = await readJournal(folder);
    assert.equal(cells.length, 1);
    assert.deepEqual(await readFile(path), whole.subarray(0, lastLine));
  }
});

test('a journal that was cut goes on with whole lines', async (context) => {
  const { folder, path } = await written(context);
  await appendFile(path, '{"type":"cell","cell":{"id":"b0');
  const { journal, content } = await Journal.resume(folder);
  assert.equal(content.cells.length, 2);
  await journal.append({ type: 'cell', cell: cellOf({ repeat: 2 }) });
  await journal.close();
  const { cells } = await readJournal(folder);
  assert.deepEqual(
    cells.map(({ repeat }) => repeat),
    [0, 1, 2],
  );
});

test('a damaged line in the middle is refused with its place', async (context) => {
  const { folder, path } = await written(context);
  const lines = (await readFile(path, 'utf8')).split('\n');
  const damaged = ['{"type":"cell","cell":', '{"type":"other"}', '{"type":"cell","cell":{}}', ''];
  for (const line of damaged) {
    await writeFile(path, lines.with(2, line).join('\n'));
    await assert.rejects(readJournal(folder), { code: 'BAD_RUN', message: /journal\.ndjson:3: / });
  }
});

test('a journal without its header is refused', async (context) => {
  const { folder, path } = await written(context);
  const text = await readFile(path, 'utf8');
  for (const rest of [text.slice(text.indexOf('\n') + 1), '', text.slice(0, 30)]) {
    await writeFile(path, rest);
    await assert.rejects(readJournal(folder), { code: 'BAD_RUN', message: /header/ });
  }
});

test('a folder without a journal is no run', async (context) => {
  const folder = await emptyFolder(context);
  await assert.rejects(readJournal(folder), { code: 'BAD_RUN', message: /journal\.ndjson/ });
});

test('a journal that is there is never begun anew', async (context) => {
  const { folder, path } = await written(context);
  const before = await readFile(path);
  await assert.rejects(Journal.create(folder, headerOf({ runId: 'run-2' })), {
    code: 'NOT_WRITABLE',
    message: /already holds a run/,
  });
  assert.deepEqual(await readFile(path), before);
});

test('a folder that cannot be written is NOT_WRITABLE', async (context) => {
  const file = join(await emptyFolder(context), 'file');
  await writeFile(file, '');
  await assert.rejects(Journal.create(file, headerOf()), { code: 'NOT_WRITABLE' });
});

test('a line that does not match the schema is not written', async (context) => {
  const { folder, path } = await written(context);
  const before = await readFile(path);
  const { journal } = await Journal.resume(folder);
  const cell = { ...cellOf(), id: 'Not An Id' };
  await assert.rejects(journal.append({ type: 'cell', cell }));
  await journal.close();
  assert.deepEqual(await readFile(path), before);
});
