import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSlo, requestsNeeded, sloPresets } from '../../../core/capacity/slo.js';

test('conditions have a metric, a limit and a unit', () => {
  const { conditions } = parseSlo('p99<=20ms, service.p999 <= 1.5s,recall>=0.95,errors<=0.1%');
  assert.deepEqual(
    conditions.map(({ metric, operator, limit }) => [metric, operator, limit]),
    [
      ['p99', '<=', 20],
      ['service.p999', '<=', 1500],
      ['recall', '>=', 0.95],
      ['errors', '<=', 0.001],
    ],
  );
  assert.equal(conditions[1]?.text, 'service.p999 <= 1.5s');
});

test('a preset stands for what production systems have published', () => {
  for (const name of Object.keys(sloPresets)) assert.ok(parseSlo(name).conditions.length > 0);
  assert.equal(parseSlo('rag').text, 'p50<=142ms,ndcg>=0.78');
});

test('a mistake is told with its column and what may be there', () => {
  const mistakes = {
    '': 'column 1: expected a metric, got nothing',
    'p99<=20ms,': 'column 11: expected a metric, got nothing',
    'p98<=20ms': 'column 1: there is no metric p98; did you mean p90?',
    'p99>=20ms': 'column 4: expected <= after p99, got >=',
    'p99=20ms': 'column 4: expected <= after p99, got =',
    p99: 'column 4: expected <= after p99, got nothing',
    'p99<=ms': 'column 6: expected a number for p99, got "ms"',
    'p99<=20': 'column 8: expected us or ms or s for p99, got no unit',
    'p50<=1ms, p99<=20sec': 'column 18: expected us or ms or s for p99, got sec',
    'recall>=95': 'column 9: recall must be 0..1, got 95',
    'recall>=120%': 'column 9: recall must be 0..100%, got 120%',
    'p99<=10ms,p50<=20ms': 'column 11: p50<=20ms contradicts p99<=10ms: p99 is never below p50',
    'recall>=0.9,recall>=0.95': 'column 13: recall has a limit already, at column 1',
  };
  for (const [text, said] of Object.entries(mistakes)) {
    assert.throws(() => parseSlo(text), { code: 'BAD_ARGUMENT', message: `--slo: ${said}` }, text);
  }
});

test('a trial needs the requests that the highest percentile takes', () => {
  const needed = (text: string): number => requestsNeeded(parseSlo(text));
  assert.deepEqual(
    ['recall>=0.9', 'p50<=1s', 'p95<=1s', 'p50<=1s,service.p99<=2s', 'p999<=1s'].map(needed),
    [100, 100, 200, 1000, 10_000],
  );
});
