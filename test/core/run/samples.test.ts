import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Sample } from '../../../core/resources/sample.js';
import { readSamples, resourceTimeline, SampleFile } from '../../../core/run/samples.js';
import { nsPerS } from '../../../core/units.js';
import { emptyFolder } from '../folders.js';

const client = { cpuUs: 0, rssBytes: 1 };
const none = { builds: [], cells: [] };

function cellSample(cell: string, change: Partial<Sample> = {}): Sample {
  return { atNs: 1, phase: 'window', cell, client, ...change };
}

test('what was appended is read again, a torn last line left out', async (context) => {
  const folder = await emptyFolder(context);
  assert.deepEqual(await readSamples(folder), []);
  const file = await SampleFile.open(folder, none);
  const samples = [cellSample('a'), cellSample('a', { atNs: 2 })];
  await file.append(samples);
  await file.append([]);
  await file.close();
  appendFileSync(join(folder, 'samples.ndjson'), '{"atNs":3,"ph');
  assert.deepEqual(await readSamples(folder), samples);
  appendFileSync(join(folder, 'samples.ndjson'), '\n{}\n');
  await assert.rejects(readSamples(folder), { code: 'BAD_RUN', message: /ndjson:3: not a sample/ });
});

test('a resumed run cuts the samples that no line of its journal is of', async (context) => {
  const folder = await emptyFolder(context);
  const build: Sample = { atNs: 1, phase: 'build', build: 'b', instance: 0, client };
  const path = join(folder, 'samples.ndjson');
  const first = await SampleFile.open(folder, none);
  await first.append([build, cellSample('a')]);
  const kept = readFileSync(path, 'utf8');
  await first.append([cellSample('cut')]);
  await first.close();
  appendFileSync(path, '{"atNs":');
  const journaled = { builds: [{ id: 'b', instance: 0 }], cells: [{ id: 'a' }] };
  const second = await SampleFile.open(folder, journaled);
  assert.equal(readFileSync(path, 'utf8'), kept);
  await second.append([cellSample('cut', { atNs: 9 })]);
  await second.close();
  assert.deepEqual(
    (await readSamples(folder)).map(({ atNs }) => atNs),
    [1, 1, 9],
  );
});

test('a folder that cannot be written is told', async (context) => {
  const folder = join(await emptyFolder(context), 'none');
  await assert.rejects(SampleFile.open(folder, none), { code: 'NOT_WRITABLE' });
  assert.ok(!existsSync(folder));
});

test('a timeline has cores in use and the largest resident set of each second', () => {
  const at = (halves: number, cpuUs: number, rssBytes: number): Sample => {
    const ns = (halves * nsPerS) / 2;
    const server = { processes: 1, cpuUs, rssBytes, majorFaults: 0 };
    const own = { cpuUs: cpuUs / 2, rssBytes: 1 };
    return cellSample('a', { atNs: 77 + ns, windowNs: ns, server, client: own });
  };
  const rows = [
    { ...at(-1, 0, 99), phase: 'warm-up' as const },
    at(0, 1_000_000, 10),
    at(1, 1_250_000, 30),
    at(2, 1_500_000, 20),
    at(3, 2_500_000, 20),
    // A child that ended took its time with it.
    at(4, 2_000_000, 5),
  ];
  // By hand: 0.25 s in 0.5 s; from the last sample before, 1.25 s in 1 s; then less than nothing.
  assert.deepEqual(resourceTimeline(rows), {
    secondS: [0, 1, 2],
    serverCores: [0.5, 1.25, null],
    clientCores: [0.25, 0.625, null],
    serverRssBytes: [30, 20, 5],
  });
});
