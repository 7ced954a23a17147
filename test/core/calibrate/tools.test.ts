import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AutocannonResult,
  autocannonMeasurement,
} from '../../../core/calibrate/tools/autocannon.js';
import { wrk, wrkMeasurement, wrkVersion } from '../../../core/calibrate/tools/wrk.js';
import { autocannonRefused, wrkGood, wrkRefused, wrkReset, wrkSaysVersion } from './recorded.js';

// Expected values are read off the recorded texts by eye.

test('what wrk prints gives its figures, whatever the unit of a line', () => {
  assert.deepEqual(wrkMeasurement({ stdout: wrkGood, cpuUs: 459_670 }), {
    requests: 45_967,
    requestsPerS: 45_958.96,
    msP50: 0.033,
    msP99: 1.42,
    clientCpuUs: 10,
    errors: 0,
  });
  const inSeconds = wrkGood.replace(/99%.*/, '99%    1.25s');
  assert.equal(wrkMeasurement({ stdout: inSeconds }).msP99, 1250);
});

test('processor time that the system does not tell is absent, not zero', () => {
  assert.equal('clientCpuUs' in wrkMeasurement({ stdout: wrkGood }), false);
});

test('answers that wrk counts as refused, and sockets that failed, are errors', () => {
  const refused = wrkMeasurement({ stdout: wrkRefused });
  assert.equal(refused.errors, 421);
  assert.equal(refused.firstError, 'Non-2xx or 3xx responses: 421');
  const reset = wrkMeasurement({ stdout: wrkReset });
  assert.equal(reset.errors, 1437);
  assert.equal(reset.firstError, 'Socket errors: connect 0, read 1437, write 0, timeout 0');
});

test('a text that is not of wrk is refused', () => {
  for (const stdout of ['', 'unable to connect', wrkGood.replace('99%', '98%')]) {
    assert.throws(() => wrkMeasurement({ stdout }), { code: 'STORE_FAILED' });
  }
});

test('the version of wrk is found as Debian and others write it', () => {
  assert.equal(wrkVersion(wrkSaysVersion), '4.1.0-3+b2');
  assert.equal(wrkVersion('wrk 4.2.0 [kqueue] Copyright (C) 2012 Will Glozer'), '4.2.0');
});

test('a wrk that is not on the PATH is missing, with how to get it', async () => {
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  try {
    const conditions = { connections: 1, warmUpS: 1, durationS: 1 };
    const { signal } = new AbortController();
    const found = await wrk({ url: 'http://127.0.0.1:1/', conditions, signal }).find();
    assert.deepEqual(found, { missing: 'apt-get install wrk, or brew install wrk' });
  } finally {
    process.env.PATH = PATH;
  }
});

test('what autocannon gives is taken by its own clock, and what is not 2xx is an error', () => {
  const result = JSON.parse(autocannonRefused) as AutocannonResult;
  // 8,221 requests from :46.652 to :47.162; 375,599 us as its process told.
  assert.deepEqual(autocannonMeasurement({ cpuUs: 375_599, result }), {
    requests: 8221,
    requestsPerS: 8221 / 0.51,
    msP50: 0,
    msP99: 2,
    clientCpuUs: 375_599 / 8221,
    errors: 82,
    firstError: '0 timed out, 0 of the connection, 82 not 2xx',
  });
});
