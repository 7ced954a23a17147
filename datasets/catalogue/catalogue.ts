import type { PublicDataset } from '../../core/download/public-dataset.js';
import { findPulled, type PulledDataset } from '../../core/download/pulled.js';
import { annBenchmarks } from './ann-benchmarks.js';
import { bigAnn } from './big-ann.js';
import { vectorDbBench } from './vectordbbench.js';

/** The public datasets that `bench dataset pull` knows. */
const catalogue: readonly PublicDataset[] = [...annBenchmarks, ...vectorDbBench, ...bigAnn];
export default catalogue;

/**
 * The files of a public dataset that was pulled.
 *
 * @param folder where to look; else where `bench dataset pull` puts them without `--to`
 * @returns undefined when the catalogue has no such name or a file of it is not here
 * @throws BenchError BAD_DATA when the record next to the files cannot be read
 */
export async function pulledFiles(
  name: string,
  folder?: string,
): Promise<PulledDataset | undefined> {
  const dataset = catalogue.find((each) => each.name === name);
  if (dataset === undefined) return undefined;
  return findPulled(dataset, folder);
}
