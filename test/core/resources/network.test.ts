import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNetwork } from '../../../core/resources/network.js';
import { emptyFolder } from '../folders.js';
import { kernelFiles } from './kernel-files.js';

const heading = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs`;

test('the loopback is apart from the other interfaces, which are added up', async (context) => {
  const root = await kernelFiles(context, {
    'proc/41/net/dev': `${heading}
    lo: 1000       9    0    0    0     0          0         0     1001       9    0    0
  eth0: 20000   1100    0    0    0     0          0         0     3000     800    0    0
eth0:1:5 7 0 0 0 0 0 0 6 7 0 0
 wlan0:4294967296000 7 0 0 0 0 0 0 8 7 0 0`,
  });
  // By hand, columns 1 and 9; numbers may follow the colon at once, names may hold one.
  assert.deepEqual(readNetwork(41, root), {
    receivedBytes: 20_005 + 4_294_967_296_000,
    sentBytes: 3014,
    loopbackReceivedBytes: 1000,
    loopbackSentBytes: 1001,
  });
});

test('a namespace that cannot be read has no figures', async (context) => {
  assert.equal(readNetwork(41, await emptyFolder(context)), undefined);
  const strange = await kernelFiles(context, { 'proc/self/net/dev': `${heading}\n lo: one two` });
  assert.equal(readNetwork(undefined, strange), undefined);
  assert.equal(readNetwork() === undefined, process.platform !== 'linux');
});
