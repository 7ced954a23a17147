import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measurementOf } from '../../../core/calibrate/bench.js';
import type { Cell } from '../../../core/result.js';
import { readRun } from '../../fixtures/read-run.js';

/** A finished cell of the stored run. */
function storedCell(): Cell {
  const cell = readRun().cells.find(({ status }) => status === 'complete');
  assert.ok(cell !== undefined);
  return structuredClone(cell);
}

test('bench takes part with requests a second, service times and CPU of its cell', () => {
  const cell = storedCell();
  const operation = cell.streams[0]?.operations.search;
  assert.ok(operation !== undefined);
  operation.requests.failed = 0;
  operation.errors = {};
  const taken = measurementOf(cell);
  assert.equal(taken.requestsPerS, operation.requestsPerS);
  assert.equal(taken.msP50, operation.latencyMs.service?.p50);
  assert.equal(taken.msP99, operation.latencyMs.service?.p99);
  assert.equal(taken.clientCpuUs, cell.resources.client.cpuUsPerRequest);
  assert.deepEqual([taken.requests, taken.errors], [operation.requests.completed, 0]);
});

test('of the warnings of a cell those of the machine are kept; a busy client is no news', () => {
  const cell = storedCell();
  const foreign = { code: 'FOREIGN_CPU', message: 'others' };
  cell.warnings = [{ code: 'SHARED_CORES', message: 'shared' }, foreign];
  assert.deepEqual(measurementOf(cell).warnings, [foreign]);
});

test('requests of bench that failed, and a cell that was not measured, are errors', () => {
  const failing = storedCell();
  const operation = failing.streams[0]?.operations.search;
  assert.ok(operation !== undefined);
  operation.requests.failed = 2;
  operation.errors = { TIMEOUT: 2 };
  const { errors, firstError } = measurementOf(failing);
  assert.deepEqual([errors, firstError], [2, 'TIMEOUT']);
  const failure = { code: 'HOST_DIED', message: 'nobody listens any more' };
  const lost = measurementOf({ ...storedCell(), status: 'partial', failure });
  assert.deepEqual([lost.errors, lost.firstError], [1, 'nobody listens any more']);
});
