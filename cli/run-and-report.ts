import { join } from 'node:path';
import { writeWhole } from '../core/files.js';
import type { Run } from '../core/result.js';
import { type RunInput, run } from '../core/run.js';
import { cacheFolder, describeTool } from './caller.js';
import { load } from './registry.js';
import { describeSent } from './remote-guard.js';
import { withSignals } from './signals.js';

/** What a command has to say of its run; the rest is the same for all of them. */
export type OwnInput = Omit<RunInput, 'command' | 'tool' | 'cacheFolder' | 'signal'>;

/** Runs until the end or until the person stops it, and writes the report beside the result. */
export async function runAndReport(
  input: OwnInput,
): Promise<{ readonly document: Run; readonly report: string }> {
  const { folder, progress } = input;
  const document = await withSignals((signal) =>
    run({
      ...input,
      command: ['bench', ...process.argv.slice(2)],
      tool: describeTool(),
      cacheFolder: cacheFolder(),
      signal,
    }),
  );
  progress.phase('write the report');
  const html = await load('reports', 'html');
  const report = join(folder, 'report.html');
  await writeWhole(report, await html.render([document]));
  progress.end();
  const sent = describeSent(input.targets);
  if (sent !== undefined) progress.note(sent);
  return { document, report };
}
