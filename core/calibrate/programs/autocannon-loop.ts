import { createRequire } from 'node:module';
import type { AutocannonResult } from '../tools/autocannon.js';
import { httpLoopSchema, toldTask } from '../tools/node-program.js';

// The program that lets autocannon work: by its own interface, first to warm up, then for its
// figures. Its processor time is that of the second.

type Autocannon = (options: {
  readonly url: string;
  readonly connections: number;
  readonly duration: number;
  readonly sampleInt: number;
}) => Promise<AutocannonResult>;

// It ends at the first sample after its duration.
const sampleMs = 100;

const { url, connections, warmUpS, durationS } = await toldTask(httpLoopSchema);
const autocannon = createRequire(import.meta.url)('autocannon') as Autocannon;
const options = { url, connections, sampleInt: sampleMs };
if (warmUpS > 0) await autocannon({ ...options, duration: warmUpS });
const before = process.cpuUsage();
const result = await autocannon({ ...options, duration: durationS });
const { user, system } = process.cpuUsage(before);
process.stdout.write(`${JSON.stringify({ cpuUs: user + system, result })}\n`);
