import assert from 'node:assert/strict';
import { emptyFolder } from '../../core/folders.js';
import { ownCertificate } from './certificates.js';
import { dies, live } from './life.js';
import { askRedis, ownRedis } from './own-redis.js';
import { faultTest } from './own-servers.js';
import { callRun, cellsOf, runFaults } from './scene.js';

faultTest('redis', 'who may not do it is AUTH_FAILED, and no password is told', async (context) => {
  const { url } = await ownRedis(context, [
    'requirepass right-secret',
    'user nowrite on >user-secret ~* +@all -vadd',
    'user nosearch on >user-secret ~* +@all -vsim',
    'user nokeys on >user-secret ~mine_* +@all',
    'user noinfo on >user-secret ~* +@all -info',
  ]);
  const code = 'AUTH_FAILED';
  await dies('redis', { url }, { code, message: /NOAUTH/, hint: /options\.password/ });
  await dies('redis', { url, password: 'wrong-secret' }, { code, message: /WRONGPASS/ });
  const inUrl = url.replace('//', '//default:wrong-secret@');
  await dies('redis', { url: inUrl }, { code, message: /^redis at redis:\/\/127/ });
  await live('redis', { url, password: 'right-secret' });
  for (const [user, message] of [
    ['nowrite', /'VADD' command/],
    ['nosearch', /'VSIM' command/],
    ['nokeys', /access a key/],
    ['noinfo', /'info' command/],
  ] as const) {
    const options = { url, user, password: 'user-secret' };
    await dies('redis', options, { code, message, hint: /access list .*bench_/ });
  }
  const folder = await emptyFolder(context);
  const mine = { adapter: 'redis', options: { url, password: 'wrong-secret' } };
  const ended = await callRun({ folder, targets: { mine } });
  assert.equal(ended.code, 3);
  assert.match(ended.stderr, /^error AUTH_FAILED: target mine .*WRONGPASS/);
  assert.match(ended.stderr, /^hint: give options/m);
  assert.doesNotMatch(ended.stderr, /secret/);
});

faultTest('redis', 'an encrypted connection needs the right authority', async (context) => {
  const folder = await emptyFolder(context);
  const own = ownCertificate(folder, 'own');
  const other = ownCertificate(folder, 'other');
  const { server } = await ownRedis(context, ['tls-port PORT', 'tls-auth-clients no'], {
    'tls-cert-file': own.cert,
    'tls-key-file': own.key,
  });
  const url = `rediss://127.0.0.1:${server.port}`;
  const code = 'TLS_FAILED';
  await dies('redis', { url }, { code, message: /self-signed/, hint: /tls\.ca/ });
  await dies('redis', { url, tls: { ca: other.path } }, { code });
  const named = { ca: own.path, servername: 'other.example' };
  await dies('redis', { url, tls: named }, { code, message: /other\.example/ });
  await live('redis', { url, tls: { ca: own.path } });
  await live('redis', { url, tls: { ca: own.cert } });
  await live('redis', { url, tls: { insecure: true } });
  const plain = url.replace('rediss', 'redis');
  await dies('redis', { url: plain }, { code: 'UNREACHABLE', hint: /does it want TLS/ });
  const unencrypted = await ownRedis(context);
  const wrong = unencrypted.url.replace('redis:', 'rediss:');
  // It waits for the end of what it takes for a command.
  const silent = { code: 'TIMEOUT', hint: /TLS, or none/, context: { timeoutNs: 1e9 } };
  await dies('redis', { url: wrong }, silent);
  const mine = { adapter: 'redis', options: { url, tls: { ca: own.path } } };
  const ended = await runFaults({ folder, targets: { mine }, rows: 300, durationS: 0.2 });
  assert.equal(ended.code, 0);
  assert.deepEqual(
    cellsOf(ended.run, 'mine').map(({ status }) => status),
    ['complete'],
  );
});

faultTest('redis', 'a replica is READ_ONLY, and a server that loads says so', async (context) => {
  const primary = await ownRedis(context, [
    'key-load-delay 20000',
    'loading-process-events-interval-bytes 1024',
  ]);
  const { port } = primary.server;
  const replica = await ownRedis(context, [`replicaof 127.0.0.1 ${port}`]);
  const hint = /address of its primary/;
  await dies('redis', { url: replica.url }, { code: 'READ_ONLY', message: /READONLY/, hint });
  const folder = await emptyFolder(context);
  const mine = { adapter: 'redis', options: { url: replica.url } };
  const { code, run } = await runFaults({ folder, targets: { mine } });
  assert.deepEqual([code, run.builds[0]?.failure?.code], [3, 'READ_ONLY']);
  for (let key = 0; key < 500; key++) await askRedis(port, `SET key${key} value`);
  await askRedis(port, 'SAVE');
  await primary.server.kill();
  await primary.server.start();
  const loading = { code: 'STORE_FAILED', message: /LOADING/, hint: /until it answers PING/ };
  await dies('redis', { url: primary.url }, loading);
});

faultTest(
  'redis',
  'memory that is full fails the build, and nobody loses a key',
  async (context) => {
    const { server, url } = await ownRedis(context, ['maxmemory 4mb', 'maxclients 12']);
    for (const name of ['mine', 'bench', 'Bench_mine'])
      await askRedis(server.port, `SET ${name} x`);
    const folder = await emptyFolder(context);
    const mine = { adapter: 'redis', options: { url } };
    const full = await runFaults({ folder, targets: { mine }, rows: 10_000, dimensions: 128 });
    assert.equal(full.code, 3);
    const [build] = full.run.builds;
    assert.deepEqual([build?.status, build?.failure?.code], ['failed', 'STORE_FAILED']);
    assert.match(build?.failure?.message ?? '', /OOM command not allowed/);
    assert.match(String(build?.failure?.hint), /maxmemory/);
    assert.equal(await askRedis(server.port, 'DBSIZE'), ':3');
    await askRedis(server.port, 'CONFIG SET maxmemory-policy allkeys-lru');
    assert.match((await live('redis', { url })).warnings.join(), /evicts keys \(allkeys-lru\)/);
    const again = await emptyFolder(context);
    const crowd = { folder: again, targets: { mine }, rows: 100, concurrency: 20 };
    const { code, run } = await runFaults(crowd);
    assert.equal(code, 3);
    const [cell] = cellsOf(run, 'mine');
    assert.deepEqual([cell?.status, cell?.failure?.code], ['failed', 'STORE_FAILED']);
    assert.match(cell?.failure?.message ?? '', /max number of clients/);
  },
);
