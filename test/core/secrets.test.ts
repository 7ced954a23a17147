import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BenchError } from '../../core/errors.js';
import { maskError, maskOf, maskProgress, maskTexts, noMask } from '../../core/secrets.js';

const canary = 'c4n"ary/p@ss';
const shown = '<PASS>';
const mask = maskOf(new Map([[canary, shown]]));

test('a secret is hidden as it is, as JSON and as addresses write it', () => {
  assert.equal(mask(`a ${canary} b ${canary}`), 'a <PASS> b <PASS>');
  assert.equal(mask(JSON.stringify({ pass: canary })), '{"pass":"<PASS>"}');
  // RFC 3986, section 2.1: the quotation mark is %22, the slash %2F, the at sign %40.
  assert.equal(mask('http://u:c4n%22ary%2Fp%40ss@host'), 'http://u:<PASS>@host');
});

test('a secret is hidden however its characters are written, in several ways too', () => {
  const written = [
    'c4n\\"ary/p@ss',
    'c4n\\\\\\"ary\\/p@ss',
    'c4n\\u0022ary\\u002Fp@ss',
    'c4n%22ary/p%40ss',
    'c4n%2522ary%252fp%2540ss',
    'c4n\\"ary%2Fp@ss',
    'c4n&quot;ary&#47;p&#x40;ss',
  ];
  for (const text of written) assert.equal(mask(`<${text}>`), '<<PASS>>', text);
  const spaced = maskOf(new Map([['one\ntwo  three', '<KEY>']]));
  const ways = ['one\ntwo  three', 'one two three', 'one\\ntwo\\n three', 'one%0Atwo%20%20three'];
  for (const text of ways) assert.equal(spaced(text), '<KEY>', text);
});

test('a secret is hidden in a header of base64, wherever it begins in it', () => {
  for (const user of ['', 'a', 'ab', 'abc', 'postgres']) {
    const header = Buffer.from(`${user}:${canary}`).toString('base64');
    const masked = mask(`authorization: Basic ${header}`);
    assert.match(masked, /^authorization: Basic .{0,12}<PASS>.{0,4}$/);
  }
});

test('of a secret that was cut off the beginning is hidden, and other words are not', () => {
  const cuts = ['got c4n"ary/', "'c4n\"ary/'", 'c4n"ary...', '"...c4n"ary/p@"', 'c4n%22ary\u2026'];
  for (const text of cuts) assert.match(mask(text), /<PASS>/, text);
  for (const text of cuts) assert.doesNotMatch(mask(text), /c4n/, text);
  const words = ['c4n"ary is a bird', 'c4n"a', 'c4n"arx'];
  for (const text of words) assert.equal(mask(text), text);
});

test('the password within an address that is secret is hidden by itself', () => {
  const whole = maskOf(new Map([['http://user:hunter%212@host:1/', '<URL>']]));
  assert.equal(
    whole('login of hunter!2 or hunter%212 at http://user:hunter%212@host:1/'),
    'login of <URL> or <URL> at <URL>',
  );
});

test('of secrets that hold each other the longer is hidden whole', () => {
  const both = maskOf(
    new Map([
      ['abcd', '<A>'],
      ['abcdef', '<B>'],
    ]),
  );
  assert.equal(both('abcdef abcd'), '<B> <A>');
});

test('no text holds a secret of four or more characters when it was masked', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, a, b) => {
      const hidden = maskOf(new Map([[secret, '~']]))(`${a}${secret}${b}`);
      fc.pre(!'~'.includes(secret));
      assert.ok(!hidden.includes(secret) || `${a}~${b}`.includes(secret));
    }),
  );
});

test('what stores say is masked in a document, and names, ids and numbers are not', () => {
  const note = { code: canary, message: `no ${canary}`, hint: canary };
  const document = {
    id: 'mine',
    name: canary,
    cells: [{ failure: note, warnings: [note], streams: [{ errors: { [canary]: 3 } }] }],
    store: { version: canary, settings: { url: canary, n: 4 }, warnings: [canary] },
    unsupported: [{ target: 'mine', what: canary, why: canary }],
  };
  const masked = maskTexts(document, mask);
  const hidden = { code: shown, message: 'no <PASS>', hint: shown };
  assert.deepEqual(masked, {
    id: 'mine',
    name: canary,
    cells: [{ failure: hidden, warnings: [hidden], streams: [{ errors: { [shown]: 3 } }] }],
    store: { version: shown, settings: { url: shown, n: 4 }, warnings: [shown] },
    unsupported: [{ target: 'mine', what: shown, why: shown }],
  });
  assert.equal(maskTexts(document, noMask), document);
});

test('errors keep their code and lose what they were caused by', () => {
  const cause = new Error(canary);
  const told = maskError(new BenchError('STORE_FAILED', canary, { hint: canary, cause }), mask);
  assert.ok(told instanceof BenchError);
  assert.equal(told.format(), 'error STORE_FAILED: <PASS>\nhint: <PASS>');
  assert.equal(told.cause, undefined);
  const bug = maskError(new TypeError(`bad ${canary}`, { cause }), mask);
  assert.ok(bug instanceof Error);
  assert.match(`${bug.stack}`, /^TypeError: bad <PASS>\n/);
  assert.doesNotMatch(`${bug.stack} ${bug.message}`, /c4n/);
  assert.equal(bug.cause, undefined);
  assert.equal(maskError('text', mask), 'text');
});

test('lines of progress are masked', () => {
  const lines: string[] = [];
  const keep = (line = ''): void => void lines.push(line);
  const progress = maskProgress(
    { phase: keep, update: (_, detail) => keep(detail), note: keep, end: keep },
    mask,
  );
  progress.phase('a');
  progress.update(1, canary);
  progress.update(2);
  progress.note(canary);
  progress.end();
  assert.deepEqual(lines, ['a', shown, '', shown, '']);
});
