import { resolve } from 'node:path';
import type { Suite } from '../core/suite.js';

/** The suite with absolute paths of its query logs. @param folder that relative ones belong to */
export function withLogPaths(suite: Suite, folder: string): Suite {
  const streams = suite.streams.map((stream) => {
    const { queries } = stream;
    if (queries?.file === undefined) return stream;
    return { ...stream, queries: { ...queries, file: resolve(folder, queries.file) } };
  });
  return { ...suite, streams };
}
