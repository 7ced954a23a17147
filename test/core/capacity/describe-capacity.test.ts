import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeBracket,
  describeCondition,
  describeLimits,
  describeTuning,
  failedBy,
  isSameRate,
  latencyCurve,
  type Trial,
} from '../../../core/capacity/describe-capacity.js';
import type { Capacity } from '../../../core/result.js';
import { makeCapacityRun } from '../../fixtures/make-capacity.js';

const [entry] = makeCapacityRun().capacity as [Capacity];

function trial(rateQps: number, p99: number, change: Partial<Trial> = {}): Trial {
  return {
    cell: 'c0-t0',
    kind: 'ramp',
    rateQps,
    achievedQps: rateQps,
    verdict: 'failed',
    why: [`p99 ${p99} ms, wanted p99<=20ms`],
    measured: { p99 },
    saturated: false,
    requests: 1000,
    durationS: 1,
    ...change,
  };
}

test('a condition keeps every digit of its limit, and has a unit where it is one', () => {
  const texts = [
    { metric: 'p99', operator: '<=', limit: 20 },
    { metric: 'service.p999', operator: '<=', limit: 0.8 },
    { metric: 'recall', operator: '>=', limit: 0.9995 },
    { metric: 'errors', operator: '<=', limit: 0.00002 },
    { metric: 'qps', operator: '>=', limit: 1200 },
  ] as const;
  assert.deepEqual(texts.map(describeCondition), [
    'p99 <= 20 ms',
    'service.p999 <= 0.8 ms',
    'recall >= 0.9995',
    'errors <= 0.002 %',
    'qps >= 1,200/s',
  ]);
});

test('rates are one within what six digits of an offered rate leave open', () => {
  assert.ok(isSameRate(2228.7776, 2228.78));
  assert.ok(!isSameRate(2228.78, 2240));
  assert.ok(!isSameRate(undefined, undefined));
});

test('a trial failed by a condition where a reason begins with its name', () => {
  const p99 = { metric: 'p99', operator: '<=', limit: 20 } as const;
  assert.ok(failedBy(trial(100, 30), p99));
  assert.ok(!failedBy(trial(100, 30, { why: ['p999 30 ms, wanted p999<=20ms'] }), p99));
  assert.ok(failedBy(trial(100, 30, { why: ['p99: 12 requests do not tell it'] }), p99));
});

test('the curve has the median of the short trials at a rate, by rate', () => {
  const trials = [
    trial(200, 30),
    trial(100, 9),
    trial(200, 10),
    trial(200, 20),
    trial(200, 500, { kind: 'confirm' }),
    trial(400, 1, { verdict: 'client' }),
    trial(300, 1, { measured: {} }),
  ];
  const [condition] = entry.conditions as [Capacity['conditions'][number]];
  assert.deepEqual(latencyCurve({ ...entry, trials }, condition), [
    { rateQps: 100, ms: 9 },
    { rateQps: 200, ms: 20 },
  ]);
});

test('what limits is said by the lowest rate that did not pass, each reason once', () => {
  const late = ['p99 41 ms, wanted p99<=20ms', 'the store handled 150 of 200 queries a second'];
  const trials = [
    trial(400, 900),
    trial(200, 30),
    trial(200, 41, { why: late }),
    trial(200, 10, { verdict: 'passed', why: [] }),
  ];
  const found = { ...entry, trials, bracket: { passedQps: 100, failedQps: 200 } };
  assert.equal(
    describeLimits(found),
    'at 200 queries a second: p99 41 ms, wanted p99<=20ms; ' +
      'the store handled 150 of 200 queries a second',
  );
  assert.equal(describeLimits({ ...found, ending: 'no-limit', bracket: {} }), undefined);
});

test('where no rate was offered the probe of the setting tells what is missing', () => {
  const why = ['recall 0.612, wanted recall>=0.9'];
  const tried = [
    { search: { nprobe: 4 }, recall: 0.612, throughputQps: 9, passed: false, cell: 'c0-t0' },
    { search: { nprobe: 1 }, recall: 0.3, throughputQps: 9, passed: false, cell: 'c0-t1' },
  ];
  const found: Capacity = {
    ...entry,
    ending: 'nothing-passes',
    search: { nprobe: 4 },
    bracket: {},
    trials: [
      trial(1, 1, { kind: 'probe', rateQps: undefined, why }),
      trial(1, 1, { kind: 'probe', rateQps: undefined, why: ['recall 0.3'], cell: 'c0-t1' }),
    ],
    tuned: { names: ['nprobe'], settings: 2, tried },
  };
  assert.equal(describeLimits(found), why[0]);
  assert.equal(
    describeTuning(found),
    '2 settings of nprobe, all tried; none passes, the best is nprobe=4',
  );
});

test('a bound of the bracket that was not seen is left out', () => {
  assert.equal(describeBracket({ ...entry, bracket: {} }), undefined);
  assert.equal(describeBracket({ ...entry, bracket: { failedQps: 5 } }), '5 did not pass');
  // 103 / 100.
  const both = { ...entry, bracket: { passedQps: 100, failedQps: 103 } };
  assert.equal(describeBracket(both), '100 passed, 103 did not pass (3 % apart)');
});
