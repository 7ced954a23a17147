import { readFileSync } from 'node:fs';

/** The text of a file of the kernel (/proc, /sys); undefined where there is none to read. */
export function readKernelFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not Linux, not allowed, or the process is gone: not measured, which the caller tells.
    return undefined;
  }
}
