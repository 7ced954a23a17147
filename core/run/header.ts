import { createHash } from 'node:crypto';
import type { JournalHeader } from '../journal.js';
import type { Run } from '../result.js';
import type { RunInput } from '../run.js';
import type { Prepared } from './prepare.js';

/** The first line of the journal of a run: all that a resumed run takes from the first. */
export function headerOf(
  input: RunInput,
  prepared: Prepared,
  begun: Pick<Run, 'startedAt' | 'environment'>,
): JournalHeader {
  return {
    type: 'header',
    runId: input.runId,
    startedAt: begun.startedAt,
    suiteName: input.suiteName,
    suite: { ...input.plan.suite },
    targets: input.targets.map(({ name, adapterName, options, inProcess }) => ({
      name,
      adapter: adapterName,
      // Settings may hold secrets; their hash tells whether they are the same.
      optionsSha256: createHash('sha256')
        .update(JSON.stringify(options ?? {}))
        .digest('hex'),
      ...(inProcess === true && { inProcess }),
    })),
    dataset: { name: prepared.record.name, sha256: prepared.record.sha256 },
    seed: input.plan.seed,
    keepIds: input.keepIds,
    ...(input.plan.aa === true && { aa: true }),
    command: [...input.command],
    tool: { ...input.tool },
    environment: { ...begun.environment },
    ...(input.targetsFile !== undefined && { targetsFile: input.targetsFile }),
    ...(input.prices !== undefined && { prices: input.prices }),
  };
}
