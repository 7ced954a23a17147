import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CollectionSpec, VectorBatch } from '../../core/adapter.js';
import { type Collection, idsOf } from './collection.js';
import { type Lengths, lengthsOf, requireOneLength } from './lengths.js';
import type { Graph, GraphConfig, Usearch } from './package.js';

/** Where a graph lies as a file, and what it was made with. */
export interface GraphHandle {
  readonly kind: 'graph';
  readonly path: string;
  readonly made: Made;
}

interface Made {
  readonly config: GraphConfig;
  readonly buildThreads: number;
  readonly searchThreads: number;
}

/** An empty graph. @param metric as usearch calls it */
export function createGraph(
  usearch: Usearch,
  spec: CollectionSpec,
  metric: GraphConfig['metric'],
): Collection {
  const { M = 16, efConstruction = 128, quantization = 'f32' } = spec.params;
  const config: GraphConfig = {
    dimensions: spec.dimensions,
    metric,
    quantization: quantization as GraphConfig['quantization'],
    connectivity: Number(M),
    expansion_add: Number(efConstruction),
    // It cannot be changed later; a search visits as many candidates as rows are asked for.
    expansion_search: 1,
    multi: false,
  };
  const { buildThreads, searchThreads } = spec;
  const made = { config, buildThreads, searchThreads };
  return collectionOf(new usearch.Index(config), made);
}

/** The graph of another thread, mapped from its file. */
export function openGraph(usearch: Usearch, { path, made }: GraphHandle): Collection {
  const graph = new usearch.Index(made.config);
  graph.view(path);
  return collectionOf(graph, made);
}

function collectionOf(graph: Graph, made: Made): Collection {
  const { quantization, metric } = made.config;
  const keepsLengths = quantization !== 'i8' || metric === 'cos';
  let lengths: Lengths | undefined;
  let file: GraphFile | undefined;
  return {
    check(batch: VectorBatch) {
      if (keepsLengths) return;
      lengths = lengthsOf(batch.vectors, made.config.dimensions, lengths);
      requireOneLength(lengths, metric);
    },
    add: ({ keys, rows }) => graph.add(keys, rows, made.buildThreads),
    count: () => graph.size(),
    search({ vectors, count, k, efSearch }) {
      const wanted = Math.max(k, efSearch);
      const found = graph.search(vectors, wanted, made.searchThreads);
      return idsOf(found, { queries: count, k, wanted });
    },
    bytes: () => bytesOf(graph),
    handle(): GraphHandle {
      file ??= saveGraph(graph);
      return { kind: 'graph', path: file.path, made };
    },
    close: () => file?.remove(),
  };
}

/** What it takes when it is written; usearch for Node does not tell its memory. */
function bytesOf(graph: Graph): number {
  const file = saveGraph(graph);
  try {
    return statSync(file.path).size;
  } finally {
    file.remove();
  }
}

/** A graph as a file. */
interface GraphFile {
  readonly path: string;
  remove(): void;
}

function saveGraph(graph: Graph): GraphFile {
  const folder = mkdtempSync(join(tmpdir(), 'bench-usearch-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  const path = join(folder, 'graph');
  graph.save(path);
  return {
    path,
    remove() {
      process.off('exit', remove);
      remove();
    },
  };
}
