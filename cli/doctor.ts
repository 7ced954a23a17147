import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import type { Probe } from '../core/adapter.js';
import { BenchError, messageOf } from '../core/errors.js';
import { findPython } from '../core/host/python.js';
import { describeMachine } from '../core/measure/environment.js';
import { availableMemoryBytes, cgroupLimitBytes } from '../core/resources/process.js';
import { formatBytes } from '../core/units.js';
import { calibrationFinding } from './calibration-finding.js';
import { describeTool } from './caller.js';
import { installFor } from './install.js';
import { findNoise } from './noise-table.js';
import { loadAll } from './registry.js';
import { formatTable } from './table.js';

/** One line of the doctor: a thing, how it is, and what to do about it. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** A server that is not there, which is nothing to mend. */
  readonly isOff?: true;
  readonly found: string;
  readonly hint?: string;
}

/** `bench doctor`: what is installed, which engines work, and what the machine gives. */
export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('show what is installed, which engines work, and what the machine gives')
    .option('--json', 'print an array of objects')
    .option('--install <names...>', 'install what these engines need, and try them out')
    .addHelpText('after', '\nExamples:\n  $ bench doctor\n  $ bench doctor --install usearch')
    .action(async (options: { json?: boolean; install?: string[] }) => {
      if (options.install !== undefined) return installFor(options.install);
      const known = [await calibrationFinding(), await findNoise()];
      const findings: Finding[] = [
        ...(await machine()),
        ...known,
        await python(),
        ...(await engines()),
      ];
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
        return;
      }
      const rows = findings.map(({ what, ok, isOff = false, found, hint }) => [
        markOf(ok, isOff),
        what,
        hint === undefined ? found : `${found} (${hint})`,
      ]);
      const columns = [{ title: '' }, { title: 'what' }, { title: 'found' }];
      process.stdout.write(formatTable(columns, rows));
    });
}

function markOf(ok: boolean, isOff: boolean): string {
  if (ok) return 'ok';
  return isOff ? 'off' : 'NO';
}

async function machine(): Promise<Finding[]> {
  const tool = describeTool();
  const { cpu, memoryBytes, os, node, gpus } = await describeMachine();
  const limit = cgroupLimitBytes();
  const cores = `${cpu.cores} cores, ${availableParallelism()} for this process`;
  const quota = cpu.usableCores < cpu.cores ? `, may use ${cpu.usableCores}` : '';
  return [
    { what: 'bench', ok: true, found: `${tool.version} ${tool.commit ?? ''}`.trim() },
    { what: 'node', ok: true, found: node },
    { what: 'system', ok: true, found: `${os.platform} ${os.release}` },
    { what: 'cpu', ok: true, found: `${cpu.model}, ${cores}${quota}` },
    {
      what: 'memory',
      ok: true,
      found: `${formatBytes(memoryBytes)}, ${formatBytes(availableMemoryBytes())} free`,
    },
    {
      what: 'gpu',
      ok: true,
      found: gpus.length === 0 ? 'none seen' : gpus.map(({ name }) => String(name)).join(', '),
    },
    {
      what: 'control group',
      ok: true,
      found: limit === undefined ? 'no memory limit' : `limit ${formatBytes(limit)}`,
    },
  ];
}

async function python(): Promise<Finding> {
  try {
    return { what: 'python', ok: true, found: await findPython() };
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const finding = { what: 'python', ok: false, found: error.message };
    return error.hint === undefined ? finding : { ...finding, hint: error.hint };
  }
}

async function engines(): Promise<Finding[]> {
  const adapters = await loadAll('adapters');
  const findings: Finding[] = [];
  for (const { name, entry } of adapters) {
    const what = `${entry.kind === 'embedded' ? 'engine' : entry.kind} ${name}`;
    if (entry.probe === undefined) {
      findings.push({ what, ok: true, found: 'built in' });
      continue;
    }
    const probe = await entry
      .probe()
      .catch((error: unknown): Probe => ({ works: false, detail: messageOf(error) }));
    const version = probe.version === undefined ? '' : `${probe.version}, `;
    findings.push({
      what,
      ok: probe.works,
      ...(probe.code === 'UNREACHABLE' && { isOff: true }),
      found: `${version}${probe.detail}`,
      ...(probe.hint === undefined ? {} : { hint: probe.hint }),
    });
  }
  return findings;
}
