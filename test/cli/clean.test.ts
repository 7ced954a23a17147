import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { type CleanSurroundings, cleanCommand } from '../../cli/clean.js';
import { BenchError } from '../../core/errors.js';
import { withFolder } from './bench-process.js';
import { writeFiles } from './own-files.js';

/** A server whose content is a file, a name a line; it lists all, also what is not of bench. */
const store = `import { readFileSync, writeFileSync } from 'node:fs';
import store from ${JSON.stringify(new URL('../../adapters/null.js', import.meta.url).href)};
const validate = (value) => ({ value });
export default {
  ...store,
  kind: 'server',
  inProcess: undefined,
  options: { '~standard': { version: 1, vendor: 'own', validate } },
  async connect({ path, refuses, breaks, forgets }, context) {
    if (breaks) throw new Error('no login with ' + breaks);
    const open = await store.connect(store.options.parse({}), context);
    if (forgets) return open;
    const names = () => readFileSync(path, 'utf8').trimEnd().split('\\n').filter(Boolean);
    return {
      ...open,
      leftovers: async () => names(),
      async removeLeftover(name) {
        if (name.includes(refuses)) throw new Error('it is locked by ' + refuses);
        writeFileSync(path, names().filter((each) => each !== name).join('\\n') + '\\n');
      },
    };
  },
};
`;

const first = 'bench_20261121_101112_smoke_0a1b_b00-qdrant-hnsw';
const second = 'bench_20261122_050607_smoke_ffff_b01_qdrant_flat';
const decoys = ['mine', 'my_bench_table', 'benchmark_1'];

/** What a call has said and left, and what it failed with. */
interface Cleaned {
  readonly stdout: string;
  readonly stderr: string;
  readonly asked: readonly string[];
  readonly left: readonly string[];
  readonly error: BenchError | undefined;
}

interface Scene {
  readonly args: readonly string[];
  readonly names?: readonly string[];
  /** What the person answers; nobody is there when absent. */
  readonly answer?: boolean;
  readonly around?: Partial<CleanSurroundings>;
}

/** `bench clean` on a store that holds names. */
function clean({
  args,
  names = [first, ...decoys, second],
  answer,
  around,
}: Scene): Promise<Cleaned> {
  return withFolder(async (folder) => {
    const path = join(folder, 'content');
    const target = (more: string) =>
      `{ adapter: ./store.mjs, options: { path: '${path}'${more} } }`;
    writeFiles(folder, {
      'store.mjs': store,
      content: `${names.join('\n')}\n`,
      'targets.yaml': `targets:
  here: ${target('')}
  locked: ${target(", refuses: 'smoke_0a1b'")}
  secret: ${target(`, refuses: '$${'{CANARY}'}'`)}
  broken: ${target(`, breaks: '$${'{CANARY}'}'`)}
  silent: ${target(', forgets: true')}
  far: ${target(", url: 'http://shop.test:1'")}
`,
    });
    const said = { stdout: '', stderr: '', asked: [] as string[] };
    const confirm = async (question: string): Promise<boolean> => {
      said.asked.push(question);
      return answer === true;
    };
    const program = new Command('bench').exitOverride();
    cleanCommand(program, {
      write: (text) => {
        said.stdout += text;
      },
      say: (text) => {
        said.stderr += text;
      },
      confirm: answer === undefined ? undefined : confirm,
      signals: new EventEmitter(),
      ...around,
    });
    const words = ['clean', ...args, ...(args[0] === 'exact' ? [] : ['--targets', 'targets.yaml'])];
    const error = await inFolder(folder, () => program.parseAsync(words, { from: 'user' }));
    const left = readFileSync(path, 'utf8').trimEnd().split('\n');
    return { ...said, left, error };
  });
}

/** What a call fails with that is made from a folder, with a canary in the environment. */
async function inFolder(
  folder: string,
  call: () => Promise<unknown>,
): Promise<BenchError | undefined> {
  const { INIT_CWD, CANARY } = process.env;
  Object.assign(process.env, { INIT_CWD: folder, CANARY: 'smoke_ffff' });
  try {
    await call();
    return undefined;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return error;
  } finally {
    for (const [name, value] of Object.entries({ INIT_CWD, CANARY })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

const listing = `left                                              by
------------------------------------------------  --------------------------------
${first}  bench_20261121_101112_smoke_0a1b
${second}  bench_20261122_050607_smoke_ffff
`;

test('what runs left is listed with its run and removed after a yes; the rest stays', async () => {
  const { stdout, asked, left, error } = await clean({ args: ['here'], answer: true });
  assert.equal(error, undefined);
  assert.equal(stdout, `${listing}removed ${first}\nremoved ${second}\n`);
  assert.deepEqual(asked, ['remove these 2 from here? a run that is going on loses its data']);
  assert.deepEqual(left, decoys);
});

test('without a yes nothing is removed, and --dry-run does not even ask', async () => {
  const no = await clean({ args: ['here'], answer: false });
  assert.deepEqual([no.error, no.left.length, no.asked.length], [undefined, 5, 1]);
  assert.equal(no.stderr, 'nothing was removed\n');
  const dry = await clean({ args: ['here', '--dry-run', '--yes'], answer: true });
  assert.deepEqual([dry.error, dry.left.length, dry.asked], [undefined, 5, []]);
  assert.equal(dry.stdout, listing);
});

test('where nobody can be asked it needs --yes', async () => {
  const none = await clean({ args: ['here'] });
  assert.deepEqual(
    [none.error?.code, none.error?.exitCode, none.left.length],
    ['BAD_ARGUMENT', 2, 5],
  );
  assert.match(
    none.error?.message ?? '',
    /would remove these 2 from here, and nobody can be asked/,
  );
  const { left, error } = await clean({ args: ['here', '--yes'] });
  assert.deepEqual([error, left], [undefined, decoys]);
});

test('a store in which nothing was left says so, and so does an embedded engine', async () => {
  const { stdout, error, left } = await clean({ args: ['here'], names: decoys });
  assert.deepEqual([stdout, error, left], ['nothing was left in here\n', undefined, decoys]);
  const embedded = await clean({ args: ['exact'] });
  assert.equal(embedded.error, undefined);
  assert.equal(embedded.stdout, 'exact is an embedded engine: nothing of it outlives its run\n');
});

test('it goes on after one that cannot be removed, and names it in the end', async () => {
  const { stdout, stderr, left, error } = await clean({ args: ['locked', '--yes'] });
  assert.equal(stdout, `${listing}removed ${second}\n`);
  assert.equal(stderr, `${first} stays: it is locked by smoke_0a1b\n`);
  assert.deepEqual(left, [first, ...decoys]);
  assert.deepEqual([error?.code, error?.exitCode], ['STORE_FAILED', 3]);
  assert.equal(error?.message, `1 of 2 stayed in locked: ${first}`);
});

test('what a store tells of a secret is hidden', async () => {
  const { stderr, error } = await clean({ args: ['secret', '--yes'] });
  assert.match(stderr, / stays: it is locked by \$\{CANARY\}\n$/);
  assert.equal(error?.code, 'STORE_FAILED');
  const broken = await clean({ args: ['broken'] });
  assert.equal(broken.error?.message, `connecting to broken: no login with $${'{CANARY}'}`);
  assert.equal(broken.error?.cause, undefined);
});

test('a store that cannot tell what is left is named, with what to do', async () => {
  const { error } = await clean({ args: ['silent'] });
  assert.equal(error?.code, 'UNSUPPORTED');
  assert.match(error?.hint ?? '', /begins with bench_/);
});

test('a store elsewhere is not even asked without --yes-remote', async () => {
  const around = { resolve: async () => ['203.0.113.7'] };
  const { error, stdout } = await clean({ args: ['far', '--yes'], around });
  assert.deepEqual([error?.code, stdout], ['BAD_ARGUMENT', '']);
  assert.match(error?.message ?? '', /^far \(http:\/\/shop\.test:1\) is outside of loopback/);
  const allowed = await clean({ args: ['far', '--yes', '--yes-remote'], around });
  assert.deepEqual([allowed.error, allowed.left], [undefined, decoys]);
});

test('names of a store do not steer the terminal', async () => {
  const { stdout } = await clean({ args: ['here', '--dry-run'], names: ['bench_\u001b[2Jx'] });
  assert.match(stdout, /^bench_\?\[2Jx/m);
});
