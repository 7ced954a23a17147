import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { loadAll } from '../../cli/registry.js';
import { parseTargetName } from '../../cli/target-name.js';
import type { Adapter } from '../../core/adapter.js';
import { emptyFolder } from '../core/folders.js';
import { callBench } from './bench-call.js';
import { type EchoingServer, type Manner, startEchoing } from './echoing-server.js';
import { writeFiles } from './own-files.js';

/** A secret that is told nowhere, in a variable of the environment. */
class Canaries {
  readonly env: Record<string, string> = {};

  /** A text of a file that stands for a new one, which an address may hold where it is plain. */
  plant(place: string, isPlain = false): string {
    const name = `CANARY_${Object.keys(this.env).length}`;
    // Letters that no form of writing changes come first, then such as each of them changes.
    const hash = createHash('sha256').update(place).digest('hex').slice(0, 12);
    this.env[name] = isPlain ? hash : `${hash}"@/%7+${place}`;
    return `$${`{${name}}`}`;
  }

  /** The places whose canary is in a text: as it is or its beginning, or as a header encodes it. */
  foundIn(text: string): string[] {
    const values = Object.values(this.env);
    return values.filter((value) => formsOf(value).some((form) => text.includes(form)));
  }
}

function formsOf(canary: string): string[] {
  // What 12 characters are in base64 behind 0, 1 or 2 others of a group of three.
  const encoded = ['', 'x', 'xx'].map((before, index) => {
    const text = Buffer.from(before + canary.slice(0, 12)).toString('base64');
    return text.slice(index === 0 ? 0 : index + 1, 15);
  });
  return [canary.slice(0, 10), ...encoded];
}

interface Field {
  readonly path: readonly string[];
  readonly names?: readonly string[];
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly enum?: readonly string[];
  readonly type?: string;
}

const secret = /pass|token|secret|api_?key|^user(name)?$|^key$/i;

/** The texts among an adapter's options, with what each may be where that is a list. */
function fieldsOf(schema: JsonSchema, path: readonly string[] = []): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]): Field[] => {
    if (inner.properties !== undefined) return fieldsOf(inner, [...path, name]);
    if (inner.type !== 'string') return [];
    return [{ path: [...path, name], ...(inner.enum && { names: inner.enum }) }];
  });
}

/** What is done with the secrets: sent, sent over TLS, in the address, or of another type. */
type Way = 'plain' | 'tls' | 'address' | 'wrong';

/** A target with canaries wherever its adapter takes secrets. */
interface Planted {
  readonly name: string;
  readonly adapter: string;
  readonly way: Way;
  readonly options: Readonly<Record<string, unknown>>;
}

interface Planting {
  readonly canaries: Canaries;
  readonly port: number;
}

const protocols: Readonly<Record<string, string>> = { redis: 'redis', pgvector: 'postgres' };

function plantIn(adapter: string, { options }: Adapter, { canaries, port }: Planting): Planted[] {
  const schema = z.toJSONSchema(options as unknown as z.ZodType, {
    unrepresentable: 'any',
    io: 'input',
  }) as JsonSchema;
  const fields = fieldsOf(schema);
  const secrets = fields.flatMap(({ path, names }) => {
    return path.length === 1 && names === undefined && secret.test(`${path}`) ? path : [];
  });
  assert.ok(secrets.length > 0, `${adapter} takes no secret`);
  const plant = (what: string, isPlain = false): string =>
    canaries.plant(`${adapter}.${what}`, isPlain);
  const protocol = protocols[adapter] ?? 'http';
  const place = `127.0.0.1:${port}`;
  const url = `${protocol}://${place}`;
  const base = fields.some(({ path }) => path[0] === 'grpcUrl') ? { url, grpcUrl: url } : { url };
  const entry = (way: Way, more: object, end = ''): Planted => {
    return { name: `${adapter}-${way}${end}`, adapter, way, options: { ...base, ...more } };
  };
  const filled = (names: readonly string[]): object =>
    Object.fromEntries(names.map((name) => [name, plant(name)]));
  // A token stands in place of user and password.
  const tokens = secrets.filter((name) => name === 'token' && secrets.length > 1);
  const usual = filled(secrets.filter((name) => !tokens.includes(name)));
  const transports = fields.find(({ path }) => path[0] === 'transport')?.names ?? [];
  const last = transports.length === 0 ? {} : { transport: transports.at(-1) };
  const pem = (what: string, text: string): string =>
    `-----BEGIN ${what}-----\n${text}\n-----END ${what}-----\n`;
  const tls = { key: pem('PRIVATE KEY', plant('tls.key')), cert: pem('CERTIFICATE', 'AAAA') };
  const inside = `${plant('url.user', true)}:${plant('url.password', true)}`;
  const encrypted = protocol === 'postgres' ? url : url.replace('://', 's://');
  return [
    ...(transports.length === 0 ? [entry('plain', usual)] : []),
    ...transports.map((transport) => entry('plain', { ...usual, transport }, `-${transport}`)),
    ...(tokens.length > 0 ? [entry('plain', filled(tokens), '-token')] : []),
    entry('tls', { ...usual, ...last, url: encrypted, tls }),
    entry('address', { url: `${protocol}://${inside}@${place}` }),
    entry('wrong', Object.fromEntries(fields.map(({ path }) => [path[0], [plant(`${path}`)]]))),
  ];
}

const suite = {
  title: 'Mine',
  dataset: 'sphere:rows=60,dimensions=8,queries=10',
  targets: ['exact'],
  indexes: [{ family: 'hnsw' }, { family: 'flat' }],
  streams: [{ operation: 'search', k: 5, load: [{ kind: 'closed', concurrency: 1 }] }],
  measure: { warmUpS: 0, durationS: 0.05, repeats: 1, sampleHz: 0 },
};

interface Scene {
  readonly folder: string;
  readonly canaries: Canaries;
  readonly echo: EchoingServer;
  readonly targets: readonly Planted[];
  /** Calls `bench`, and checks what it says. */
  bench(manner: Manner, args: readonly string[]): Promise<{ code: number; said: string }>;
}

async function makeScene(context: TestContext): Promise<Scene> {
  const folder = await emptyFolder(context);
  const echo = await startEchoing(context);
  const canaries = new Canaries();
  const servers = (await loadAll('adapters')).filter(({ entry }) => entry.kind !== 'embedded');
  const planting = { canaries, port: echo.port };
  const targets = servers.flatMap(({ name, entry }) => plantIn(name, entry, planting));
  const entries = targets.map(({ name, adapter, options }) => [name, { adapter, options }]);
  writeFiles(folder, {
    'mine.json': JSON.stringify(suite),
    'targets.json': JSON.stringify({ targets: Object.fromEntries(entries) }),
  });
  return {
    folder,
    canaries,
    echo,
    targets,
    async bench(manner, args) {
      echo.manner = manner;
      const { code, stdout, stderr } = await callBench(args, { folder, env: canaries.env });
      const said = `${stdout}${stderr}`;
      assert.deepEqual(canaries.foundIn(said), [], `${args.join(' ')}: ${said}`);
      return { code, said };
    },
  };
}

const file = ['--targets', 'targets.json'];
const run = ['run', '--suite', './mine.json', ...file, '--quiet'];
const named = (targets: readonly Planted[]) => targets.flatMap(({ name }) => ['--target', name]);

test('no canary is told by bench, whatever stores repeat of them', async (context) => {
  const scene = await makeScene(context);
  const { bench } = scene;
  const of = (way: Way): Planted[] => scene.targets.filter((target) => target.way === way);
  const mistakes = await bench('refuses', [...run, ...named(of('wrong'))]);
  assert.equal(mistakes.code, 2, mistakes.said);
  for (const target of [...of('tls'), ...of('address')]) {
    const { code, said } = await bench('refuses', [...run, ...named([target])]);
    assert.ok([2, 3].includes(code), `${target.name}: ${code}: ${said}`);
  }
  const reached: Planted[] = [];
  for (const [index, target] of of('plain').entries()) {
    const attempt = attempts[index % attempts.length] as Attempt;
    if (await isReached(scene, target, attempt)) reached.push(target);
    else context.diagnostic(`not tried, its client is not installed: ${target.name}`);
  }
  // Two clients at least are always here.
  assert.ok(reached.length >= 2);
  await checkRuns(
    scene,
    reached.filter(({ name }) => greeted.test(name)),
  );
});

/** Targets that the server greets as their stores do: over gRPC it greets as none. */
const greeted = /^(chroma|pgvector|qdrant|redis|weaviate-plain-raw)/;

/** How a store answers, and to what. */
type Attempt = readonly [Manner, (name: string) => readonly string[]];

const cleaning = (name: string) => ['clean', name, ...file, '--yes'];
// Transports of one store differ in what they make of an answer, not in who it is from.
const attempts: readonly Attempt[] = [
  ['refuses', (name) => [...run, '--target', name]],
  ['breaks', cleaning],
  ['babbles', cleaning],
];

/** Whether a target is connected to at all. */
async function isReached(scene: Scene, target: Planted, attempt: Attempt): Promise<boolean> {
  const { echo, bench } = scene;
  const [manner, argumentsOf] = attempt;
  echo.heard = '';
  const { code, said } = await bench(manner, argumentsOf(target.name));
  assert.equal(code, 3, said);
  if (echo.heard === '') assert.match(said, /NO_PACKAGE/, target.name);
  return echo.heard !== '';
}

/** Runs that fail when something is made, and what they leave. */
async function checkRuns({ bench, canaries, echo, folder }: Scene, reached: readonly Planted[]) {
  echo.heard = '';
  // Of a suite those are left out whose clients are not installed.
  const targets = reached.map(({ name }) => name);
  writeFiles(folder, { 'all.json': JSON.stringify({ ...suite, targets }) });
  const all = ['run', '--suite', './all.json', ...file, '--quiet', '--out', 'run'];
  const { code, said } = await bench('greets', all);
  assert.equal(code, 3, said);
  // The canaries did reach the server, and the server did repeat them.
  assert.ok(canaries.foundIn(echo.heard).length >= 2);
  assert.match(said, /\$\{CANARY_\d+\}/);
  const files = readdirSync(join(folder, 'run'), { recursive: true, withFileTypes: true });
  const texts = files.filter((entry) => entry.isFile());
  assert.ok(texts.length >= 3);
  for (const { parentPath, name } of texts) {
    const text = readFileSync(join(parentPath, name), 'utf8');
    assert.deepEqual(canaries.foundIn(text), [], name);
  }
  for (const { name } of reached.slice(-2)) await bench('greets', cleaning(name));
  const first = named(reached.slice(0, 1));
  await bench('greets', [...run, ...first, '--dry-run']);
  await bench('greets', ['report', 'run', '--format', 'json', '--out', '-']);
  await bench('greets', ['list', 'targets', '--json']);
  // There is no program of containers in that folder.
  const status = await callBench(['status'], { folder, env: { ...canaries.env, PATH: folder } });
  assert.deepEqual(canaries.foundIn(`${status.stdout}${status.stderr}`), []);
}

test('an address with what may be secret is refused on the command line, and not repeated', () => {
  const wrong = [
    'qdrant=http://me:s3cret@host',
    'qdrant=https://s3cret@host',
    'qdrant=http://host/?api-key=s3cret',
    'redis=redis://me:s3/cret@host',
    'pgvector=postgres://me@host/db?password=s3cret',
    'http://me:s3cret@host',
    'redis://:s3cret@host:1',
  ];
  for (const given of wrong) {
    const check = (error: unknown): boolean => {
      assert.ok(error instanceof Error);
      assert.equal((error as { code?: unknown }).code, 'BAD_ARGUMENT', given);
      assert.doesNotMatch(error.message, /cret/);
      return true;
    };
    assert.throws(() => parseTargetName(given), check, given);
  }
  const { options } = parseTargetName('pgvector=postgres://postgres@host/db?sslmode=require');
  assert.equal(options.url, 'postgres://postgres@host/db?sslmode=require');
});
