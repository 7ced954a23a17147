import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WindowWatch } from '../../../core/load/window-watch.js';

test('a window has what the processes took between both of its ends', () => {
  const watch = new WindowWatch({ serverPids: [process.pid], complete: true, hasNetwork: true });
  watch.find();
  watch.begin();
  const endNs = process.hrtime.bigint() + 60_000_000n;
  while (process.hrtime.bigint() < endNs);
  watch.end();
  const counters = watch.counters();
  // The loop takes a core for 60 ms; the kernel tells processor time in steps of 10 ms.
  assert.ok((counters?.serverCpuUs ?? 0) >= 20_000, `${counters?.serverCpuUs}`);
  for (const bytes of [counters?.serverReadBytes, counters?.serverWriteBytes]) {
    assert.ok(bytes !== undefined && bytes >= 0);
  }
  assert.ok((counters?.network?.loopbackSentBytes ?? -1) >= 0);
  assert.ok((counters?.beganNs ?? 0) > 0);
});

test('of processes of which one is gone there is no figure', () => {
  // Larger than the kernel gives (proc_sys_kernel(5), pid_max: at most 4194304).
  const watch = new WindowWatch({ serverPids: [process.pid, 4_194_305], complete: true });
  watch.begin();
  watch.end();
  const counters = watch.counters() ?? {};
  assert.ok('clientCpuUs' in counters);
  for (const field of ['serverCpuUs', 'serverReadBytes', 'network']) {
    assert.ok(!(field in counters), field);
  }
});
