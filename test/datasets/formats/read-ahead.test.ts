import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import { test } from 'node:test';
import { type DataFile, withDataFile } from '../../../datasets/formats/data-file.js';
import { readAhead, readUnits } from '../../../datasets/formats/read-ahead.js';
import { assertBadData, sampleFile } from '../sample-files.js';

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

function stretchesOf(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    index,
    offset: index * 10,
    target: new Uint8Array(10),
  }));
}

test('stretches are handed over whole and in order', async () => {
  const path = await sampleFile(bytes);
  for (const count of [0, 1, 2, 3, 4, 100]) {
    const seen: number[] = [];
    await withDataFile(path, (file) =>
      readAhead(file, stretchesOf(count), ({ index, target }) => {
        assert.deepEqual(target, bytes.subarray(index * 10, index * 10 + 10));
        seen.push(index);
      }),
    );
    assert.deepEqual(
      seen,
      Array.from({ length: count }, (_, index) => index),
    );
  }
});

test('the next reads are under way while a stretch is used', async () => {
  const path = await sampleFile(bytes);
  let asked = 0;
  function* counted() {
    for (const stretch of stretchesOf(10)) {
      asked += 1;
      yield stretch;
    }
  }
  const ahead: number[] = [];
  await withDataFile(path, (file) =>
    readAhead(file, counted(), ({ index }) => {
      ahead.push(asked - index - 1);
    }),
  );
  assert.deepEqual(ahead, [2, 2, 2, 2, 2, 2, 2, 2, 1, 0]);
});

test('what use throws is thrown, and the reads under way have ended by then', async () => {
  const path = await sampleFile(bytes);
  let underWay = 0;
  await withDataFile(path, async (file) => {
    const handle = {
      async read(...args: Parameters<typeof file.handle.read>) {
        underWay += 1;
        const result = await file.handle.read(...args);
        underWay -= 1;
        return result;
      },
    } as unknown as DataFile['handle'];
    const work = readAhead({ ...file, handle }, stretchesOf(10), ({ index }) => {
      if (index === 1) throw new Error('row 1 is wrong');
    });
    await assert.rejects(work, /row 1 is wrong/);
    assert.equal(underWay, 0);
  });
});

test('a file that became shorter after it was opened is BAD_DATA', async () => {
  const path = await sampleFile(bytes);
  const work = withDataFile(path, async (file) => {
    await truncate(path, 25);
    await readAhead(file, stretchesOf(10), () => undefined);
  });
  await assertBadData(work, 'it ends at byte 25, expected 5 bytes more');
});

test('units come in pieces of a few MiB, in memory that is used again', async () => {
  const path = await sampleFile('');
  // 30 MiB of zeros; units of 3000 bytes do not fill pieces evenly.
  const units = 10_000;
  await truncate(path, 7 + units * 3000);
  const memory = new Set<ArrayBuffer>();
  let next = 0;
  await withDataFile(path, (file) =>
    readUnits(file, { offset: 7, unitBytes: 3000, units }, (piece) => {
      memory.add(piece.target.buffer);
      assert.equal(piece.firstUnit, next);
      assert.equal(piece.offset, 7 + next * 3000);
      assert.equal(piece.target.length, piece.units * 3000);
      assert.equal(piece.target.byteOffset, 0);
      next += piece.units;
    }),
  );
  assert.equal(next, units);
  assert.equal(memory.size, 3);
  for (const { byteLength } of memory) assert.ok(byteLength <= 4 * 1024 * 1024);
});

test('a unit above the size of a piece is read whole', async () => {
  const path = await sampleFile('');
  await truncate(path, 15_000_000);
  const seen: number[] = [];
  await withDataFile(path, (file) =>
    readUnits(file, { offset: 0, unitBytes: 5_000_000, units: 3 }, ({ target }) => {
      seen.push(target.length);
    }),
  );
  assert.deepEqual(seen, [5_000_000, 5_000_000, 5_000_000]);
});
