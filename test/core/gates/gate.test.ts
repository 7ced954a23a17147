import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkGates, gatePlaces, judge } from '../../../core/gates/gate.js';
import type { Figure, GateResult, Summary } from '../../../core/result.js';
import type { GateRule } from '../../../core/suite.js';
import { figureOf, summaryOf } from '../records.js';

function judgeOne(gate: GateRule, summaries: readonly Summary[]): GateResult {
  const results = judge([gate], summaries);
  assert.equal(results.length, 1);
  return results[0] as GateResult;
}

function verdictOf(gate: GateRule, figure: Figure): GateResult['verdict'] {
  return judgeOne(gate, [summaryOf({ [gate.metric]: figure })]).verdict;
}

const recall = (low: number, high: number): Figure =>
  figureOf((low + high) / 2, { low, high, values: [(low + high) / 2] });

test('a gate passes when the whole interval is inside its limit, the limit included', () => {
  const gate = { metric: 'recall', atLeast: 0.9 };
  assert.equal(verdictOf(gate, recall(0.92, 0.96)), 'pass');
  assert.equal(verdictOf(gate, recall(0.9, 0.9)), 'pass');
  assert.equal(verdictOf({ metric: 'failed', atMost: 0 }, figureOf(0)), 'pass');
});

test('a gate fails when the whole interval is outside its limit', () => {
  assert.equal(verdictOf({ metric: 'recall', atLeast: 0.9 }, recall(0.8, 0.899)), 'fail');
  assert.equal(verdictOf({ metric: 'failed', atMost: 0 }, figureOf(1)), 'fail');
});

test('a gate is undecided when the interval holds its limit', () => {
  const result = judgeOne({ metric: 'recall', atLeast: 0.9 }, [
    summaryOf({ recall: recall(0.88, 0.93) }),
  ]);
  assert.equal(result.verdict, 'undecided');
  assert.deepEqual([result.low, result.high], [0.88, 0.93]);
  assert.match(result.why, /would narrow/);
});

test('a gate with two limits needs the interval between them', () => {
  const gate = { metric: 'recall', atLeast: 0.5, atMost: 0.9 };
  assert.equal(verdictOf(gate, recall(0.6, 0.8)), 'pass');
  assert.equal(verdictOf(gate, recall(0.91, 0.95)), 'fail');
  assert.equal(verdictOf(gate, recall(0.1, 0.2)), 'fail');
  assert.equal(verdictOf(gate, recall(0.4, 0.95)), 'undecided');
});

test('time and rates are decided from five repeats on, counts and bytes from one', () => {
  const values = (count: number): Figure => figureOf(1, { values: new Array(count).fill(1) });
  for (const metric of ['serviceMsP50', 'throughputQps', 'buildS']) {
    assert.equal(verdictOf({ metric, atMost: 10 }, values(4)), 'undecided', metric);
    assert.equal(verdictOf({ metric, atMost: 10 }, values(5)), 'pass', metric);
    assert.equal(verdictOf({ metric, atMost: 0.1 }, values(4)), 'undecided', metric);
    assert.equal(verdictOf({ metric, atMost: 0.1 }, values(5)), 'fail', metric);
  }
  for (const metric of ['failed', 'engineBytes', 'recall']) {
    assert.equal(verdictOf({ metric, atMost: 10 }, values(1)), 'pass', metric);
  }
});

test('a figure without an interval is undecided', () => {
  const figure: Figure = { median: 1, method: 'one repeat', values: [1] };
  assert.equal(verdictOf({ metric: 'serviceMsP50', atMost: 10 }, figure), 'undecided');
});

test('nothing that matches is no-data, and so is a metric that was not measured', () => {
  const none = judgeOne({ metric: 'recall', where: { family: 'hnsw' }, atLeast: 0.1 }, [
    summaryOf({ recall: recall(1, 1) }),
  ]);
  assert.equal(none.verdict, 'no-data');
  assert.equal(none.value, undefined);
  const lacking = judgeOne({ metric: 'engineBytes', atMost: 1 }, [summaryOf({})]);
  assert.equal(lacking.verdict, 'no-data');
  assert.match(lacking.why, /engineBytes was not measured/);
});

test('of several summaries the worst counts', () => {
  const summaries = [recall(0.95, 0.99), recall(0.5, 0.6), recall(0.7, 0.8)].map((figure) =>
    summaryOf({ recall: figure }),
  );
  const result = judgeOne({ metric: 'recall', atLeast: 0.9 }, summaries);
  assert.equal(result.verdict, 'fail');
  assert.deepEqual([result.low, result.high], [0.5, 0.6]);
  assert.match(result.why, /2 of 3 summaries/);
});

test('no-data is worse than fail, fail worse than undecided, undecided worse than pass', () => {
  const pass = summaryOf({ recall: recall(1, 1) });
  const undecided = summaryOf({ recall: recall(0.8, 1) });
  const fail = summaryOf({ recall: recall(0.1, 0.2) });
  const gate = { metric: 'recall', atLeast: 0.9 };
  assert.equal(judgeOne(gate, [pass, undecided]).verdict, 'undecided');
  assert.equal(judgeOne(gate, [undecided, fail, pass]).verdict, 'fail');
  assert.equal(judgeOne(gate, [fail, summaryOf({}), pass]).verdict, 'no-data');
});

test('where picks by parameters, search parameters, family, target, stream and load', () => {
  const load = { kind: 'closed', concurrency: 4, workers: 1, connections: 4 } as const;
  const summary = summaryOf(
    { recall: recall(1, 1) },
    {
      family: 'ivf-pq',
      params: { nlist: 16, refine: 'flat' },
      search: { nprobe: 4 },
      load: { ...load, itemsPerRequest: 10 },
    },
  );
  const matching = {
    nlist: 16,
    refine: 'flat',
    nprobe: 4,
    family: 'ivf-pq',
    target: 'exact',
    stream: 'search',
    concurrency: 4,
    batch: 10,
  };
  const gate = { metric: 'recall', atLeast: 0.9 };
  assert.equal(judgeOne({ ...gate, where: matching }, [summary]).verdict, 'pass');
  for (const name of Object.keys(matching)) {
    const where = { ...matching, [name]: 'other' };
    assert.equal(judgeOne({ ...gate, where }, [summary]).verdict, 'no-data', name);
  }
});

test('a gate is called by its name, or by what it says', () => {
  const summaries = [summaryOf({ recall: recall(1, 1) })];
  const gate = { metric: 'recall', where: { family: 'flat' }, atLeast: 0.9 };
  assert.equal(judgeOne(gate, summaries).name, 'recall >= 0.9, family flat');
  assert.equal(judgeOne({ ...gate, name: 'good enough' }, summaries).name, 'good enough');
});

test('mistakes in gates name the place and the nearest name', () => {
  const gates = [
    { metric: 'throughputQp', atLeast: 1 },
    { metric: 'recall' },
    { metric: 'recall', where: { nprob: 4, family: 'flat' }, atLeast: 1 },
  ];
  const mistakes = checkGates(gates, [...gatePlaces, 'nprobe']);
  assert.deepEqual(mistakes, [
    'gates[0].metric throughputQp is not a metric; did you mean throughputQps?',
    'gates[1] must have atLeast or atMost',
    'gates[2].where.nprob is no parameter of this suite; did you mean nprobe?',
  ]);
});
