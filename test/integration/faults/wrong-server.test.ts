import assert from 'node:assert/strict';
import qdrant from '../../../adapters/qdrant.js';
import { nowNs } from '../../../core/clock.js';
import { BenchError } from '../../../core/errors.js';
import { adapters, contextOf } from './life.js';
import { faultTest } from './own-servers.js';
import { ownStore } from './own-stores.js';

const asked = {
  redis: { adapter: adapters.redis, url: 'redis://127.0.0.1', options: {} },
  pgvector: { adapter: adapters.pgvector, url: 'postgres://127.0.0.1', options: {} },
  chroma: { adapter: adapters.chroma, url: 'http://127.0.0.1', options: { transport: 'raw' } },
  qdrant: { adapter: qdrant, url: 'http://127.0.0.1', options: { transport: 'raw' } },
};
const timeoutNs = 1.5e9;

for (const there of ['redis', 'pgvector', 'chroma'] as const) {
  faultTest(there, 'who takes it for another server is told so, in time', async (context) => {
    const { server } = await ownStore(context, there);
    for (const [name, { adapter, url, options }] of Object.entries(asked)) {
      if (name === there) continue;
      const beganNs = nowNs();
      const given = { ...options, url: `${url}:${server.port}` };
      await assert.rejects(adapter.connect(given, contextOf({ timeoutNs })), (error) => {
        assert.ok(error instanceof BenchError, `${name}: ${error}`);
        assert.match(error.code, /^(STORE_FAILED|UNREACHABLE|TIMEOUT)$/, name);
        assert.match(String(error.hint), /listens? there|is the address right/, name);
        return true;
      });
      assert.ok(nowNs() - beganNs < 3 * timeoutNs, name);
    }
  });
}
