import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../../core/result.js';
import report from '../../reports/html.js';
import { readRun } from '../fixtures/read-run.js';

async function render(run: Run): Promise<string> {
  return Buffer.from(await report.render([run])).toString('utf8');
}

const cited = {
  at: '2026-08-01T10:00:00.000Z',
  contest: 'null-http',
  against: 'undici',
  againstTitle: 'a bare undici loop',
  connections: 50,
  rounds: 5,
  throughputRatio: 0.931,
  low: 0.912,
  high: 0.954,
};

test('a run on a calibrated machine says what bench carries there', async () => {
  const page = await render({ ...readRun(), calibration: [cited] });
  const [, sentence] = /<p>(On this machine .*?)<\/p>/.exec(page) ?? [];
  const [first, last] = sentence?.split(': ') ?? [];
  assert.equal(
    first,
    'On this machine bench carries 0.93 (0.91-0.95) of a bare undici loop in requests a second',
  );
  assert.equal(last, 'null-http, 50 connections, 5 rounds, 2026-08-01.');
});

test('a run on a machine that was not calibrated says nothing of it', async () => {
  assert.ok(!(await render(readRun())).includes('On this machine'));
});
