import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BenchError } from '../../../core/errors.js';
import {
  answeredWithin,
  connectionError,
  endedServer,
  lostServer,
  shownUrl,
} from '../../../core/server/connection-error.js';

const at = { store: 'redis', url: 'redis://me:canary-secret@127.0.0.1:1/0?token=canary' };
const coded = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`${code} happened`), { code, ...more });

const named = (name: string): Error => Object.assign(new Error(`${name} happened`), { name });

for (const [thrown, code, what] of [
  [coded('ECONNREFUSED'), 'UNREACHABLE', /nobody answers \(ECONNREFUSED\)/],
  [new TypeError('fetch failed', { cause: coded('ENOTFOUND') }), 'UNREACHABLE', /ENOTFOUND/],
  [new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]), 'UNREACHABLE', /nobody/],
  [coded('UND_ERR_CONNECT_TIMEOUT'), 'UNREACHABLE', /no answer in time/],
  [coded('UND_ERR_HEADERS_TIMEOUT'), 'UNREACHABLE', /no answer in time/],
  [coded('UND_ERR_BODY_TIMEOUT'), 'UNREACHABLE', /no answer in time/],
  [coded('ENOENT', { syscall: 'connect' }), 'UNREACHABLE', /there is no such socket/],
  [coded('ECONNRESET'), 'UNREACHABLE', /cut off/],
  [named('HTTPParserError'), 'STORE_FAILED', /no HTTP is spoken there/],
  [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'TLS_FAILED', /SELF_SIGNED/],
  [new Error('x', { cause: coded('ERR_SSL_WRONG_VERSION_NUMBER') }), 'TLS_FAILED', /WRONG_VERSION/],
] as const) {
  test(`${thrown.name} ${thrown.message} is ${code}, without what is secret`, () => {
    const found = connectionError(thrown, at);
    assert.ok(found instanceof BenchError);
    assert.equal(found.code, code);
    assert.equal(found.exitCode, 3);
    assert.match(found.message, what);
    assert.match(found.message, /^redis at redis:\/\/127\.0\.0\.1:1\/0: /);
    assert.ok((found.hint ?? '').length > 10);
    assert.ok(!`${found.message}${found.hint}`.includes('canary'));
  });
}

test('what it does not know is given back as it came', () => {
  const other = new Error('something else');
  assert.equal(connectionError(other, at), other);
  assert.equal(lostServer(other, at), other);
  const own = new BenchError('AUTH_FAILED', 'no');
  assert.equal(connectionError(own, at), own);
});

test('a service is named where bench can start one', () => {
  const found = connectionError(coded('ECONNREFUSED'), { ...at, service: 'redis' });
  assert.match((found as BenchError).hint ?? '', /bench up redis/);
});

for (const [thrown, code, what] of [
  [new Error('x', { cause: coded('ECONNREFUSED') }), 'HOST_DIED', /nobody answers any more/],
  [coded('ENOENT', { syscall: 'connect' }), 'HOST_DIED', /nobody answers any more/],
  [new TypeError('terminated', { cause: coded('UND_ERR_SOCKET') }), 'UNREACHABLE', /cut off/],
  [coded('UND_ERR_BODY_TIMEOUT'), 'TIMEOUT', /no answer in time/],
  [named('AbortError'), 'TIMEOUT', /no answer in time/],
  [named('HTTPParserError'), 'STORE_FAILED', /what is no HTTP/],
] as const) {
  test(`in the middle of a run ${thrown.message} (${thrown.cause}) is ${code}`, () => {
    const found = lostServer(thrown, at);
    assert.ok(found instanceof BenchError);
    assert.equal(found.code, code);
    assert.match(found.message, what);
    assert.ok((found.hint ?? '').length > 10);
    assert.ok(!found.format().includes('canary'));
  });
}

test('an answer that does not come in time is a time-out with what to do', async () => {
  const never = new Promise<never>(() => undefined);
  await assert.rejects(answeredWithin(1e6, at, never), {
    code: 'TIMEOUT',
    message: 'redis at redis://127.0.0.1:1/0: no answer within 0.001 s',
    hint: /busy/,
  });
  assert.equal(await answeredWithin(1e9, at, Promise.resolve(7)), 7);
  const own = new BenchError('TIMEOUT', 'own', { hint: 'own' });
  await assert.rejects(answeredWithin(1e9, at, Promise.reject(own)), own);
  assert.equal(endedServer(undefined, at).code, 'HOST_DIED');
});

test('an address is shown without credentials, whatever its form', () => {
  assert.equal(shownUrl('http://u:p@h:1/x?k=v'), 'http://h:1/x');
  assert.equal(shownUrl('u:p@h:1'), 'h:1');
});
