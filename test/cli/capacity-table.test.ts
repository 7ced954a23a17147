import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCapacity } from '../../cli/capacity-table.js';
import type { Capacity, Run } from '../../core/result.js';
import { makeCapacityRun } from '../fixtures/make-capacity.js';

/** The text of a run with one of its searches, changed as a test wants it. */
function textOf(ending: Capacity['ending'], change: Partial<Capacity> = {}): string {
  const run = makeCapacityRun();
  const [found] = run.capacity.filter((entry) => entry.ending === ending);
  assert.ok(found !== undefined);
  return formatCapacity({ ...run, capacity: [{ ...found, ...change }], warnings: [] } as Run);
}

/** With all white space as one blank, since lines are wrapped. */
function flat(text: string): string {
  return text.replace(/\s+/g, ' ');
}

test('a confirmed rate: the answer, the bracket, how sure, the trials, what was tuned', () => {
  const trials = makeCapacityRun().capacity[0]?.trials.filter(
    ({ rateQps = 0 }) => rateQps === 4000 || Math.round(rateQps) === 2181 || rateQps === 500,
  );
  const text = textOf('confirmed', { trials: trials?.toSpliced(1, 1) ?? [] });
  assert.equal(
    text,
    `faiss ivf-pq nlist=128 m=48 nbits=8 refine=flat nprobe=64 kFactor=8: 2,181 queries a second,
    confirmed over 10 s and 21,810 requests
  slo:        p99<=20ms,recall>=0.9,errors<=0.1%
  rates:      2,181 passed, 2,229 did not pass (2.19 % apart)
  knee:       2,378
  sureness:   bracketed to 3 % and confirmed by a long trial; 2 % above, 2 of 2 trials failed.
  tuned:      5 settings of nprobe, 3 tried, 2 not; chosen: nprobe=64
  load:       poisson, 1 worker, 64 connections, at most 64 in flight
  took:       44 s of 2 min 00 s; trials: 4
  trial     rate  achieved      p99  recall  errors  verdict
  -------  -----  --------  -------  ------  ------  -----------------
  ramp       500       500  2.39 ms   0.927     0 %  passed
  ramp     4,000     2,430   468 ms   0.927     0 %  failed, saturated
      p99 468 ms, wanted p99<=20ms; the store handled 2430 of 4000 queries a second
  bisect   2,181     2,181  18.5 ms   0.927     0 %  passed
  confirm  2,181     2,181  18.5 ms   0.927     0 %  passed
  tried nprobe=16 kFactor=8: recall 0.780, 6,100/s, failed
  tried nprobe=64 kFactor=8: recall 0.927, 3,350/s, passed, chosen
  tried nprobe=32 kFactor=8: recall 0.858, 4,800/s, failed
`,
  );
});

test('settings of several streams name theirs, and a setting without any switch has words', () => {
  const run = makeCapacityRun();
  const [first, second] = run.capacity;
  assert.ok(first !== undefined && second !== undefined);
  const of = (stream: string, entry: Capacity): Capacity => ({ ...entry, stream });
  assert.doesNotMatch(formatCapacity(run), /search-/);
  const tried = first.tuned?.tried.map((each) => ({ ...each, search: { rescore: false } })) ?? [];
  const tuned = first.tuned && { ...first.tuned, tried };
  const capacity = [
    of('search-all', { ...first, ...(tuned && { tuned }) }),
    of('search-genre', second),
  ];
  const text = formatCapacity({ ...run, capacity } as Run);
  assert.match(flat(text), /faiss ivf-pq .*kFactor=8 search-all: /);
  assert.match(text, / search-genre: /);
  assert.match(text, /tried all off: recall /);
});

test('every ending says in words what was found and what was not', () => {
  const answers: Readonly<Record<Capacity['ending'], string>> = {
    confirmed: '2,181 queries a second, confirmed over 10 s and 21,810 requests',
    unconfirmed:
      'no confirmed rate: short trials passed, but no long one, down to 1,021 queries a second',
    'out-of-time':
      'no confirmed rate: the time ended first; short trials passed up to 2,000 queries a second',
    'nothing-passes': 'no rate meets the SLO slo:',
    'no-limit':
      'at least 3,000 queries a second, confirmed over 10 s and 30,000 requests; ' +
      'no limit was found up to the highest rate that may be offered',
    'client-limit':
      'at least 14,993 queries a second, confirmed over 10 s and 149,933 requests; ' +
      'the client could not offer more, the store may carry more',
  };
  for (const [ending, words] of Object.entries(answers)) {
    assert.ok(flat(textOf(ending as Capacity['ending'])).includes(words), ending);
  }
});

test('an ending without a confirmed rate never shows one', () => {
  const none = { bracket: {}, trials: [] };
  for (const ending of ['unconfirmed', 'out-of-time', 'nothing-passes'] as const) {
    assert.doesNotMatch(textOf(ending, none), /at least|confirmed over|\b0 queries/);
  }
  const failed = { bracket: { failedQps: 50 }, trials: [] };
  const least = flat(textOf('nothing-passes', failed));
  assert.ok(least.includes('no rate meets the SLO, not even 50 queries a second'));
});

test('what is in the way is told where there is no answer, the last figures of each reason', () => {
  const text = flat(textOf('out-of-time'));
  assert.ok(
    text.includes(
      'in the way: at 4,000 queries a second: p99 551 ms, wanted p99<=20ms; ' +
        'the store handled 2240 of 4000 queries a second',
    ),
  );
  assert.ok(
    flat(textOf('nothing-passes')).includes('in the way: recall 0.664, wanted recall>=0.9'),
  );
});

test('no line is longer than 100 columns, however many conditions there are', () => {
  const metrics = ['p50', 'p90', 'p95', 'p99', 'p999'].flatMap((name) => [name, `service.${name}`]);
  const measured = Object.fromEntries(metrics.map((metric) => [metric, 12.3]));
  const run = makeCapacityRun();
  const [found] = run.capacity;
  const conditions = metrics.map((metric) => ({ metric, operator: '<=' as const, limit: 20 }));
  const trials = (found?.trials ?? []).map((trial) => ({ ...trial, measured }));
  const wide = textOf('confirmed', { conditions, trials });
  for (const text of [wide, formatCapacity(run)]) {
    const longest = Math.max(...text.split('\n').map(({ length }) => length));
    assert.ok(longest <= 100, `${longest} columns`);
  }
  assert.match(flat(wide), /p50 12\.3 ms, service\.p50 12\.3 ms, p90 12\.3 ms/);
});

test('builds that failed and warnings stand beneath, nothing is left out in silence', () => {
  const run = makeCapacityRun();
  const [build] = run.builds;
  assert.ok(build !== undefined);
  const failure = { code: 'VERIFY_FAILED', message: 'recall 0.071' };
  const builds = [...run.builds, { ...build, id: 'faiss-pq', failure }];
  const text = formatCapacity({ ...run, builds });
  assert.match(text, /\nfailed faiss-pq: VERIFY_FAILED: recall 0\.071\nwarnings: NOT_ISOLATED 1 /);
  assert.match(formatCapacity({ ...run, capacity: [] }), /^no capacity was found\n/);
});
