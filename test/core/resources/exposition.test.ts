import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BenchError } from '../../../core/errors.js';
import { parseExposition, parseSelector } from '../../../core/resources/exposition.js';

/** Samples as plain data: name, labels, value. */
function parsed(text: string): readonly (readonly [string, Record<string, string>, number])[] {
  return parseExposition(text).map(({ name, labels, value }) => [
    name,
    Object.fromEntries(labels),
    value,
  ]);
}

const escaped =
  String.raw`msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT"` +
  String.raw`,error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9`;

// From "Exposition formats" of the documentation of Prometheus, its example of the text format.
const documented = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
${escaped}

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320
`;

test('the documented example is read as it is explained', () => {
  assert.deepEqual(parsed(documented), [
    ['http_requests_total', { method: 'post', code: '200' }, 1027],
    ['http_requests_total', { method: 'post', code: '400' }, 3],
    [
      'msdos_file_access_time_seconds',
      { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' },
      1.458255915e9,
    ],
    ['metric_without_timestamp_and_labels', {}, 12.47],
    ['something_weird', { problem: 'division by zero' }, Number.POSITIVE_INFINITY],
    ['http_request_duration_seconds_bucket', { le: '0.05' }, 24054],
    ['http_request_duration_seconds_bucket', { le: '+Inf' }, 144320],
    ['http_request_duration_seconds_sum', {}, 53423],
    ['http_request_duration_seconds_count', {}, 144320],
  ]);
});

// After the examples of the specification of OpenMetrics 1.0, sections "Overall structure" and
// "Exemplars".
test('OpenMetrics: exemplars are read over, and nothing after the end is read', () => {
  const text = `# TYPE foo histogram
# UNIT foo seconds
foo_bucket{le="0.1"} 8 # {} 0.054
foo_bucket{le="1"} 11 # {trace_id="KOO5S4vxi0o"} 0.67
foo_bucket{le="10"} 17 1520879607.789 # {trace_id="oHg5SJYRHA0"} 9.8 1520879607.789
foo_created 1520430000.123
# EOF
what comes { now`;
  assert.deepEqual(
    parsed(text).map(([name, , value]) => [name, value]),
    [
      ['foo_bucket', 8],
      ['foo_bucket', 11],
      ['foo_bucket', 17],
      ['foo_created', 1520430000.123],
    ],
  );
});

test('blanks, line ends, a last comma, names in quotes and odd numbers are taken', () => {
  assert.deepEqual(parsed('a{ x = "1" , y="}" , } \t 1e3\r\n\r\n  b{}2'), [
    ['a', { x: '1', y: '}' }, 1000],
    ['b', {}, 2],
  ]);
  assert.deepEqual(parsed('{"my.metric","a label"="\\q",b="#"} NaN\nc -inf\nd .5'), [
    ['my.metric', { 'a label': '\\q', b: '#' }, Number.NaN],
    ['c', {}, Number.NEGATIVE_INFINITY],
    ['d', {}, 0.5],
  ]);
  assert.deepEqual(parsed('x{__proto__="1",constructor="2"} 3')[0]?.[1].constructor, '2');
  assert.deepEqual(parsed(''), []);
});

test('what cannot be read is told by line and column', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a 1\nb', 'line 2, column 2: expected a number, found nothing'],
    ['a one', 'line 1, column 3: expected a number, found "one"'],
    ['a 1 2 3', 'line 1, column 7: expected the end, found "3"'],
    ['a 1 now', 'line 1, column 5: expected a time or the end, found "now"'],
    ['9a 1', 'line 1, column 1: expected the name of a metric, found "9a 1"'],
    ['a{b="1} 2', 'line 1, column 10: expected a closing quote, found nothing'],
    ['a{b=1} 2', 'line 1, column 5: expected a value in quotes, found "1} 2"'],
    ['a{b} 2', 'line 1, column 4: expected =, found "} 2"'],
    ['a{b="1" c="2"} 2', 'line 1, column 9: expected , or }, found "c="2"} 2"'],
    ['a{b="1",b="2"} 2', 'expected each label once, b is there already'],
    ['a{"b"} 2', 'expected one name'],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseExposition(text),
      (error) => {
        assert.ok(error instanceof BenchError && error.code === 'METRICS_FAILED');
        assert.ok(error.message.includes(message), error.message);
        return true;
      },
    );
  }
});

test('a selector is a name, with labels or without', () => {
  assert.deepEqual(parseSelector(' a:b '), { name: 'a:b', labels: new Map() });
  assert.deepEqual(
    parseSelector('a{b="c",d="\\""}').labels,
    new Map([
      ['b', 'c'],
      ['d', '"'],
    ]),
  );
  for (const wrong of ['', 'a b', 'a{b="c"', 'a{b="c"} 1', 'a{b=~"c"}', '{b="c"}']) {
    assert.throws(
      () => parseSelector(wrong),
      (error) => error instanceof BenchError && error.code === 'BAD_TARGET',
    );
  }
});

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/);
const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
const sample = fc.record({
  name,
  labels: fc.uniqueArray(fc.tuple(label, fc.string({ unit: 'binary', maxLength: 8 })), {
    selector: ([key]) => key,
    maxLength: 3,
  }),
  value: fc.double(),
});

/** A line by the grammar of the format: backslash, quote and line end are escaped. */
function lineOf({
  name,
  labels,
  value,
}: {
  name: string;
  labels: [string, string][];
  value: number;
}) {
  const escaped = (text: string): string =>
    text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
  const inside = labels.map(([key, text]) => `${key}="${escaped(text)}"`).join(',');
  return `${name}{${inside}} ${String(value).replace('Infinity', 'Inf')}`;
}

test('whatever is written by the grammar is read as it was', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 5 }), (samples) => {
      const found = parseExposition(`${samples.map(lineOf).join('\n')}\n`);
      assert.deepEqual(
        found.map((each) => [each.name, [...each.labels], each.value + 0]),
        samples.map((each) => [each.name, each.labels, each.value + 0]),
      );
    }),
  );
});

test('a text that was damaged anywhere is read or refused, never worse', () => {
  const damage = fc.array(
    fc.record({
      at: fc.nat({ max: documented.length }),
      cut: fc.nat({ max: 40 }),
      put: fc.oneof(
        fc.string({ maxLength: 3 }),
        fc.constantFrom('{', '}', '"', '\\', '\n', '#', ' '),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(damage, (damages) => {
      const text = damages.reduce(
        (whole, { at, cut, put }) => whole.slice(0, at) + put + whole.slice(at + cut),
        documented,
      );
      try {
        for (const { name, value } of parseExposition(text)) {
          assert.ok(name.length > 0 && typeof value === 'number');
        }
      } catch (error) {
        assert.ok(error instanceof BenchError && error.code === 'METRICS_FAILED', String(error));
      }
    }),
    { numRuns: 500 },
  );
});
