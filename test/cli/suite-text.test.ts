import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSuiteText } from '../../cli/suite-text.js';
import { tinySuite } from './own-files.js';

/** Every problem as `line:column what`. Lines and columns were counted by hand. */
function problemsOf(text: string): string[] {
  return readSuiteText(text).problems.map(({ at, what }) => `${at.line}:${at.column} ${what}`);
}

test('YAML and JSON say the same thing', () => {
  const yaml = 'title: a\ntargets:\n  - exact\n  - "null"\nmeasure: { repeats: 3 }\n';
  const json = '{\n\t"title": "a",\n\t"targets": ["exact", "null"], "measure": {"repeats": 3}\n}';
  const expected = { title: 'a', targets: ['exact', 'null'], measure: { repeats: 3 } };
  assert.deepEqual(readSuiteText(yaml).content?.value, expected);
  assert.deepEqual(readSuiteText(json).content?.value, expected);
});

test('words of older YAML are not taken for truth values or numbers', () => {
  // YAML 1.2, 10.3.2: the core schema knows true and false only, and no 1_000 or 12:30.
  const { content } = readSuiteText('on: { a: yes, b: off, c: 1_000, d: 12:30, e: true }');
  assert.deepEqual(content?.value, { on: { a: 'yes', b: 'off', c: '1_000', d: '12:30', e: true } });
});

test('an alias stands for what its anchor holds', () => {
  const { content, problems } = readSuiteText('a: &x { k: 10 }\nb: *x\n');
  assert.deepEqual(problems, []);
  assert.deepEqual(content?.value, { a: { k: 10 }, b: { k: 10 } });
});

test('every key that is given twice is told, and the rest is still read', () => {
  const text = 'a: 1\nb:\n  c: 1\n  "c": 2\na: 2\n';
  assert.deepEqual(problemsOf(text), ['4:3 c is given twice', '5:1 a is given twice']);
  assert.notEqual(readSuiteText(text).content, undefined);
  assert.deepEqual(problemsOf('{"a": 1, "a": 2}'), ['1:10 a is given twice']);
});

test('a tag is refused, one of YAML itself too', () => {
  assert.deepEqual(problemsOf('a: 1\nb: !python/object x\n'), [
    '2:4 tag: !python/object is not allowed',
  ]);
  assert.deepEqual(problemsOf('b: !!binary aGk=\n'), [
    '1:4 tag: tag:yaml.org,2002:binary is not allowed',
  ]);
});

test('a mistake of syntax is told with its place', () => {
  const closing =
    'Flow sequence in block collection must be sufficiently indented and end with a ]';
  for (const [text, expected] of [
    ['a: [1,\nb: 2', `2:1 ${closing}`],
    ['a:\n\t- b\n', '2:1 Tabs are not allowed as indentation'],
    ['a: @x\n', '1:4 Plain value cannot start with reserved character @'],
    ['a: "\\q"\n', '1:5 Invalid escape sequence \\q'],
    ['a: b: c\n', '1:4 Nested mappings are not allowed in compact mappings'],
    ['{"a": 1', '1:8 Flow map must end with a }'],
    ['a: 1\n---\nb: 2\n', '2:1 a second document begins; a suite is one document'],
  ] as const) {
    assert.deepEqual(problemsOf(text), [expected]);
    assert.equal(readSuiteText(text).content, undefined);
  }
});

test('aliases that would never end, or come to too much, are refused', () => {
  assert.deepEqual(problemsOf('a: 1\nb: *x\n'), [
    '2:4 no anchor &x stands before this alias of it',
  ]);
  assert.deepEqual(problemsOf('a: &x\n  b: [*x]\n'), ['2:7 *x stands for what it is a part of']);
  const laughs = Array.from({ length: 20 }, (_, level) => {
    const before =
      level === 0
        ? 'ha, ha'
        : Array(9)
            .fill(`*l${level - 1}`)
            .join(', ');
    return `l${level}: &l${level} [${before}]`;
  });
  const many = `a: &a 1\nb: [${Array(101).fill('*a').join(', ')}]\n`;
  // The hundred-and-first: 4 columns to the first, then 4 for each of the hundred before it.
  assert.deepEqual(problemsOf(many), ['2:405 an alias more than the 100 that are allowed']);
  assert.deepEqual(problemsOf(laughs.slice(0, 12).join('\n')), [
    '1:1 its aliases come to too much when each is written out',
  ]);
});

test('a text that is nested too deeply is told once', () => {
  for (const deep of ['['.repeat(20_000), '{"a":'.repeat(20_000)]) {
    const problems = problemsOf(deep);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', / it is nested too deeply$/);
  }
  // Wherever the stack ends: it is read, or said to be too deep.
  for (let depth = 100; depth < 1500; depth += 350) {
    const { problems, content } = readSuiteText('['.repeat(depth) + ']'.repeat(depth));
    assert.equal(problems.length, content === undefined ? 1 : 0);
  }
});

test('a place is that of the key, of the value, or of what lacks it', () => {
  const text = 'a: &x\n  b:\n    - { c: 1,\n        d: 2 }\ne: *x\n';
  const { locate } = readSuiteText(text);
  const at = (path: (string | number)[], ofKey = false) => {
    const { line, column } = locate({ path, ofKey, what: '' });
    return [line, column];
  };
  assert.deepEqual(at(['a', 'b', 0, 'd']), [4, 12]);
  assert.deepEqual(at(['a', 'b', 0, 'd'], true), [4, 9]);
  assert.deepEqual(at(['a', 'b', 0, 'missing']), [3, 7]);
  assert.deepEqual(at(['missing', 'too']), [1, 1]);
  // Through an alias it is where the value is written.
  assert.deepEqual(at(['e', 'b', 0, 'c']), [3, 12]);
});

test('whatever is done to a text, it is read or its problems are told with places in it', () => {
  const change = fc.record({
    at: fc.nat({ max: tinySuite.length }),
    cut: fc.nat({ max: 12 }),
    put: fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('&a ', '*a', '[', '{', '- ', ': ', '!!set ', '\t', '"', '|', '\n', '---\n'),
    ),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const text = changes.reduce((before, { at, cut, put }) => {
        return before.slice(0, at) + put + before.slice(at + cut);
      }, tinySuite);
      const { problems, content, locate } = readSuiteText(text);
      assert.ok(problems.length > 0 || content !== undefined);
      const places = [
        ...problems.map(({ at }) => at),
        locate({ path: ['a'], ofKey: true, what: '' }),
      ];
      const lines = text.split('\n');
      for (const { line, column } of places) {
        assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
        assert.ok(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1, `column ${column}`);
      }
      JSON.stringify(content);
    }),
  );
});
