import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { runCommand } from '../../cli/run.js';
import { findElsewhere } from '../../cli/target-addresses.js';
import { BenchError } from '../../core/errors.js';
import type { Target } from '../../core/plan.js';
import { runSchema } from '../../core/result.js';
import { noMask } from '../../core/secrets.js';
import { nullTarget } from '../core/run/small-run.js';
import { callBench } from './bench-call.js';
import { shortRun, withFolder } from './bench-process.js';
import { farAdapter, farAddress } from './far-adapter.js';
import { writeFiles } from './own-files.js';

const data = ['--dataset', 'gaussian:rows=200,dimensions=16,queries=20'];
const suite = ['--suite', 'smoke', '--targets', 'targets.yaml', ...data, ...shortRun];
const far = `far (http://${farAddress}:6333)`;

/** A folder with a target elsewhere, and what was noted of it. */
function withFar<T>(work: (folder: string, noted: () => string[]) => Promise<T>): Promise<T> {
  return withFolder((folder) => {
    const log = join(folder, 'log');
    const entry = (options: string) =>
      `{ adapter: ./store.mjs, options: { log: '${log}'${options} } }`;
    writeFiles(folder, {
      'store.mjs': farAdapter(),
      'targets.yaml': `targets:
  near: { adapter: 'null', inProcess: true }
  far: ${entry('')}
  named: ${entry(', url: "http://box.test:1"')}
`,
      'prices.yaml': `currency: EUR
date: 2026-03-31
source: a list
perHour: 3600
perMillionRequests: 2000
`,
    });
    const noted = () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []);
    return work(folder, noted);
  });
}

/** What is found of a target's options; names of hosts are those of a table. */
async function found(options: unknown, kind: 'server' | 'cloud' = 'server'): Promise<string[]> {
  const adapter = { ...nullTarget.adapter, kind };
  const target: Target = { ...nullTarget, adapter, options };
  const hosts: Readonly<Record<string, string[]>> = { box: ['10.1.1.1'], shop: [farAddress] };
  const resolve = async (host: string): Promise<string[]> => hosts[host] ?? [];
  const [elsewhere] = await findElsewhere([target], { resolve, mask: noMask });
  return [...(elsewhere?.addresses ?? [])];
}

test('addresses are found wherever options may have them, and shown without secrets', async () => {
  const near = [
    {},
    undefined,
    { url: 'http://127.0.0.1:6333', grpcUrl: 'http://[::1]:6334' },
    { url: 'redis://box:6379', tls: { ca: '/etc/ca.pem', servername: 'shop' } },
    { url: 'redis:///run/redis.sock', path: 'shop' },
    { hosts: ['box', '127.0.0.1:80'] },
  ];
  for (const options of near) assert.deepEqual(await found(options), [], JSON.stringify(options));
  const outside: [options: object, shown: string[]][] = [
    [{ url: 'https://me:pass@shop/db?token=secret' }, ['https://shop/db']],
    [{ url: 'http://box', grpcUrl: 'http://8.8.8.8:6334' }, ['http://8.8.8.8:6334']],
    [{ deep: { contactPoints: ['http://box', 'http://shop'] } }, ['http://shop']],
    [{ host: 'shop', port: 1 }, ['tcp://shop']],
    [{ hosts: ['box:1', `${farAddress}:2`] }, [`tcp://${farAddress}:2`]],
    [{ endpoint: 'shop:9200' }, ['tcp://shop:9200']],
    [{ url: 'mongodb://me:pass@box:1,shop:2/db' }, ['mongodb://shop:2']],
    [{ url: 'mongodb+srv://me:pass@cluster.test/db' }, ['mongodb+srv://cluster.test/db']],
    [{ uri: 's3://bucket/table' }, ['s3://bucket/table']],
  ];
  for (const [options, shown] of outside) assert.deepEqual(await found(options), shown);
});

test('a service of a cloud is elsewhere, but for one whose address is near', async () => {
  assert.deepEqual(await found({ apiKey: 'k' }, 'cloud'), ['a service']);
  assert.deepEqual(await found({ url: 'http://127.0.0.1:8080' }, 'cloud'), []);
});

test('nothing is sent elsewhere without both options; what would be, and its cost, is said', () =>
  withFar(async (folder, noted) => {
    const args = ['run', ...suite, '--target', 'far', '--price', 'prices.yaml', '--quiet'];
    const both = await callBench(args, { folder });
    assert.deepEqual([both.code, both.stdout], [2, '']);
    // Two cells of 0.07 s on one connection: 20 requests of a query each, and 7 of 10 ms.
    assert.equal(
      both.stderr,
      `outside of loopback and private networks: ${far}
what the plan sends there, when each cell is measured once:
  inserts of rows into 1 index: 1 (a client may split them)
  searches that verify 1 index: 20
  searches of closed loads, 2 cells: as many as are answered in 0.14 s of one connection, \
and each query once; 27 at 10 ms each
  connecting, making and dropping indexes come on top; invalid cells are measured up to 3 times
cost: at least 0.042 EUR for 21 requests; 0.14 EUR for 0 s of measuring
error BAD_ARGUMENT: nothing is sent to ${far} without --yes-remote and --max-requests
hint: add --yes-remote --max-requests 48, or the most that you want sent
`,
    );
    const most = await callBench([...args, '--yes-remote'], { folder });
    assert.equal(most.code, 2);
    assert.match(
      most.stderr,
      /BAD_ARGUMENT: nothing is sent to far \(.*\) without --max-requests\n/,
    );
    const few = await callBench([...args, '--yes-remote', '--max-requests', '20'], { folder });
    assert.equal(few.code, 2);
    assert.match(few.stderr, /; at most 0\.04 EUR for 20; /);
    const least = /BAD_ARGUMENT: --max-requests 20: the plan sends far at least 21\nhint: take 48/;
    assert.match(few.stderr, least);
    const slo = ['--slo', 'p99<=20ms', '--target', 'far'];
    const capacity = ['capacity', '--suite', 'smoke', '--targets', 'targets.yaml', ...slo];
    const search = await callBench(capacity, { folder });
    assert.equal(search.code, 2);
    const rate =
      /highest rates: as many as are carried in 4 min 00 s, 2,000 or more; 240,000 at 1,000/;
    assert.match(search.stderr, rate);
    const plan = await callBench([...args, '--dry-run'], { folder });
    assert.equal(plan.code, 0);
    assert.match(plan.stdout, /^Smoke: .*\n.*\noutside of loopback and private networks: far \(/);
    assert.deepEqual(noted(), []);
  }));

test('a run elsewhere sends as many requests as it may, not one more, and keeps what it has', () =>
  withFar(async (folder, noted) => {
    const args = ['run', ...suite, '--target', 'far', '--target', 'near', '--out', 'run'];
    const settings = [
      '--workers',
      '2',
      '--set',
      'gates=[]',
      '--set',
      'streams[0].load[0].concurrency=2',
    ];
    const limit = ['--yes-remote', '--max-requests', '60'];
    const { code, stdout, stderr } = await callBench([...args, ...settings, ...limit], { folder });
    assert.equal(code, 130, stderr);
    assert.match(stderr, /^outside of loopback and private networks: far \(/);
    assert.match(stderr, /60 of at most 60 requests were sent elsewhere\n/);
    assert.match(stdout, /^stopped: REQUESTS_SPENT: all 60 requests of --max-requests were sent$/m);
    const sent = noted().filter((line) => ['upsert', 'search', 'searchBatch'].includes(line));
    assert.equal(sent.length, 60);
    assert.equal(noted()[0], 'probe');
    const run = runSchema.parse(JSON.parse(readFileSync(join(folder, 'run/run.json'), 'utf8')));
    assert.deepEqual([run.status, run.stopped?.code], ['partial', 'REQUESTS_SPENT']);
    assert.equal(run.builds.length, 2);
    assert.ok(existsSync(join(folder, 'run/report.html')));
  }));

test('names are looked up before anything is sent to them', () =>
  withFar(async (folder, noted) => {
    const asked: string[] = [];
    const resolve = async (host: string): Promise<string[]> => {
      asked.push(host);
      return [farAddress];
    };
    const before = process.env.INIT_CWD;
    process.env.INIT_CWD = folder;
    try {
      const program = new Command('bench').exitOverride();
      runCommand(program, { resolve });
      const args = ['run', ...suite, '--target', 'named'];
      await assert.rejects(program.parseAsync(args, { from: 'user' }), (error) => {
        assert.ok(error instanceof BenchError);
        assert.match(error.message, /^nothing is sent to named \(http:\/\/box\.test:1\) without/);
        return true;
      });
    } finally {
      process.env.INIT_CWD = before;
    }
    assert.deepEqual(asked, ['box.test']);
    assert.deepEqual(noted(), []);
  }));

test('targets that are near need no option', () =>
  withFolder(async (folder) => {
    const args = ['run', '--suite', 'smoke', '--target', 'null', '--dry-run'];
    const { code, stdout, stderr } = await callBench([...args, '--max-requests', '1'], { folder });
    assert.deepEqual([code, stderr], [0, '']);
    assert.doesNotMatch(stdout, /outside/);
  }));
