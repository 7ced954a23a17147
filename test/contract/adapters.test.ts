import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { loadAdapter } from '../../cli/registry.js';
import type { Adapter, IndexSupport, Metric, ParameterRule } from '../../core/adapter.js';
import type { BenchError } from '../../core/errors.js';
import { checkParameters } from '../../core/plan/parameters.js';
import { adapterUnder } from '../../core/variant.js';
import { rows, sampleParams, specOf, type Trial } from './collection.js';
import { sparesOthers } from './decoys.js';
import { whyLeftOut } from './left-out.js';
import { connect, keepsItsPromises } from './promises.js';

const folder = new URL('../../adapters/', import.meta.url);
const files = (await readdir(folder)).filter((name) => name.endsWith('.js')).sort();
const own = process.env.BENCH_ADAPTER ?? '';
const names = files.map((file) => file.replace(/\.js$/, ''));
/** Every adapter of the folder, or the file of a person's own that is asked for alone. */
const entries = await Promise.all((own === '' ? names : [own]).map(loadAdapter));

/** Whether its store is to be asked; what is left out is said by name. */
async function isReachable(name: string, adapter: Adapter, context: TestContext): Promise<boolean> {
  const why = await whyLeftOut(name, adapter);
  if (why !== undefined) context.diagnostic(`not tested: ${name}: ${why}`);
  return why === undefined;
}

/** Every metric for what is exact, the first for the others. */
function metricsOf({ metrics }: Adapter, { exact }: IndexSupport): readonly Metric[] {
  return exact === true ? metrics : metrics.slice(0, 1);
}

/** Families with the metrics they are tried under; what needs a text is left out. */
function combinationsOf(adapter: Adapter, context: TestContext): [IndexSupport, Metric][] {
  return (adapter.indexes ?? []).flatMap((support) => {
    if (sampleParams(support) === undefined) {
      context.diagnostic(`not built: ${support.family}, whose parameters need a text`);
      return [];
    }
    return metricsOf(adapter, support).map((metric): [IndexSupport, Metric] => [support, metric]);
  });
}

/**
 * Where its store is tried: as the harness opens it, and without a host where it may. What is tried
 * without a host under every metric is tried in a host under the last, which no default stands for.
 */
function placesOf(adapter: Adapter, support: IndexSupport, metric: Metric): boolean[] {
  if (adapter.inProcess !== true) return [false];
  return metric === metricsOf(adapter, support).at(-1) ? [false, true] : [true];
}

/** One way to reach a kind of store. */
interface Way {
  readonly title: string;
  /** By which `BENCH_STORES` names its server. */
  readonly store: string;
  readonly under: Adapter;
  readonly options: object;
}

/** Every transport, and every variant of the options. */
function waysOf(name: string, adapter: Adapter): Way[] {
  const [, ...others] = adapter.transports;
  const variants = adapter.variants ?? [];
  return [
    { title: name, store: name, under: adapter, options: {} },
    ...others.map((transport) => {
      return {
        title: `${name}, ${transport},`,
        store: name,
        under: adapter,
        options: { transport },
      };
    }),
    ...variants.map(({ options }): Way => {
      const under = adapterUnder(adapter, options);
      const store = under.composeService ?? name;
      return { title: `${name} with ${JSON.stringify(options)}`, store, under, options };
    }),
  ];
}

/** Whether the server has no such family, where not all have it. */
async function declines(trial: Trial, context: TestContext): Promise<boolean> {
  const { offeredBy } = trial.support;
  if (offeredBy === undefined) return false;
  const { store, vectors } = await connect(trial);
  try {
    await vectors.create(specOf(trial));
    await vectors.drop();
    return false;
  } catch (error) {
    assert.equal((error as BenchError).code, 'UNSUPPORTED');
    context.diagnostic(`not built: ${trial.support.family}, of ${offeredBy}`);
    return true;
  } finally {
    await store.close();
  }
}

function checkRule(rule: ParameterRule, names: readonly string[]): void {
  assert.ok(rule.meaning.length > 0);
  assert.equal(rule.type === 'choice', rule.choices !== undefined && rule.choices.length > 0);
  assert.ok(rule.required !== true || rule.default === undefined, 'required and with a default');
  if (typeof rule.max === 'string') {
    assert.ok(['rows', 'dimensions', ...names].includes(rule.max), `no such bound: ${rule.max}`);
  }
  if (rule.needs !== undefined) assert.ok(names.includes(rule.needs), `needs ${rule.needs}`);
}

function checkFamilies(indexes: readonly IndexSupport[]): void {
  const families = indexes.map(({ family }) => family);
  assert.equal(new Set(families).size, families.length);
  for (const { family, title, params, search } of indexes) {
    assert.match(family, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.ok(title.length > 0);
    const names = Object.keys(params);
    for (const rule of Object.values({ ...params, ...search })) checkRule(rule, names);
    // A default must itself be within its rule.
    const index = { rows, dimensions: 8, metric: 'l2' as const, params: { nlist: 4, refine: 1 } };
    for (const [parameter, rule] of Object.entries({ ...params, ...search })) {
      if (rule.default === undefined) continue;
      const place = { place: family, index };
      const given = { [parameter]: rule.default };
      assert.deepEqual(checkParameters({ [parameter]: rule }, given, place), []);
    }
  }
}

test('there are adapters', () => {
  for (const name of ['exact', 'null']) assert.ok(files.includes(`${name}.js`));
});

for (const { name, adapter, adapterUrl } of entries) {
  test(`${name} says what it is, and refuses options that it does not know`, async () => {
    assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.ok(adapter.title.length > 0);
    assert.ok(['embedded', 'server', 'cloud'].includes(adapter.kind));
    assert.ok(adapter.transports.length > 0);
    for (const transport of adapter.transports) {
      assert.ok(['client', 'raw', 'grpc'].includes(transport));
    }
    assert.equal(new Set(adapter.metrics).size, adapter.metrics.length);
    const schema = adapter.options['~standard'];
    assert.equal(schema.version, 1);
    const { issues } = await schema.validate({ noSuchOption: 1 });
    assert.ok(issues !== undefined && issues.length > 0);
    if (adapter.kind !== 'embedded') return;
    assert.equal((await schema.validate({})).issues, undefined);
  });

  test(`${name} has rules for its index families that hold together`, () => {
    const variants = (adapter.variants ?? []).map(({ options }) => adapterUnder(adapter, options));
    for (const { indexes = [] } of [adapter, ...variants]) checkFamilies(indexes);
  });

  for (const { title, store, under, options } of waysOf(name, adapter)) {
    test(`${title} keeps the promises of a store of vectors`, async (context) => {
      if (!(await isReachable(store, under, context))) return;
      const combinations = combinationsOf(under, context);
      let built = 0;
      for (const [support, metric] of combinations) {
        for (const inProcess of placesOf(under, support, metric)) {
          const trial = { adapter: under, adapterUrl, inProcess, support, metric, options };
          const where = inProcess ? ' in this process' : '';
          await context.test(`${support.family} under ${metric}${where}`, async (test) => {
            if (await declines(trial, test)) return;
            await keepsItsPromises(trial);
            built += 1;
          });
        }
      }
      assert.ok(built > 0 || combinations.length === 0, 'it builds something');
    });

    test(`${title} leaves alone what others have in its server`, async (context) => {
      if (under.kind === 'embedded' || under.abilities?.includes('leftovers') !== true) return;
      if (!(await isReachable(store, under, context))) return;
      const [first] = combinationsOf(under, context);
      if (first === undefined) return;
      const [support, metric] = first;
      await sparesOthers({
        adapter: under,
        adapterUrl,
        inProcess: false,
        support,
        metric,
        options,
      });
    });
  }
}
