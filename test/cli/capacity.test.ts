import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callBench } from './bench-call.js';
import { withFolder } from './bench-process.js';

const capacity = (...args: string[]) =>
  withFolder((folder) => callBench(['capacity', '--suite', 'ivfpq', ...args], { folder }));

test('mistakes are told before anything is measured, with what may be there', async () => {
  const mistakes: [args: string[], said: RegExp][] = [
    [['--slo', 'p99<20ms'], /--slo: column 4: expected <= after p99, got <\nhint: as --slo/],
    [['--slo', 'p99<=20ms', '--budget', '5s'], /must be 10s\.\.24h, as 90s, 5m or 1h, got 5s/],
    [
      ['--slo', 'recall>=0.9', '--tune', 'nprob'],
      /--tune: nprob is no search parameter; did you mean nprobe\?/,
    ],
    [['--slo', 'p99<=20ms', '--tune', 'nprobe'], /--tune needs a recall or ndcg in --slo/],
    [[], /required option '--slo <conditions>' not specified/],
  ];
  for (const [args, said] of mistakes) {
    const { code, stderr } = await capacity(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  }
});

test('the plan says how many answers there are and how long they may take', async () => {
  const args = ['--slo', 'p99<=20ms,recall>=0.9', '--budget', '1m', '--dry-run'];
  const { code, stdout } = await capacity(...args, '--tune', 'nprobe,kFactor');
  assert.equal(code, 0);
  assert.match(stdout, /^capacity under p99<=20ms,recall>=0\.9: IVF-PQ/);
  // Flat, IVF-Flat, IVF-PQ with and without re-ranking.
  assert.match(
    stdout,
    /4 answers, at most 4 min.* of searching; a trial has 1000 requests or more/,
  );
  const { stdout: all } = await capacity(...args);
  assert.match(all, /12 answers/);
});
