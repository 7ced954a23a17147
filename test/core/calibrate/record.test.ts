import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { calibrationFinding } from '../../../cli/calibration-finding.js';
import { keepContests, readCalibration } from '../../../core/calibrate/record.js';
import { citedCalibrations, describeCalibration } from '../../../core/calibrate/result.js';
import type { Note } from '../../../core/result.js';
import { citedCalibration } from '../../../core/run/cited-calibration.js';
import { emptyFolder } from '../folders.js';
import { heldContest } from './scenes.js';

const tool = { name: 'bench', version: '0.1.0' };

/** A cache of its own for the test. */
async function emptyCache(context: TestContext): Promise<void> {
  const { XDG_CACHE_HOME: before } = process.env;
  process.env.XDG_CACHE_HOME = await emptyFolder(context);
  context.after(() => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  });
}

test('a machine that was not calibrated has no record, which doctor says', async (context) => {
  await emptyCache(context);
  assert.deepEqual(await readCalibration(), {});
  assert.deepEqual(await citedCalibration(() => assert.fail()), {});
  const { ok, found, hint } = await calibrationFinding();
  assert.deepEqual([ok, found, hint], [true, 'not calibrated', 'bench calibrate']);
});

test('a contest that was kept is read, and cited by runs and doctor', async (context) => {
  await emptyCache(context);
  const { calibration } = await keepContests([heldContest()], tool);
  assert.deepEqual(await readCalibration(), { calibration });
  const { calibration: cited } = await citedCalibration(() => assert.fail());
  assert.deepEqual(cited, [
    {
      at: '2026-08-01T10:00:00.000Z',
      contest: 'null-http',
      against: 'undici',
      againstTitle: 'a bare undici loop',
      connections: 50,
      rounds: 2,
      throughputRatio: 0.9,
      low: 0.88,
      high: 0.92,
    },
  ]);
  const { found } = await calibrationFinding();
  assert.equal(
    found,
    'calibrated 2026-08-01: bench carries 0.90 (0.88-0.92) of a bare undici loop',
  );
});

test('a contest takes the place of one of its name; others stay', async (context) => {
  await emptyCache(context);
  await keepContests([heldContest('first'), heldContest('second')], tool);
  const again = { ...heldContest('first'), connections: 8 };
  const { calibration } = await keepContests([again], tool);
  const known = calibration.contests.map(({ name, connections }) => [name, connections]);
  assert.deepEqual(known, [
    ['second', 50],
    ['first', 8],
  ]);
});

test('a damaged record is said, ends nothing, and is replaced', async (context) => {
  await emptyCache(context);
  const { path } = await keepContests([heldContest()], tool);
  for (const damage of ['{"schema": "bench.cali', '{"schema": "bench.calibration/9"}']) {
    writeFileSync(path, damage);
    const warnings: Note[] = [];
    assert.deepEqual(await citedCalibration((note) => warnings.push(note)), {});
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['CALIBRATION_DAMAGED'],
    );
    const { ok, found } = await calibrationFinding();
    assert.equal(ok, false);
    assert.match(found, /^its record is damaged: /);
  }
  await keepContests([heldContest()], tool);
  assert.deepEqual(Object.keys(await readCalibration()), ['calibration']);
});

test('one round is cited without an interval, a disturbed contest with what disturbed it', () => {
  const contest = heldContest();
  const [bench, undici] = contest.contestants;
  assert.ok(bench !== undefined && undici !== undefined);
  const alone = { ratio: 0.9, pairs: 1 };
  const [cited] = citedCalibrations({
    contests: [
      {
        ...contest,
        contestants: [bench, { ...undici, ratios: { requestsPerS: alone } }],
        warnings: [{ code: 'FOREIGN_CPU', message: 'others took 40 %' }],
      },
    ],
  });
  assert.ok(cited !== undefined);
  assert.equal(
    describeCalibration(cited),
    'bench carries 0.90 of a bare undici loop, disturbed by FOREIGN_CPU',
  );
});

test('a contest without the contestant that matters is not cited', () => {
  assert.deepEqual(citedCalibrations({ contests: [{ ...heldContest(), against: 'other' }] }), []);
});
