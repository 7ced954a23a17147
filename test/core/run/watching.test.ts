import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PlannedBuild, Target } from '../../../core/plan.js';
import type { Note } from '../../../core/result.js';
import { readSamples } from '../../../core/run/samples.js';
import { Watching } from '../../../core/run/watching.js';
import { emptyFolder } from '../folders.js';
import { exactTarget, nullTarget, runSmall } from './small-run.js';

const quick = { warmUpS: 0, durationS: 0.3, repeats: 1 };

test('a run keeps samples of its builds and cells, and figures of each window', async (context) => {
  const folder = await emptyFolder(context);
  const run = await runSmall({ folder, suite: { measure: { ...quick, sampleHz: 20 } } });
  const samples = await readSamples(folder);
  const [cell] = run.cells;
  const inWindow = samples.filter((one) => one.cell === cell?.id && one.phase === 'window');
  // 20 a second for 0.3 s are 6; a machine that is busy may miss some.
  assert.ok(inWindow.length >= 2, `${inWindow.length}`);
  assert.equal(cell?.resources.sampler?.samples, inWindow.length);
  assert.ok((cell?.resources.client.rssBytes ?? 0) > 0);
  const phases = new Set(samples.filter(({ build }) => build !== undefined).map((s) => s.phase));
  assert.deepEqual([...phases], ['baseline', 'build']);
  // A store in the client's own process has no processes of its own.
  assert.deepEqual(cell?.resources.server, {});
});

test('without samples there is no file of them, and no figure', async (context) => {
  const folder = await emptyFolder(context);
  const run = await runSmall({
    folder,
    suite: { measure: { ...quick, durationS: 0.05, sampleHz: 0 } },
  });
  assert.ok(!existsSync(join(folder, 'samples.ndjson')));
  assert.equal(run.cells[0]?.resources.sampler, undefined);
  assert.deepEqual(run.warnings, []);
});

test('a process, port or folder that is not there ends a run before it begins', async (context) => {
  const folder = await emptyFolder(context);
  const watches = {
    // Larger than the kernel gives (proc_sys_kernel(5), pid_max: at most 4194304).
    NO_PROCESS: { pids: [4_194_305] },
    BAD_TARGET: { dataFolder: join(folder, 'none') },
  };
  for (const [code, watch] of Object.entries(watches)) {
    const targets = [{ ...exactTarget, watch }];
    await assert.rejects(runSmall({ folder, targets }), { code });
    assert.deepEqual(await readdir(folder), []);
  }
});

test('a server whose processes are not known is told once', async (context) => {
  const notes: Note[] = [];
  const watching = await Watching.open({
    folder: await emptyFolder(context),
    hz: 0,
    journaled: { builds: [], cells: [] },
    watched: new Map([['found', [process.pid]]]),
    warn: (note) => notes.push(note),
  });
  const server = { ...nullTarget.adapter, kind: 'server' as const };
  const buildOf = (target: Partial<Target>): PlannedBuild => ({
    id: 'b',
    target: { ...nullTarget, adapter: server, ...target },
    support: { family: 'flat', title: 'flat', params: {}, search: {} },
    params: {},
    searches: [],
    payload: [],
    bytes: 0,
  });
  const info = { version: '1', settings: {}, warnings: [], pids: [] };
  const unknown = watching.storeOf(buildOf({ name: 'far' }), info);
  watching.storeOf(buildOf({ name: 'far' }), info);
  assert.deepEqual([unknown.pids, unknown.hasNetwork], [[], false]);
  assert.deepEqual(unknown.memory(), { processes: undefined, group: undefined });
  const found = watching.storeOf(buildOf({ name: 'found' }), info);
  assert.deepEqual([found.pids, found.hasNetwork], [[process.pid], true]);
  // What an adapter says of its own processes comes first.
  assert.deepEqual(watching.storeOf(buildOf({ name: 'found' }), { ...info, pids: [1] }).pids, [1]);
  assert.deepEqual(notes, [
    {
      code: 'NOT_WATCHED',
      message:
        'far: its processes are not known (watch: pids or port), so what they take is not measured',
    },
  ]);
  await watching.close();
});
