import { existsSync } from 'node:fs';
import { cpus, type as osType, release, totalmem } from 'node:os';
import { listGpus } from '../resources/gpu.js';
import { cgroupLimitBytes, usableCores } from '../resources/process.js';
import type { Environment } from '../result.js';

/**
 * The machine, as far as it moves a number: what stays the same from run to run (no load, no free
 * memory, no paths), so that it serves as a fingerprint.
 */
export function describeEnvironment(): Environment {
  const cores = cpus();
  const limitBytes = cgroupLimitBytes();
  return {
    cpu: {
      model: cores[0]?.model.trim() ?? 'unknown',
      cores: cores.length,
      usableCores: usableCores(),
      architecture: process.arch,
    },
    memoryBytes: totalmem(),
    os: { platform: osType(), release: release() },
    node: process.version,
    container: {
      detected: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
      ...(limitBytes === undefined ? {} : { memoryLimitBytes: limitBytes }),
    },
    gpus: [],
  };
}

/** The same with the GPUs that its driver tells of. */
export async function describeMachine(): Promise<Environment> {
  const found = await listGpus();
  return { ...describeEnvironment(), gpus: found?.gpus.map((gpu) => ({ ...gpu })) ?? [] };
}
