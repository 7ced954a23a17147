import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { loadTargets, targetsFileSchema } from '../../cli/own-targets.js';
import { packageRoot } from '../../core/paths.js';
import { runSchema } from '../../core/result.js';
import { callBench } from './bench-call.js';
import { shortRun, withFolder } from './bench-process.js';
import { writeFiles } from './own-files.js';

const hint = 'hint: correct the file; bench schema targets prints what it may hold';
const canary = 'c4n@ry-of-the-environment';
/** How a file of targets asks for it. */
const variable = `$${'{CANARY}'}`;

/** What a plan on targets of a file says. */
function said(text: string, names: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return withFolder((folder) => {
    writeFiles(folder, { 'targets.yaml': text });
    const targets = names.flatMap((name) => ['--target', name]);
    const args = ['run', '--suite', 'smoke', '--dry-run', '--targets', 'targets.yaml', ...targets];
    return callBench(args, { folder, env });
  });
}

/** The null store as an adapter that tells its options wherever it can. */
function talkative(): string {
  const url = new URL('../../adapters/null.js', import.meta.url).href;
  return `import { isMainThread } from 'node:worker_threads';
import store from ${JSON.stringify(url)};
const validate = (value) =>
  value.refuse === undefined
    ? { value }
    : { issues: [{ message: 'refused ' + value.refuse, path: ['refuse'] }] };
export default {
  ...store,
  options: { '~standard': { version: 1, vendor: 'own', validate } },
  async connect({ secret, breaks }, context) {
    context.log('connecting with ' + secret);
    if (breaks === 'connect') throw new Error('no login with ' + secret);
    const open = await store.connect(store.options.parse({}), context);
    let count = 0;
    const search = async (prepared) => {
      count += 1;
      const error = new Error('lost ' + secret);
      if (count % 2 === 0) throw Object.assign(error, { code: 'E' + secret });
      return open.vectors.search(prepared);
    };
    const fails = breaks === 'search' && !isMainThread;
    return {
      ...open,
      vectors: { ...open.vectors, ...(fails && { search }) },
      describe: async () => ({
        ...(await open.describe()),
        version: '1 ' + secret,
        settings: { url: 'http://me:' + encodeURIComponent(secret) + '@host', secret },
        warnings: ['who has ' + secret + ' may do all'],
      }),
      close: async () => {
        await open.close();
        if (breaks === 'close') throw new Error('not closed for ' + secret);
      },
    };
  },
};
`;
}

test('a name of the file is a target with its settings, before the adapter of that name', () =>
  withFolder(async (folder) => {
    const targets = {
      'slow-null': { adapter: 'null', options: { medianMs: 7 }, inProcess: true },
      exact: {
        adapter: './adapters/mine.mjs',
        options: { secret: `$${variable}` },
        watch: { port: 80, dataFolder: 'data' },
      },
      unused: { adapter: 'null' },
    };
    writeFiles(folder, {
      'config/targets.json': JSON.stringify({ $schema: './t.json', targets }),
      'config/adapters/mine.mjs': talkative(),
    });
    const path = join(folder, 'config/targets.json');
    const loaded = await loadTargets(['slow-null', 'exact', 'null'], path);
    assert.equal(loaded.file, path);
    const [slow, own, plain] = loaded.targets;
    assert.deepEqual(
      loaded.targets.map(({ name, adapterName, inProcess }) => [name, adapterName, inProcess]),
      [
        ['slow-null', 'null', true],
        ['exact', 'mine', undefined],
        ['null', 'null', undefined],
      ],
    );
    const delays = [slow, plain].map((target) => Object(target?.options).medianMs);
    assert.deepEqual(delays, [7, 1]);
    assert.deepEqual(own?.options, { secret: variable });
    assert.deepEqual(own?.watch, { port: 80, dataFolder: join(folder, 'config/data') });
  }));

// Lines and columns were counted by hand.
test('all mistakes of the file are told at once, each with line and column', async () => {
  const text = `targets:
  good: { adapter: 'null', options: { law: constant } }
  wrong:
    adaptor: exact
    inProcess: 1
  unused: { adapter: nul }
  law:
    adapter: 'null'
    options: { law: constnt, medianms: 2, seed: x, stalls: [{ atMs: -1, forMs: 1 }] }
  lost: { adapter: exat }
  gone: { adapter: ./gone.mjs }
  host: { adapter: faiss, inProcess: true }
  Bad_Name: { adapter: exact }
  watched: { adapter: exact, watch: { port: 0, pid: 1 } }
  blank: { adapter: exact, options: { a: '\${NOT_SET_HERE}', b: ['\${}'] } }
other: 1
`;
  const names = ['good', 'wrong', 'law', 'lost', 'gone', 'host', 'watched', 'blank'];
  const { code, stdout, stderr } = await said(text, names);
  assert.deepEqual([code, stdout], [2, '']);
  const lines = [
    '4:5: targets.wrong.adapter must be given',
    '4:5: targets.wrong.adaptor is not known; did you mean adapter?',
    '5:16: targets.wrong.inProcess: Invalid input: expected boolean, received number, got 1',
    '9:21: targets.law.options.law: Invalid option: expected one of ' +
      '"none"|"constant"|"lognormal"|"bimodal", got "constnt"',
    '9:30: targets.law.options.medianms is not known; did you mean medianMs?',
    '9:49: targets.law.options.seed: Invalid input: expected number, received string, got "x"',
    '9:69: targets.law.options.stalls[0].atMs: Too small: expected number to be >=0, got -1',
    '10:20: targets.lost.adapter: there is no target exat; did you mean exact?',
    '11:20: targets.gone.adapter: target ./gone.mjs: there is no such file',
    '12:38: targets.host.inProcess: the adapter cannot work in this process',
    '13:3: targets.Bad_Name: a name has at most 32 of a-z, 0-9 and single dashes',
    '14:45: targets.watched.watch.port: Too small: expected number to be >=1, got 0',
    '14:48: targets.watched.watch.pid is not known; did you mean pids?',
    '15:42: targets.blank.options.a: the environment variable NOT_SET_HERE is not set',
    '15:65: targets.blank.options.b[0]: $' +
      '{} is no variable; write $' +
      '{NAME}, or $$' +
      '{ for a $' +
      '{ that stays',
    '16:1: other is not known; one of: $schema, targets',
  ];
  const expected = lines.map((line) => `targets ./targets.yaml:${line}`).join('\n');
  assert.equal(stderr, `error BAD_TARGET: ${expected}\n${hint}\n`);
});

test('a file that is empty of targets, of none that is used, or no file is told', async () => {
  const begin = 'error BAD_TARGET: targets ./targets.yaml';
  const none = await said('targets: {}\n', ['exact']);
  assert.match(none.stderr, /:1:10: targets: it must name a target, got \{\}\n/);
  const list = await said('- a\n', ['exact']);
  assert.equal(list.stderr, `${begin}:1:1: it must be a map of targets; it is a list\n${hint}\n`);
  const unused = await said('targets: { mine: { adapter: exact } }\n', ['exact']);
  assert.equal(
    unused.stderr,
    'error BAD_ARGUMENT: --targets ./targets.yaml: the run names no target of it\n' +
      'hint: name one with --target: mine\n',
  );
  assert.equal(unused.code, 2);
  const near = await said('targets: { mine: { adapter: exact } }\n', ['mien']);
  assert.match(near.stderr, /^error UNKNOWN_NAME: there is no target mien; did you mean mine\?\n/);
  await withFolder(async (folder) => {
    const args = ['run', '--suite', 'smoke', '--targets', 'none.yaml'];
    const { code, stderr } = await callBench(args, { folder });
    assert.deepEqual(
      [code, stderr],
      [2, 'error BAD_TARGET: targets ./none.yaml: there is no such file\n'],
    );
  });
});

test('variables are missed only where the run uses the target, and empty ones too', async () => {
  const text = `targets:
  mine: { adapter: exact }
  other: { adapter: '\${SOME_ADAPTER}', watch: { metrics: { url: '\${SOME_URL}', names: {} } } }
`;
  assert.equal((await said(text, ['mine'])).code, 0);
  const { stderr } = await said(text, ['other'], { SOME_ADAPTER: '' });
  const begin = 'targets ./targets.yaml:3';
  const adapter = 'the environment variable SOME_ADAPTER is empty';
  assert.equal(
    stderr,
    `error BAD_TARGET: ${begin}:21: targets.other.adapter: ${adapter}\n` +
      `${begin}:65: targets.other.watch.metrics.url: the environment variable SOME_URL is not set` +
      `\n${hint}\n`,
  );
});

test('secrets planted in every field are in no message about the file', async () => {
  const secret = `'a-${variable}'`;
  const entries = [
    `adapter: ${secret}`,
    `adapter: './${variable}.mjs'`,
    `adapter: exact, inProcess: ${secret}`,
    `adapter: exact, options: ${secret}`,
    `adapter: exact, options: { unknown: ${secret} }`,
    `adapter: 'null', options: { law: ${secret}, seed: ${secret}, stalls: [${secret}] }`,
    `adapter: exact, watch: { pids: [${secret}], port: ${secret}, dataFolder: ${secret} }`,
    `adapter: exact, watch: { metrics: { url: ${secret}, names: { a-b: ${secret} } } }`,
    `adapter: ./mine.mjs, options: { refuse: ${secret} }`,
    secret,
  ];
  const bare = entries.map((entry, index) => {
    return `  t${index}: ${entry === secret ? entry : `{ ${entry} }`}\n`;
  });
  await withFolder(async (folder) => {
    const text = `targets:\n${bare.join('')}more: ${secret}\n`;
    writeFiles(folder, { 'targets.yaml': text, 'mine.mjs': talkative() });
    const targets = bare.flatMap((_, index) => ['--target', `t${index}`]);
    const args = ['run', '--suite', 'smoke', '--targets', 'targets.yaml', ...targets];
    const { code, stdout, stderr } = await callBench(args, { folder, env: { CANARY: canary } });
    assert.equal(code, 2);
    assert.equal(`${stdout}${stderr}`.includes(canary), false, stderr);
    for (const [index] of bare.entries()) {
      assert.match(stderr, new RegExp(`targets\\.t${index}\\b`), stderr);
    }
    assert.match(stderr, /t5\.options\.law: Invalid option: .*, got "a-\$\{CANARY\}"/);
    assert.match(stderr, /t8\.options\.refuse: refused a-\$\{CANARY\}/);
  });
});

test('stores that tell a secret leave none in output and run', () =>
  withFolder(async (folder) => {
    const kinds = ['search', 'connect', 'close', 'nothing'];
    const entries = kinds.map((breaks) => {
      const options = `{ secret: '${variable}', breaks: ${breaks} }`;
      return `  ${breaks}: { adapter: ./m.mjs, inProcess: true, options: ${options} }\n`;
    });
    writeFiles(folder, { 'targets.yaml': `targets:\n${entries.join('')}`, 'm.mjs': talkative() });
    const named = kinds.flatMap((name) => ['--target', name]);
    const file = ['--targets', 'targets.yaml', ...named, '--set', 'streams[0].batch=[1]'];
    const args = ['run', '--suite', 'smoke', ...file, ...shortRun, '--out', 'run'];
    const { stdout, stderr } = await callBench(args, { folder, env: { CANARY: canary } });
    const kept = readdirSync(join(folder, 'run'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
    for (const text of [stdout, stderr, ...kept]) {
      for (const form of [canary, encodeURIComponent(canary)]) {
        assert.equal(text.includes(form), false, text.slice(0, 2000));
      }
    }
    assert.ok(stderr.includes(`nothing: connecting with ${variable}`), stderr);
    const run = runSchema.parse(JSON.parse(readFileSync(join(folder, 'run/run.json'), 'utf8')));
    const told = JSON.stringify(run);
    const texts = ['no login with ', 'lost ', 'not closed for ', 'who has ', 'http://me:', '"E'];
    for (const text of texts) assert.ok(told.includes(`${text}${variable}`), text);
  }));

test('bench schema targets prints what validates the file', () =>
  withFolder(async (folder) => {
    const { stdout } = await callBench(['schema', 'targets'], { folder });
    const schema = z.fromJSONSchema(JSON.parse(stdout) as Parameters<typeof z.fromJSONSchema>[0]);
    const good = { targets: { mine: { adapter: 'exact', watch: { port: 80 } } } };
    assert.ok(schema.safeParse(good).success);
    assert.ok(targetsFileSchema.safeParse(good).success);
    assert.equal(schema.safeParse({ targets: { mine: {} } }).success, false);
    assert.equal(schema.safeParse({ targets: {}, more: 1 }).success, false);
  }));

test('the mistakes that docs/targets.md shows are those of three wrong words in it', () =>
  withFolder(async (folder) => {
    const page = readFileSync(join(packageRoot(), 'docs', 'targets.md'), 'utf8');
    const [, file = ''] = /^```yaml\n(# targets.yaml\n.*?)^```$/ms.exec(page) ?? [];
    const [, shown = ''] = /^```text\n(.*?)^```$/ms.exec(page) ?? [];
    const wrong = file.replace('adapter:', 'adaptor:').replace('true', "'yes'");
    writeFiles(folder, { 'targets.yaml': wrong });
    const args = [
      'run',
      '--suite',
      'smoke',
      '--targets',
      './targets.yaml',
      '--target',
      'exact-here',
    ];
    const { stderr } = await callBench(args, { folder });
    assert.equal(stderr, shown);
  }));
