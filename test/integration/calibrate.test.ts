import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { calibrationSchema, figureNames } from '../../core/calibrate/result.js';
import { runSchema } from '../../core/result.js';
import { runBench, tinyRun, withFolder } from '../cli/bench-process.js';

test('bench calibrate measures beside native tools, and what it finds is cited', () =>
  withFolder(async (folder) => {
    const env = { XDG_CACHE_HOME: join(folder, 'cache') };
    // Servers of other contests may run here.
    const options = ['--only', 'null-http', '--rounds', '1', '--duration', '0.5', '--json'];
    const { code, stdout, stderr } = await runBench(['calibrate', ...options, '--quiet'], {
      folder,
      env,
    });
    assert.equal(code, 0, stderr);
    const { contests } = calibrationSchema.parse(JSON.parse(stdout));
    const [contest] = contests;
    assert.ok(contest !== undefined);
    for (const { name, missing, figures, ratios } of contest.contestants) {
      // Only wrk may be missing: the others come with the package.
      assert.ok(missing === undefined || name === 'wrk', name);
      if (missing !== undefined) continue;
      for (const figure of figureNames) {
        assert.equal(figures[figure]?.values.length, 1, `${name}: ${figure}`);
      }
      assert.ok((figures.requestsPerS?.median ?? 0) > 100, name);
      if (name !== 'bench') assert.ok((ratios.requestsPerS?.ratio ?? 0) > 0.05, name);
    }
    const run = await runBench([...tinyRun, '--out', 'run', '--quiet'], { folder, env });
    assert.equal(run.code, 0, run.stderr);
    const stored = readFileSync(join(folder, 'run', 'run.json'), 'utf8');
    const { calibration } = runSchema.parse(JSON.parse(stored));
    assert.deepEqual(
      calibration?.map(({ contest: name, against }) => [name, against]),
      [['null-http', 'undici']],
    );
    const page = readFileSync(join(folder, 'run', 'report.html'), 'utf8');
    assert.match(page, /On this machine bench carries [\d.]+ of a bare undici loop/);
    const doctor = await runBench(['doctor'], { folder, env });
    assert.match(doctor.stdout, /calibrated \d{4}-\d\d-\d\d: bench carries/);
  }));
