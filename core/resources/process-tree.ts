import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, readStat } from './process-stat.js';

/**
 * The processes of these that are alive, with all their descendants. Those that ended and wait to
 * be collected (zombies) are not among them; nor is one whose parent ended, which has another then.
 *
 * @param pids process ids
 * @param root of the file system that is read
 * @returns ascending, each once; empty where none is alive
 * @see proc_pid_stat(5), fields 3 (state) and 4 (ppid)
 */
export function processTree(pids: readonly number[], root = '/'): readonly number[] {
  const children = new Map<number, number[]>();
  const alive = new Set<number>();
  for (const pid of allPids(root)) {
    const stat = readStat(pid, root);
    if (stat === undefined || !isAlive(stat)) continue;
    alive.add(pid);
    const siblings = children.get(stat.parent);
    if (siblings === undefined) children.set(stat.parent, [pid]);
    else siblings.push(pid);
  }
  const found = new Set(pids.filter((pid) => alive.has(pid)));
  // What is added to a set while it is gone through is gone through too.
  for (const pid of found) {
    for (const child of children.get(pid) ?? []) found.add(child);
  }
  return [...found].sort((a, b) => a - b);
}

/**
 * All processes that can be seen, zombies among them, in no order.
 *
 * @param root of the file system that is read
 * @returns empty where there is no /proc (not Linux)
 */
export function allPids(root = '/'): readonly number[] {
  let names: readonly string[];
  try {
    names = readdirSync(join(root, 'proc'));
  } catch {
    // Not Linux.
    return [];
  }
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}
