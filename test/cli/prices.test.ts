import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { loadPrices } from '../../cli/prices.js';
import { formatRun } from '../../cli/run-table.js';
import { timestamp } from '../../core/clock.js';
import type { Prices } from '../../core/cost/prices.js';
import { type Run, runSchema } from '../../core/result.js';
import report from '../../reports/html.js';
import { readRun } from '../fixtures/read-run.js';
import { callBench } from './bench-call.js';
import { shortRun, tinyRun, withFolder } from './bench-process.js';
import { complaintOf, writeFiles } from './own-files.js';

const hint =
  'hint: bench schema prices prints what the file may hold; bench knows no prices of its own';

const good = `currency: USD
date: 2026-03-31
source: https://example.com/pricing
perHour: 0.77
`;

function said(text: string): Promise<string> {
  return withFolder((folder) => {
    writeFiles(folder, { 'my prices.yaml': text });
    return complaintOf(loadPrices(join(folder, 'my prices.yaml')), folder);
  });
}

test('prices are what the file says, with its name and without its folder', () =>
  withFolder(async (folder) => {
    writeFiles(folder, { 'Prices of 2026.yml': good });
    assert.deepEqual(await loadPrices(join(folder, 'Prices of 2026.yml')), {
      file: 'Prices of 2026.yml',
      currency: 'USD',
      date: '2026-03-31',
      source: 'https://example.com/pricing',
      perHour: 0.77,
    });
  }));

// Lines and columns were counted by hand.
test('all mistakes of a file of prices are told at once, each with its place', async () => {
  const text = `currency: dollars
date: 2026-02-30
perHour: -1
perCoreHour: 0
perGiBHour: .nan
perMillionRequests: .inf
perHuor: '1'
source: ' '
`;
  const lines = [
    '1:11: currency: it must be three capitals, as USD, got "dollars"',
    '2:7: date: it must be a day, as 2026-03-31, got "2026-02-30"',
    '3:10: perHour: Too small: expected number to be >0, got -1',
    '4:14: perCoreHour: Too small: expected number to be >0, got 0',
    '5:13: perGiBHour: Invalid input: expected number, received NaN, got NaN',
    '6:21: perMillionRequests: Invalid input: expected number, received Infinity, got Infinity',
    '7:1: perHuor is not known; did you mean perHour?',
    '8:9: source: it must say where the prices are from, got " "',
  ];
  const expected = lines.map((line) => `prices FOLDER/my prices.yaml:${line}`).join('\n');
  assert.equal(await said(text), `error BAD_ARGUMENT: ${expected}\n${hint}`);
});

test('there are no prices without a day, a source and a price', async () => {
  const begin = 'FOLDER/my prices.yaml';
  const names = 'perHour, perCoreHour, perGiBHour, perMillionRequests';
  assert.equal(
    await said('currency: USD\n'),
    `error BAD_ARGUMENT: prices ${begin}:1:1: date must be given\n` +
      `prices ${begin}:1:1: source must be given\n` +
      `prices ${begin}:1:1: one of these must be given: ${names}\n${hint}`,
  );
  assert.match(await said('just words\n'), /:1:1: it must be a map of currency, date, source, /);
});

test('prices of a day to come are refused, those of today are not', async () => {
  const today = timestamp().slice(0, 10);
  assert.equal(await said(good.replace('2026-03-31', today)), 'it does not fail');
  const future = `${Number(today.slice(0, 4)) + 1}${today.slice(4, 8)}01`;
  const message = await said(good.replace('2026-03-31', future));
  assert.match(message, /:2:7: date: it must not be in the future, got "/);
});

test('a bad file of prices ends bench with exit code 2 before anything runs', () =>
  withFolder(async (folder) => {
    writeFiles(folder, { 'p.yaml': good.replace('date', 'day') });
    const args = [...tinyRun, '--price', 'p.yaml', '--out', 'run'];
    const { code, stdout, stderr } = await callBench(args, { folder });
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^error BAD_ARGUMENT: prices \.\/p\.yaml:1:1: date must be given\n/);
    const none = await callBench([...tinyRun, '--price', 'none.yaml'], { folder });
    assert.match(
      none.stderr,
      /^error BAD_ARGUMENT: prices \.\/none\.yaml: there is no such file\n$/,
    );
  }));

test('a run keeps prices and targets, a resumed one has them without being told', () =>
  withFolder(async (folder) => {
    const own = "targets: { mine: { adapter: 'null', inProcess: true } }";
    writeFiles(folder, { 'p.yaml': `${good}perMillionRequests: 4\n`, 'config/t.yaml': own });
    const target = ['--targets', 'config/t.yaml', '--target', 'mine'];
    const files = [...target, '--price', 'p.yaml', '--out', 'run', '--quiet'];
    const args = ['run', '--suite', 'smoke', ...shortRun, ...files];
    const { stdout, stderr } = await callBench(args, { folder });
    assert.equal(stderr, '');
    assert.match(stdout, /USD\/M by request/);
    assert.match(
      stdout,
      /^prices: 0\.77 USD an hour of the machine, 4 USD a million requests; of 2026/m,
    );
    const resumed = await callBench(['run', '--resume', 'run', '--quiet'], { folder });
    assert.equal(resumed.code, 0, resumed.stderr);
    const run = runSchema.parse(JSON.parse(readFileSync(join(folder, 'run/run.json'), 'utf8')));
    assert.equal(run.prices?.file, 'p.yaml');
    // One query a request costs what a request costs; of ten queries each a tenth.
    const found = run.summaries.map(({ load, metrics }) => {
      return [load.itemsPerRequest, metrics.costPerMillionByRequest?.median];
    });
    assert.deepEqual(found.sort(), [
      [1, 4],
      [10, 0.4],
    ]);
  }));

const prices: Prices = {
  file: 'p.yaml',
  currency: 'EUR',
  date: '2026-03-31',
  source: 'https://example.com/<b>pricing',
  perHour: 0.77,
  perCoreHour: 0.04,
};

/** The run of the fixture, with a cost by the hour for its points. */
function pricedRun(): Run {
  const run = readRun();
  run.prices = prices;
  for (const { metrics } of run.summaries) {
    metrics.costPerMillionByHour = { median: 0.125, low: 0.12, high: 0.13, method: '', values: [] };
  }
  return run;
}

test('the table has what a million queries cost, only where there are prices', () => {
  const plain = formatRun(readRun());
  assert.doesNotMatch(plain, /CPU s\/M|prices/);
  const table = formatRun(pricedRun());
  assert.match(table, / CPU s\/M {2}EUR\/M by hour /);
  assert.doesNotMatch(table, /M by use|M by request/);
  assert.match(table, / 0\.125 /);
  assert.match(table, /; of 2026-03-31, from https:\/\/example\.com\/<b>pricing; M: a million/);
  assert.match(table, /^no cost by use: /m);
});

test('the report has the costs with the day and the source of the prices beneath', async () => {
  const page = Buffer.from(await report.render([pricedRun()])).toString('utf8');
  assert.match(page, /<th[^>]*>Cost<small>EUR a million, by the hour<\/small>/);
  assert.match(page, /0\.125<small>0\.12–0\.13<\/small>/);
  assert.match(page, /of 2026-03-31, from https:\/\/example\.com\/&lt;b&gt;pricing/);
  assert.match(page, /There is no cost by use/);
  const plain = Buffer.from(await report.render([readRun()])).toString('utf8');
  assert.doesNotMatch(plain, /a million/);
});

test('bench schema prices prints what validates the file', () =>
  withFolder(async (folder) => {
    const { stdout } = await callBench(['schema', 'prices'], { folder });
    const schema = z.fromJSONSchema(JSON.parse(stdout) as Parameters<typeof z.fromJSONSchema>[0]);
    const file = { currency: 'USD', date: '2026-03-31', source: 'a', perHour: 1 };
    assert.ok(schema.safeParse(file).success);
    assert.equal(schema.safeParse({ ...file, perHour: 0 }).success, false);
    assert.equal(schema.safeParse({ ...file, perHuor: 1 }).success, false);
  }));
