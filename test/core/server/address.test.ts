import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNear } from '../../../core/server/address.js';

const none = async (): Promise<string[]> => assert.fail('nothing is to be looked up');

for (const url of [
  'http://127.0.0.1:6333',
  'redis://10.1.2.3',
  'postgres://u@172.16.0.1/db',
  'http://172.31.255.255',
  'http://192.168.1.1',
  'http://169.254.1.1',
  'http://[::1]:80',
  'http://[fd12:3456::1]',
  'http://[fe80::1]',
  'http://[::ffff:127.0.0.1]',
]) {
  test(`${url} is near`, async () => assert.equal(await isNear(url, none), true));
}

for (const url of [
  'http://8.8.8.8',
  'http://172.32.0.1',
  'redis://192.169.0.1:1',
  'http://11.0.0.1',
  'http://[2001:db8::1]',
  'http://[::ffff:8.8.8.8]',
]) {
  test(`${url} is elsewhere`, async () => assert.equal(await isNear(url, none), false));
}

test('of a name all addresses must be near; one that is not known is nowhere', async () => {
  assert.equal(await isNear('http://box', async () => ['10.0.0.1', '::1']), true);
  assert.equal(await isNear('http://box', async () => ['10.0.0.1', '1.1.1.1']), false);
  assert.equal(await isNear('http://no-such-host.invalid'), true);
});
