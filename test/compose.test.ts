import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseOptions } from '../adapters/redis/options.js';
import { composeFilePath, readServices } from '../cli/compose-file.js';
import { loadAll } from '../cli/registry.js';
import { packageRoot } from '../core/paths.js';
import { adapterUnder } from '../core/variant.js';

interface ComposeService {
  readonly image: string;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] } & Readonly<Record<string, unknown>>;
  readonly cpus: string;
  readonly mem_limit: string;
  readonly memswap_limit: string;
  readonly restart: string;
  readonly profiles?: unknown;
}

interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, { readonly name: string }>>;
}

type JsonObject = Readonly<Record<string, unknown>>;

const file = parse(readFileSync(composeFilePath(), 'utf8')) as ComposeFile;
const services = Object.entries(file.services);

// The ports of this machine that the default targets and scripts/stores.mjs use.
const expectedPorts: Readonly<Record<string, readonly number[]>> = {
  redis: [16379],
  'redis-search': [16380],
  qdrant: [16333, 16334],
  pgvector: [15432],
  chroma: [18000],
  weaviate: [18081, 15051],
  milvus: [19531, 19091],
};

// The schema of the Compose Specification, Apache-2.0, github.com/compose-spec/compose-spec: the
// copy that PyPI's check-jsonschema 0.39.0 ships (sha256 d549057e...).
const specification = JSON.parse(
  readFileSync(join(packageRoot(), 'test', 'fixtures', 'compose-spec.json'), 'utf8'),
) as JsonObject & { readonly $defs: Readonly<Record<string, { properties?: JsonObject }>> };

/** The schema without the one keyword that zod does not know: see {@link strayKeys}. */
function withoutUnevaluated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnevaluated);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'unevaluatedProperties');
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutUnevaluated(inner)]));
}

/** What the mistakes of a compose file are, by the official schema. */
function mistakesOf(compose: unknown): readonly string[] {
  const schema = z.fromJSONSchema(
    withoutUnevaluated(specification) as z.core.JSONSchema.JSONSchema,
  );
  const { error } = schema.safeParse(compose);
  return [...(error?.issues ?? []).map((issue) => issue.path.join('.')), ...strayKeys(compose)];
}

/** Keys of services that the schema does not name. */
function strayKeys(compose: unknown): readonly string[] {
  const { container_spec: container, workload_spec: workload, service: own } = specification.$defs;
  const known = { ...container?.properties, ...workload?.properties, ...own?.properties };
  assert.ok('image' in known && 'healthcheck' in known);
  const { services: all } = compose as { services: Record<string, object> };
  return Object.entries(all).flatMap(([name, service]) =>
    Object.keys(service)
      .filter((key) => !key.startsWith('x-') && !(key in known))
      .map((key) => `services.${name}.${key}`),
  );
}

test('the compose file is what the official schema of Compose allows', () => {
  assert.deepEqual(mistakesOf(file), []);
});

test('the schema finds what is wrong', () => {
  const { redis } = file.services;
  const wrong: readonly [what: object, place: string][] = [
    [{ ...redis, imag: 'x' }, 'services.redis.imag'],
    [{ ...redis, ports: 5 }, 'services'],
    [{ ...redis, cpus: [] }, 'services'],
    [{ ...redis, healthcheck: { ...redis?.healthcheck, retriez: 1 } }, 'services'],
  ];
  for (const [service, place] of wrong) {
    const found = mistakesOf({ ...file, services: { ...file.services, redis: service } });
    assert.ok(
      found.some((each) => each.startsWith(place)),
      `${place}: ${found}`,
    );
  }
  assert.notDeepEqual(mistakesOf({ ...file, bogus: 1 }), []);
});

test('the project is bench, and nothing is in a profile', () => {
  assert.equal(file.name, 'bench');
  for (const [name, service] of services) assert.equal(service.profiles, undefined, name);
});

test('every image is pinned to a version', () => {
  for (const [name, { image }] of services) {
    assert.match(image, /^[\w.-]+\.\w+\/[\w./-]+:v?\d+\.\d+\.\d+(-pg\d+-[a-z]+)?$/, name);
  }
});

test('every port is bound to the loopback, and is the one of the default target', () => {
  assert.deepEqual(Object.keys(file.services), Object.keys(expectedPorts));
  for (const [name, { ports }] of services) {
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/, name);
    const own = ports.map((port) => Number(port.split(':')[1]));
    assert.deepEqual(own, expectedPorts[name], name);
  }
  const all = services.flatMap(([, { ports }]) => ports.map((port) => port.split(':')[1]));
  assert.equal(new Set(all).size, all.length);
});

test('every service answers at its own first port', () => {
  for (const { name, url, ports } of readServices()) {
    const { hostname, port } = new URL(url);
    assert.deepEqual([hostname, Number(port)], ['127.0.0.1', ports[0]], name);
  }
});

test('the service of every adapter exists and answers at its default url', async () => {
  const byName = new Map(readServices().map((service) => [service.name, service]));
  const all = (await loadAll('adapters')).flatMap(({ name, entry }) =>
    [{}, ...(entry.variants ?? []).map(({ options }) => options)].map((given) => {
      return { name, given, entry: adapterUnder(entry, given) };
    }),
  );
  assert.ok(all.some(({ entry }) => entry.composeService === 'redis-search'));
  for (const { name, given, entry } of all) {
    if (entry.composeService === undefined) continue;
    const service = byName.get(entry.composeService);
    assert.ok(service !== undefined, `${name}: no service ${entry.composeService}`);
    const options = await entry.options['~standard'].validate(given);
    assert.ok(options.issues === undefined, name);
    // That of Redis depends on what is asked of it.
    const known = name === 'redis' ? parseOptions(options.value) : options.value;
    const { url } = known as { readonly url?: string };
    assert.ok(url !== undefined, `${name} has no default url`);
    const port = /^(?:\w+:\/\/)?(?:\w+@)?127\.0\.0\.1:(\d+)/.exec(url)?.[1];
    assert.ok(service.ports.includes(Number(port)), `${name}: ${url} is not of ${service.name}`);
  }
});

test('every service has a health check that ends, limits, and does not start again', () => {
  for (const [name, service] of services) {
    const { healthcheck, cpus, mem_limit: memory, memswap_limit: swap, restart } = service;
    for (const key of ['interval', 'timeout', 'retries']) assert.ok(key in healthcheck, name);
    assert.match(healthcheck.test[0] ?? '', /^CMD(-SHELL)?$/, name);
    const variable = `BENCH_${name.toUpperCase().replaceAll('-', '_')}`;
    assert.match(memory, new RegExp(`^\\$\\{${variable}_MEMORY:-\\d+g\\}$`));
    assert.match(cpus, new RegExp(`^\\$\\{${variable}_CPUS:-\\d+\\}$`));
    assert.equal(swap, memory, name);
    assert.equal(restart, 'no', name);
  }
});

test('every service keeps its data in a volume of its own, named bench_<service>', () => {
  const names = services.map(([name, { volumes }]) => {
    assert.equal(volumes.length, 1, name);
    const [volume = ''] = volumes[0]?.split(':') ?? [];
    assert.equal(volume, `bench_${name.replaceAll('-', '_')}`);
    assert.equal(file.volumes[volume]?.name, volume, name);
    return volume;
  });
  assert.deepEqual(Object.keys(file.volumes), names);
});

/** The exit code of a health check that is a line of bash, against a port of this machine. */
function check(service: string, port: number): Promise<number | null> {
  const [kind, shell = '', option = '', line = ''] = file.services[service]?.healthcheck.test ?? [];
  assert.deepEqual([kind, shell, option], ['CMD', 'bash', '-c']);
  const text = line.replaceAll('$$', '$').replace(/(\/dev\/tcp\/127\.0\.0\.1\/)\d+/, `$1${port}`);
  return new Promise((resolve, reject) => {
    const child = spawn(shell, [option, text], { stdio: 'ignore', timeout: 10_000 });
    child.on('error', reject);
    child.on('close', resolve);
  });
}

for (const [service, path] of [
  ['qdrant', '/readyz'],
  ['chroma', '/api/v2/heartbeat'],
] as const) {
  test(`the health check of ${service} asks the server, and takes 200 only`, async () => {
    let status = 200;
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(status).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    assert.equal(await check(service, port), 0);
    status = 503;
    assert.notEqual(await check(service, port), 0);
    assert.deepEqual(asked, [path, path]);
    await new Promise((resolve) => server.close(resolve));
    assert.notEqual(await check(service, port), 0);
  });
}
