import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadAdapter, loadTarget } from '../../cli/registry.js';
import type { IndexSupport } from '../../core/adapter.js';
import { type Run, runSchema } from '../../core/result.js';
import { keepsItsPromises } from '../contract/promises.js';
import { callBench } from './bench-call.js';
import { type Ended, shortRun, withFolder } from './bench-process.js';
import { complaintOf, writeFiles } from './own-files.js';

const exactUrl = new URL('../../adapters/exact.js', import.meta.url).href;

/** The exact store as a person's own file, with other properties; `with` changes what it opens. */
function exactWith(properties: string, vectors = '{}', rest = '{}'): string {
  return `import exact from ${JSON.stringify(exactUrl)};
async function connect(options, context) {
  const store = await exact.connect(options, context);
  const inner = store.vectors;
  return { ...store, vectors: { ...inner, ...(${vectors}) }, ...(${rest}) };
}
export default { ...exact, connect, ${properties} };
`;
}

const direct = "kind: 'server'";
const hosted = '';
const withoutBatches = '{ prepareSearchBatch: undefined, searchBatch: undefined }';

interface Outcome extends Ended {
  /** Undefined where the run ended before anything was written. */
  readonly run: Run | undefined;
}

/** What comes of a short run on adapter files, of their contents by their names. */
function runOn(contents: Readonly<Record<string, string>>): Promise<Outcome> {
  return withFolder(async (folder) => {
    const files = Object.entries(contents).map(([name, text]) => [`${name}.mjs`, text] as const);
    writeFiles(folder, Object.fromEntries(files));
    const targets = files.flatMap(([file]) => ['--target', `./${file}`]);
    const args = ['run', '--suite', 'smoke', ...targets, '--set', 'gates=[]', ...shortRun];
    const ended = await callBench([...args, '--out', 'run', '--quiet'], { folder });
    return { ...ended, run: readRun(join(folder, 'run', 'run.json')) };
  });
}

function readRun(file: string): Run | undefined {
  try {
    return runSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

test('what probe throws is told with the file and its place, as the store failing', async () => {
  const missing = exactWith("probe: () => { throw new TypeError('no key for the store'); }");
  const { code, stderr } = await runOn({ mine: missing });
  assert.equal(
    stderr,
    'error STORE_FAILED: target ./mine.mjs:7:58: probe: no key for the store\n' +
      'hint: correct the file\n',
  );
  assert.equal(code, 3);
  const rejects = exactWith("probe: async () => { throw 'not here'; }");
  const late = await runOn({ mine: rejects });
  assert.match(late.stderr, /^error STORE_FAILED: target \.\/mine\.mjs: probe: not here\n/);
  assert.equal(late.code, 3);
});

for (const name of ['check', 'estimateBytes']) {
  test(`what ${name} throws is a mistake in the file`, async () => {
    const broken = `${name}: () => ({}).rows.length`;
    const mine = exactWith(`indexes: [{ ...exact.indexes[0], ${broken} }]`);
    const { code, stderr } = await runOn({ mine });
    const found = `indexes\\[0\\]\\.${name}: Cannot read properties of undefined`;
    const line = `^error BAD_TARGET: target \\./mine\\.mjs:7:\\d+: ${found}.*\nhint: .*\n$`;
    assert.match(stderr, new RegExp(line));
    assert.equal(code, 2);
  });
}

test('what the options throw is a mistake in the file', () =>
  withFolder(async (folder) => {
    const validate = "validate() { throw new Error('no schema today'); }";
    const options = `options: { '~standard': { version: 1, vendor: 'mine', ${validate} } }`;
    writeFiles(folder, { 'mine.mjs': exactWith(options) });
    const said = await complaintOf(loadTarget(join(folder, 'mine.mjs')), folder);
    assert.match(
      said,
      /^error BAD_TARGET: target FOLDER\/mine\.mjs:7:\d+: options: no schema today/,
    );
  }));

test('what an adapter gives and nobody can use is told', () =>
  withFolder(async (folder) => {
    const given: readonly [string, string, string][] = [
      ['probe: () => ({ works: false })', 'probe', '{"works":false}'],
      ["probe: () => ({ works: false, detail: '', code: 'ODD' })", 'probe', '{"works":false'],
      ['probe: async () => undefined', 'probe', 'undefined'],
    ];
    for (const [index, [properties, name, gave]] of given.entries()) {
      writeFiles(folder, { [`p${index}.mjs`]: exactWith(properties) });
      const { adapter } = await loadTarget(join(folder, `p${index}.mjs`));
      const said = await complaintOf(adapter.probe?.() ?? Promise.resolve(), folder);
      const begin = `error STORE_FAILED: target FOLDER/p${index}.mjs: ${name}: it must give works`;
      assert.ok(said.startsWith(begin) && said.includes(`it gave ${gave}`), said);
    }
    const faults: readonly [string, string][] = [
      ["check: () => 'too many rows'", 'check: it must give an array of sentences, it gave "too'],
      ['check: async () => []', 'check: it must give an array of sentences, it gave a promise'],
      ['estimateBytes: () => NaN', 'estimateBytes: it must give a number of bytes, it gave null'],
      ["takes: () => { throw new Error('u8?'); }", 'takes: u8?'],
      ['takes: () => undefined', 'takes: it must give true or false, it gave undefined'],
    ];
    const context = { rows: 1, dimensions: 1, metric: 'l2', params: {} } as const;
    for (const [index, [property, expected]] of faults.entries()) {
      const properties = `indexes: [{ ...exact.indexes[0], ${property} }]`;
      writeFiles(folder, { [`i${index}.mjs`]: exactWith(properties) });
      const { adapter } = await loadTarget(join(folder, `i${index}.mjs`));
      const [support] = adapter.indexes as [IndexSupport];
      const asked = async (): Promise<unknown> => [
        support.check?.(context),
        support.estimateBytes?.(context),
        support.takes?.('u8', {}),
      ];
      const said = await complaintOf(asked(), folder);
      assert.match(said, /^error BAD_TARGET: target FOLDER\/i\d\.mjs(:7:\d+)?: indexes\[0\]\./);
      assert.ok(said.includes(`: indexes[0].${expected}`), said);
    }
  }));

test('an adapter that is the object of a class keeps what is private to it', () =>
  withFolder(async (folder) => {
    const methods = `
      #calls = 0;
      connect(...given) { this.#calls += 1; return exact.connect(...given); }
      async probe() { return { works: true, detail: String(this.#calls) }; }`;
    const begin = exactWith('').split('export default')[0];
    const keys = 'title kind inProcess transports metrics options indexes'.split(' ');
    const fields = keys.map((key) => `${key} = exact.${key};`).join(' ');
    const text = `${begin}class Mine { ${fields} ${methods} }\nexport default new Mine();\n`;
    writeFiles(folder, { 'mine.mjs': text });
    const { adapter } = await loadTarget(join(folder, 'mine.mjs'));
    assert.deepEqual(await adapter.probe?.(), { works: true, detail: '0' });
    assert.equal(adapter.title, 'Exact search by brute force, in plain TypeScript');
  }));

/** The failures of builds by the names of their targets. */
function failuresOf({ run }: Outcome): Record<string, string> {
  const failed = run?.builds.filter(({ status }) => status === 'failed') ?? [];
  return Object.fromEntries(failed.map(({ target, failure }) => [target, failure?.message ?? '']));
}

test('a store that gives what nobody can use fails its build, and the others go on', async () => {
  const faults = {
    version: ['describe', '{ version: 1, settings: {}, warnings: [], pids: [] }'],
    nothing: ['describe', 'undefined'],
    bytes: ['footprint', '{ engineBytes: -1 }'],
    phase: ['finish', "[{ name: 'tidying', s: 1 }]"],
    finish: ['finish', 'undefined'],
  } as const;
  const broken = Object.entries(faults).map(([target, [name, says]]) => {
    const method = `{ ${name}: async () => (${says}) }`;
    const parts = name === 'finish' ? [method, '{}'] : ['{}', method];
    return [target, exactWith(direct, ...parts)];
  });
  const outcome = await runOn({ ...Object.fromEntries(broken), sound: exactWith(direct) });
  assert.deepEqual([outcome.code, outcome.stderr], [3, '']);
  const failures = failuresOf(outcome);
  for (const [target, problem] of [
    ['version', 'version: Invalid input'],
    ['nothing', 'Invalid input'],
    ['bytes', 'engineBytes: Too small'],
    ['phase', '0: name: Invalid option'],
    ['finish', 'Invalid input'],
  ] as const) {
    const expected = `what ${faults[target][0]}() of its adapter gives is not valid: ${problem}`;
    assert.ok(failures[target]?.startsWith(expected), `${target}: ${failures[target]}`);
  }
  assert.deepEqual(Object.keys(failures).sort(), Object.keys(faults).sort());
  const codes = outcome.run?.builds.flatMap(({ failure }) => failure?.code ?? []);
  assert.deepEqual([...new Set(codes)], ['STORE_FAILED']);
});

for (const [where, properties] of [
  ['in an engine host', hosted],
  ['without one', direct],
] as const) {
  test(`what a store ${where} throws, and no array of whole numbers, fail the build`, async () => {
    const throws = 'async () => ({}).rows.length';
    const ofOwn = (connect: string): string =>
      exactWith(`${properties}${properties && ', '}connect: ${connect}`);
    const outcome = await runOn({
      create: exactWith(properties, `{ create: ${throws} }`),
      finish: exactWith(properties, `{ finish: ${throws} }`),
      search: exactWith(properties, `{ search: ${throws} }`),
      connect: ofOwn(throws),
      array: exactWith(properties, '{ search: async () => ({ ids: [1, 2] }) }'),
      empty: ofOwn('async () => ({})'),
    });
    assert.deepEqual([outcome.code, outcome.stderr], [3, '']);
    const { array, empty: ofEmpty, ...thrown } = failuresOf(outcome);
    assert.deepEqual(Object.keys(thrown).sort(), ['connect', 'create', 'finish', 'search']);
    for (const message of Object.values(thrown)) {
      assert.match(message, /Cannot read properties of undefined/);
    }
    assert.ok(array !== undefined);
    assert.ok(ofEmpty !== undefined);
  });

  test(`without batches ${where} it keeps its promises`, () =>
    withFolder(async (folder) => {
      const own = `abilities: ['footprint'], ${properties}`;
      writeFiles(folder, { 'mine.mjs': exactWith(own, withoutBatches) });
      const { adapter, adapterUrl } = await loadAdapter(join(folder, 'mine.mjs'));
      const [support] = adapter.indexes as [IndexSupport];
      await keepsItsPromises({ adapter, adapterUrl, inProcess: false, support, metric: 'l2' });
    }));
}

test('what a store lacks and what it warns of when finished stand in the result', async () => {
  const vectors = `{ ...${withoutBatches},
    create: async (spec) => { last = 'created'; await inner.create(spec); },
    finish: async () => { last = 'finished'; return inner.finish(); } }`;
  const describe = `{ describe: async () => ({ version: '1', settings: { last },
    warnings: [last + ' in a hurry'], pids: [] }) }`;
  const of = (properties: string) =>
    `let last = 'nothing';\n${exactWith(properties, vectors, describe)}`;
  const { code, stderr, run } = await runOn({ hosted: of(hosted), direct: of(direct) });
  // A batch was asked for, and not measured.
  assert.deepEqual([code, stderr], [3, '']);
  const builds: Run['builds'] = run?.builds ?? [];
  assert.deepEqual(builds.map(({ target }) => target).sort(), ['direct', 'hosted']);
  for (const { id, target, status, store, warnings } of builds) {
    assert.equal(status, 'ready');
    assert.deepEqual(store?.warnings, ['finished in a hurry']);
    assert.equal(store?.settings.last, 'finished');
    assert.deepEqual(warnings, [{ code: 'ENGINE', message: 'finished in a hurry' }]);
    const why = 'this store cannot search in batches';
    const without = run?.unsupported.filter((one) => one.target === target);
    assert.deepEqual(without, [{ target, what: id, why }]);
    const cells = run?.cells.filter(({ build }) => build === id) ?? [];
    const found = cells.map(({ status: ended, streams, failure }) => [
      ended,
      streams[0]?.operations.search?.requests.failed ?? failure?.code,
    ]);
    assert.deepEqual(found.sort(), [
      ['complete', 0],
      ['failed', 'UNSUPPORTED'],
    ]);
  }
});
