import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { emptyFolder } from '../folders.js';

/** A folder that stands for `/`, with these files of a kernel in it. */
export async function kernelFiles(
  context: TestContext,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const root = await emptyFolder(context);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  return root;
}

/** A line of mountinfo with the fields that proc_pid_mountinfo(5) names. */
export function mountLine(mount: {
  readonly group?: string;
  readonly folder: string;
  readonly type: 'cgroup' | 'cgroup2';
  readonly options?: string;
}): string {
  const { group = '/', folder, type, options = 'rw' } = mount;
  return `31 23 0:28 ${group} ${folder} rw,relatime shared:9 - ${type} ${type} ${options}`;
}
