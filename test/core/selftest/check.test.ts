import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkClassic, checkScenario, exitCodeOf } from '../../../core/selftest/check.js';
import type { Expected } from '../../../core/selftest/expected.js';
import type { Measured } from '../../../core/selftest/measured.js';
import type { Scenario } from '../../../core/selftest/scenario.js';

const scenario: Scenario = {
  name: 'made-up',
  title: 'made up',
  store: 'null',
  options: {},
  load: { kind: 'open', rateQps: 1000 },
  workers: 1,
  pacer: 'sleep',
  warmUpS: 0,
  durationS: 1,
  timeoutS: 10,
  recall: 0.1,
};

const only = (count: number) => ({ low: count, high: count });
// 1000 requests: services of 1, 2, 3, ... 1000 ms, responses 10 ms longer.
const times = Array.from({ length: 1000 }, (_, index) => (index + 1) * 1e6);
const expected: Expected = {
  requests: {
    offered: only(1000),
    sent: only(1000),
    completed: only(990),
    failed: only(10),
    dropped: only(0),
  },
  answered: { low: 985, high: 986 },
  serviceNs: times,
  responseNs: times.map((ns) => ns + 10e6),
  serverNs: times.map((ns) => ns - 0.5e6),
};

const measured: Measured = {
  requests: { offered: 1000, sent: 1000, completed: 990, failed: 10, dropped: 0 },
  failedByCode: 10,
  answered: 985.000_000_000_1,
  answeredBySecond: 985,
  windowS: 1,
  recall: 0.1,
  serviceCount: 1000,
  responseCount: 1000,
  serviceMs: { p50: 500.2, p90: 900, p99: 990.4, 'p99.9': 999, max: 1000 },
  responseMs: { p50: 510, p90: 910, p99: 1000, 'p99.9': 1009, max: 1010 },
};

/** The figures that are off. */
function offWith(change: Partial<Measured>, of: Partial<Scenario> = {}): string[] {
  const checks = checkScenario({ ...scenario, ...of }, expected, { ...measured, ...change });
  assert.equal(exitCodeOf(checks), checks.every(({ ok }) => ok) ? 0 : 1);
  return checks.filter(({ ok }) => !ok).map(({ figure }) => figure);
}

test('figures that agree are right', () => {
  assert.deepEqual(offWith({}), []);
});

test('a p99 that is 5 % off is off, one that is 2 % off only with a pacer that spins', () => {
  const responseMs = { ...measured.responseMs, p99: 1050 };
  assert.deepEqual(offWith({ responseMs }), ['response p99']);
  const nearer = { responseMs: { ...measured.responseMs, p99: 1020 } };
  assert.deepEqual(offWith(nearer), []);
  assert.deepEqual(offWith(nearer, { pacer: 'spin' }), ['response p99']);
});

test('short times may differ by 0.3 ms and no more', () => {
  const serviceNs = [1e6];
  const differ = (ms: number) => {
    const all = { p50: ms, p90: ms, p99: ms, 'p99.9': ms, max: ms };
    const checks = checkScenario(
      scenario,
      { ...expected, serviceNs },
      { ...measured, serviceMs: all },
    );
    return checks.filter(({ ok, figure }) => !ok && /^service \S+$/.test(figure)).length;
  };
  assert.deepEqual([0.69, 0.71, 1, 1.29, 1.31].map(differ), [5, 0, 0, 0, 5]);
});

test('one request that is missing is off, wherever it is missing', () => {
  const requests = { offered: 999, sent: 999, completed: 989, failed: 10, dropped: 0 };
  assert.deepEqual(offWith({ requests }), ['offered', 'sent', 'completed']);
  const lost = { ...measured.requests, completed: 989 } as typeof requests;
  assert.deepEqual(offWith({ requests: lost }), ['completed', 'completed + failed']);
  const unsent = { ...measured.requests, sent: 999, completed: 989 } as typeof requests;
  assert.deepEqual(offWith({ requests: unsent }), ['sent', 'completed', 'sent + dropped']);
  assert.deepEqual(offWith({ failedByCode: 9 }), ['failed, by code']);
  assert.deepEqual(offWith({ answered: 984 }), ['answered']);
  assert.deepEqual(offWith({ answered: 986.5 }), ['answered']);
  assert.deepEqual(offWith({ answeredBySecond: 987 }), ['answered, by the second']);
});

test('failed requests that are left out of the percentiles are off', () => {
  assert.deepEqual(offWith({ serviceCount: 990 }), ['in service percentiles']);
  assert.deepEqual(offWith({ responseCount: 990 }), ['in response percentiles']);
});

test('a recall of 1 for answers that repeat one id is off, as is any difference', () => {
  assert.deepEqual(offWith({ recall: 1 }), ['recall']);
  assert.deepEqual(offWith({ recall: 0.100_000_001 }), ['recall']);
});

test('a window that ends before its time is off, one that waits for a query is not', () => {
  assert.deepEqual(offWith({ windowS: 0.999 }), ['window']);
  assert.deepEqual(offWith({ windowS: 1.2 }), []);
});

test('less than the server itself took is off, although it is near', () => {
  const serviceMs = { ...measured.serviceMs, p50: 495 };
  assert.deepEqual(offWith({ serviceMs }), ["service p50, at least the server's"]);
});

test('what was not measured is off', () => {
  const figures = offWith({ serviceMs: {}, responseMs: {} });
  assert.equal(figures.length, 15);
  const { recall: _, windowS: __, answered: ___, ...others } = measured;
  const checks = checkScenario(scenario, expected, others);
  assert.deepEqual(
    checks.filter(({ ok }) => !ok).map(({ figure, measured: value }) => [figure, value]),
    [
      ['answered', undefined],
      ['window', undefined],
      ['recall', undefined],
    ],
  );
});

test('one second of stall must make the open p99 a hundred times the closed one', () => {
  const classic = { scenario: 'classic', stallMs: 1000 };
  assert.equal(checkClassic({ ...classic, openMs: 985, closedMs: 1.2 }).ok, true);
  assert.equal(checkClassic({ ...classic, openMs: 985, closedMs: 9.9 }).ok, false);
  assert.equal(checkClassic({ ...classic, openMs: undefined, closedMs: 1 }).ok, false);
});

test('a self-test of no checks has shown nothing', () => {
  assert.equal(exitCodeOf([]), 1);
});
