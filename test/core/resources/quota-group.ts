import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const places = [
  {
    tree: '/sys/fs/cgroup/cpu',
    quota: { 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': '20000' },
  },
  { tree: '/sys/fs/cgroup', quota: { 'cpu.max': '20000 100000' } },
] as const;

/** A new control group that gets a fifth of a core (20 of every 100 ms), until the test is over. */
export function quotaGroup(context: TestContext): string | undefined {
  for (const { tree, quota } of places) {
    const folder = join(tree, `bench-test-${process.pid}`);
    try {
      mkdirSync(folder);
    } catch {
      // Not allowed here, or no such tree.
      continue;
    }
    try {
      // Without the controller these would be files like any other, or there would be none.
      if (!existsSync(join(folder, 'cpu.stat'))) throw new Error('not a group');
      for (const [file, text] of Object.entries(quota)) writeFileSync(join(folder, file), text);
      context.after(() => remove(folder));
      return folder;
    } catch {
      rmdirSync(folder);
    }
  }
  context.diagnostic('not tested: control groups are not writable here');
  return undefined;
}

/** The kernel may take a moment to let go of a process that ended. */
async function remove(folder: string): Promise<void> {
  for (let attempt = 0; existsSync(folder); attempt += 1) {
    try {
      rmdirSync(folder);
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** A process of Node that runs a script and has said that it began; it ends with the test. */
export async function startNode(
  context: TestContext,
  script: string,
): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(process.execPath, ['-e', `process.send('begun');${script}`], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  context.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await once(child, 'message');
  return child as ChildProcess & { readonly pid: number };
}
