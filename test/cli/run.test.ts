import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { packageRoot } from '../../core/paths.js';
import { type Run, runSchema } from '../../core/result.js';
import { callBench } from './bench-call.js';
import { runBench, tinyRun, withFolder } from './bench-process.js';

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

function readJson(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

/** The names of the files at the top of a folder of the package. */
function entriesOf(folder: string): string[] {
  const files = readdirSync(join(packageRoot(), folder));
  return files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3));
}

test('list --json names every file of suites, adapters, datasets and reports', async () => {
  await withFolder(async (folder) => {
    const { code, stdout } = await callBench(['list', '--json'], { folder });
    const listed = JSON.parse(stdout) as { kind: string; name: string; title: string }[];
    assert.equal(code, 0);
    for (const { title } of listed) assert.ok(title.length > 0);
    const folders = { suites: 'suites', targets: 'adapters', datasets: 'datasets' };
    for (const [kind, name] of Object.entries({ ...folders, reports: 'reports' })) {
      const names = listed.filter((entry) => entry.kind === kind).map((entry) => entry.name);
      assert.deepEqual(names, entriesOf(name).sort(), kind);
    }
  });
});

test('run --json prints one document on stdout, and --quiet nothing on stderr', async () => {
  await withFolder(async (folder) => {
    const args = [...tinyRun, '--out', 'run', '--json', '--quiet'];
    const { code, stdout, stderr } = await runBench(args, { folder });
    assert.equal(code, 0);
    assert.equal(stderr, '');
    const printed = JSON.parse(stdout) as Run & { folder: string; report: string };
    assert.equal(printed.folder, join(folder, 'run'));
    assert.equal(printed.report, join(folder, 'run', 'report.html'));
    const run = runSchema.parse(readJson(folder, 'run', 'run.json'));
    assert.deepEqual(printed.summaries, run.summaries);
    assert.deepEqual(printed.gates, run.gates);
    assert.equal(printed.status, 'complete');
  });
});

test('schema run prints a JSON Schema that a stored run matches and a damaged one does not', () =>
  withFolder(async (folder) => {
    const { code, stdout } = await callBench(['schema', 'run'], { folder });
    assert.equal(code, 0);
    const document = JSON.parse(stdout) as JsonSchema;
    const schema = z.fromJSONSchema(document);
    assert.equal((await callBench([...tinyRun, '--out', 'run'], { folder })).code, 0);
    const run = readJson(folder, 'run', 'run.json') as Run;
    assert.equal(schema.safeParse(run).success, true);
    assert.equal(schema.safeParse({ ...run, status: 'finished' }).success, false);
    assert.equal(schema.safeParse({ ...run, cells: [{ id: 'A' }] }).success, false);
  }));

test('a run leaves result, journal, histograms and report, with --keep-ids its answers', () =>
  withFolder(async (folder) => {
    const sampled = ['--set', 'measure.sampleHz=5'];
    const args = [...tinyRun, ...sampled, '--out', 'run', '--keep-ids'];
    const { code, stdout } = await callBench(args, { folder });
    assert.equal(code, 0);
    assert.match(stdout, /run\/report\.html\n$/);
    const run = runSchema.parse(readJson(folder, 'run', 'run.json'));
    const files = ['histograms', 'ids', 'journal.ndjson', 'report.html', 'run.json'];
    assert.deepEqual(readdirSync(join(folder, 'run')).sort(), [...files, 'samples.ndjson']);
    for (const { id, streams } of run.cells) {
      const search = streams[0]?.operations.search;
      assert.equal(search?.histograms, `histograms/${id}.json`);
      readJson(folder, 'run', 'histograms', `${id}.json`);
      // The format: int32, a query's row and k rows of the base for each query answered.
      const { size } = statSync(join(folder, 'run', 'ids', `${id}.i32`));
      assert.equal(size, 4 * (10 + 1) * (search?.recall?.judged ?? 0));
    }
  }));

test('report writes the stored run as JSON, to the terminal or to a file', () =>
  withFolder(async (folder) => {
    assert.equal((await callBench([...tinyRun, '--out', 'run'], { folder })).code, 0);
    const stored = readJson(folder, 'run', 'run.json');
    const args = ['report', 'run', '--format', 'json', '--out'];
    const printed = await callBench([...args, '-'], { folder });
    assert.deepEqual(JSON.parse(printed.stdout), stored);
    const written = await callBench([...args, 'copy.json'], { folder });
    assert.equal(written.stdout, `${join(folder, 'copy.json')}\n`);
    assert.deepEqual(readJson(folder, 'copy.json'), stored);
  }));

/** Runs with gates, whose verdicts follow from recall 1 and from time having one repeat only. */
async function verdictsOf(folder: string, gates: readonly object[]) {
  const args = [...tinyRun, '--set', `gates=${JSON.stringify(gates)}`, '--out', 'run', '--quiet'];
  const { code } = await callBench(args, { folder });
  const run = runSchema.parse(readJson(folder, 'run', 'run.json'));
  return { code, verdicts: run.gates.map(({ verdict }) => verdict) };
}

test('a gate that passes and one that cannot be decided end with exit code 0', () =>
  withFolder(async (folder) => {
    const gates = [
      { metric: 'recall', atLeast: 0.5 },
      { metric: 'serviceMsP50', atMost: 0 },
    ];
    assert.deepEqual(await verdictsOf(folder, gates), { code: 0, verdicts: ['pass', 'undecided'] });
  }));

test('a gate that fails ends with exit code 1', () =>
  withFolder(async (folder) => {
    const gates = [{ metric: 'recall', atMost: 0.5 }];
    assert.deepEqual(await verdictsOf(folder, gates), { code: 1, verdicts: ['fail'] });
  }));

test('a gate on what was not measured ends with exit code 1', () =>
  withFolder(async (folder) => {
    const gates = [{ metric: 'recall', atLeast: 0.5, where: { batch: 99 } }];
    assert.deepEqual(await verdictsOf(folder, gates), { code: 1, verdicts: ['no-data'] });
  }));

test('doctor --json says of every engine whether it works', () =>
  withFolder(async (folder) => {
    const env = { BENCH_PYTHON: '/nowhere/python' };
    const { code, stdout } = await callBench(['doctor', '--json'], { folder, env });
    const findings = JSON.parse(stdout) as { what: string; ok: boolean; hint?: string }[];
    const of = (what: string) => findings.find((finding) => finding.what === what);
    assert.equal(code, 0);
    assert.equal(of('engine exact')?.ok, true);
    assert.equal(of('engine faiss')?.ok, false);
    assert.match(of('engine faiss')?.hint ?? '', /install Python/);
  }));

test('without Python the suite of the exact store runs', () =>
  withFolder(async (folder) => {
    const env = { BENCH_PYTHON: '/nowhere/python' };
    const { code } = await callBench([...tinyRun, '--target', 'exact'], { folder, env });
    assert.equal(code, 0);
  }));

test('every suite plans on another bundled dataset of other dimensions', async () => {
  await withFolder(async (folder) => {
    for (const suite of entriesOf('suites')) {
      const args = ['run', '--suite', suite, '--dataset', 'siftsmall', '--dry-run'];
      const { code, stderr } = await callBench(args, { folder });
      // What is filtered by needs a dataset that has it.
      if (suite === 'filtered') assert.match(stderr, /BAD_SUITE.*the dataset has no payload/);
      else assert.equal(code, 0, `${suite}: ${stderr}`);
    }
  });
});
