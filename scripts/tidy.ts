import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../core/paths.js';
import { clockUses, leftOutTests, looseTypes, unfinishedComments } from './tidy/code.js';
import { undocumentedExports } from './tidy/docs.js';
import { type ImportTable, strayClients, strayImports } from './tidy/imports.js';
import { badNames } from './tidy/names.js';
import { pythonSizes } from './tidy/python.js';
import { badSizes } from './tidy/sizes.js';
import { type Finding, parseSource, type Rule, readTree } from './tidy/source.js';

/** Which folders a file may import from by the folder it lies in; its own is always allowed. */
export const importTable: ImportTable = {
  core: [],
  adapters: ['core'],
  suites: ['core'],
  datasets: ['core'],
  reports: ['core'],
  cli: ['core'],
  scripts: ['core', 'adapters', 'suites', 'datasets', 'reports', 'cli'],
  test: ['core', 'adapters', 'suites', 'datasets', 'reports', 'cli', 'scripts'],
};

/** The one file that reaches the folders of entries, by dynamic imports. */
export const registry = 'cli/registry.ts';

/** Packages that talk to a store; a name that ends in `/` stands for all of its scope. */
export const storeClients: readonly string[] = [
  '@aws-sdk/',
  '@clickhouse/',
  '@electric-sql/',
  '@elastic/',
  '@lancedb/',
  '@opensearch-project/',
  '@pinecone-database/',
  '@qdrant/',
  '@redis/',
  '@zilliz/',
  'better-sqlite3',
  'cassandra-driver',
  'chromadb',
  'ioredis',
  'mongodb',
  'mysql2',
  'neo4j-driver',
  'pg',
  'redis',
  'usearch',
  'weaviate-client',
];

const typescriptRules: readonly Rule[] = [
  (source) => strayImports(source, importTable, registry),
  (source) => strayClients(source, storeClients),
  badSizes,
  badNames,
  undocumentedExports,
  looseTypes,
  unfinishedComments,
  clockUses,
  leftOutTests,
];

/**
 * What is wrong with one file.
 *
 * @param path relative to the folder of the package; its ending says which rules apply
 */
export function tidyFile(path: string, text: string): readonly Finding[] {
  if (path.endsWith('.py')) return pythonSizes(path, text);
  const source = parseSource(path, text);
  return typescriptRules.flatMap((rule) => rule(source));
}

/** What is wrong in a whole tree, by file and line. */
export function tidyTree(root: string): readonly Finding[] {
  return readTree(root, Object.keys(importTable)).flatMap(({ path, text }) => tidyFile(path, text));
}

function main(): void {
  const findings = tidyTree(packageRoot());
  for (const { path, line, rule, message } of findings) {
    console.log(`${path}:${line} ${rule} ${message}`);
  }
  if (findings.length > 0) process.exitCode = 1;
}

const started = process.argv[1];
if (started && realpathSync(started) === fileURLToPath(import.meta.url)) main();
