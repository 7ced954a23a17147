import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPython } from '../../../core/host/python.js';

test('BENCH_PYTHON is the Python that is used', async () => {
  await withPython(process.execPath, async () => {
    assert.equal(await findPython(), process.execPath);
  });
});

test('a BENCH_PYTHON that is not there is refused with what to do', async () => {
  await withPython('/no/such/python', async () => {
    await assert.rejects(findPython(), { code: 'NO_PYTHON', hint: /npm run setup/ });
  });
});

async function withPython(value: string, body: () => Promise<void>): Promise<void> {
  const before = process.env.BENCH_PYTHON;
  process.env.BENCH_PYTHON = value;
  try {
    await body();
  } finally {
    if (before === undefined) delete process.env.BENCH_PYTHON;
    else process.env.BENCH_PYTHON = before;
  }
}
