import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadAll } from '../../cli/registry.js';
import type { Ability, Adapter } from '../../core/adapter.js';
import { filterKinds } from '../../core/filter.js';
import { packageRoot } from '../../core/paths.js';
import { payloadTypes } from '../../core/payload.js';
import { adapterUnder } from '../../core/variant.js';

const path = join(packageRoot(), 'README.md');
const requirements = readFileSync(join(packageRoot(), 'requirements.txt'), 'utf8');
const none = '–';
const abilityNames: Readonly<Record<Ability, string>> = {
  batch: 'batches',
  remove: 'deletes',
  attach: '`attach`',
  footprint: 'says its size',
  leftovers: '`clean`',
};

/** An adapter by the name of a table's row, under the options that the name says. */
interface Row {
  readonly name: string;
  readonly store: string;
  readonly adapter: Adapter;
}

async function rowsOf(): Promise<Row[]> {
  const all = await loadAll('adapters');
  return all.flatMap(({ name, entry }) => [
    { name: `\`${name}\``, store: name, adapter: entry },
    ...(entry.variants ?? []).map(({ options }) => {
      const [said] = Object.entries(options).map(([option, value]) => `${option}: ${value}`);
      return {
        name: `\`${name}\`, \`${said}\``,
        store: name,
        adapter: adapterUnder(entry, options),
      };
    }),
  ]);
}

function familiesOf({ indexes = [] }: Adapter): string {
  return indexes.map(({ family, offeredBy }) => (offeredBy ? `${family} *` : family)).join(', ');
}

function filtersOf({ payload }: Adapter): string {
  const { filters = [] } = payload ?? {};
  if (filters.length === filterKinds.length) return 'all';
  return filters.length === 0 ? none : filters.join(', ');
}

function payloadOf({ payload }: Adapter): string {
  if (payload === undefined) return none;
  const all = payload.types.length === payloadTypes.length;
  const types = all ? 'all types' : payload.types.join(', ');
  return payload.returns ? types : `${types}, not returned`;
}

/** How its tests meet it. */
function testedOf({ store, adapter }: Row): string {
  const { tested, install, standIn } = adapter;
  if (tested?.against === 'form') return 'no server: form of the requests';
  if (tested?.against === 'double') return `no server: a double of ${tested.version}`;
  if (tested !== undefined) return `the server, ${tested.version}`;
  if (standIn === true || store === 'exact') return 'itself';
  const [pin = ''] = [...(install?.npm ?? []), ...(install?.python ?? [])];
  const version = /(?:@|==)([\d.]+)$/.exec(pin) ?? /^faiss-cpu==(.*)$/m.exec(requirements);
  return `itself, ${version?.[1]}`;
}

function tables(rows: readonly Row[]): Record<string, string[][]> {
  const targets = rows.map(({ name, adapter }) => [name, adapter.title, familiesOf(adapter)]);
  const stores = rows.map((row) => {
    const { transports, metrics, abilities = [] } = row.adapter;
    return [
      row.name,
      transports.join(', '),
      metrics.join(', '),
      filtersOf(row.adapter),
      payloadOf(row.adapter),
      abilities.map((ability) => abilityNames[ability]).join(', ') || none,
      testedOf(row),
    ];
  });
  const head = ['target', 'transports', 'metrics', 'filters', 'payload', 'can also', 'tested with'];
  return {
    targets: [['target', 'what it is', 'index families'], ...targets],
    stores: [head, ...stores],
  };
}

/** A document with the table between `<!-- name -->` and `<!-- /name -->` put in its place. */
function withTable(document: string, name: string, [head = [], ...rows]: string[][]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = [head, head.map(() => '---'), ...rows].map(line);
  const place = new RegExp(`(<!-- ${name} -->\n).*?(<!-- /${name} -->)`, 's');
  assert.match(document, place);
  return document.replace(
    place,
    (_, opening, closing) => `${opening}${lines.join('\n')}\n${closing}`,
  );
}

test('the README has the tables of targets and stores as the adapters are', async () => {
  const before = readFileSync(path, 'utf8');
  let after = before;
  for (const [name, table] of Object.entries(tables(await rowsOf()))) {
    after = withTable(after, name, table);
  }
  if (process.env.BENCH_UPDATE_GOLDEN === '1') writeFileSync(path, after);
  else assert.equal(before, after, 'update with BENCH_UPDATE_GOLDEN=1');
});

test('a server is tested in the version that scripts/stores.mjs starts', async () => {
  for (const { name, entry } of await loadAll('adapters')) {
    if (entry.tested?.against !== 'store') continue;
    const store = (await import(join(packageRoot(), 'scripts', 'stores', `${name}.mjs`))) as {
      status(): Promise<{ version: string }>;
    };
    const { version } = await store.status();
    assert.equal(entry.tested.version, version, name);
  }
});
