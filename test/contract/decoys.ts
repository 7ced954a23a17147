import assert from 'node:assert/strict';
import type { Trial } from './collection.js';
import { connect, fill, searchAll } from './promises.js';

// As near to the names of bench as another's may be: those begin with bench_.
const theirs = 'benchmark_of_others';
const ours = 'bench_contract';

/**
 * What others have in a server survives creating, crashing and cleaning up, which take away what
 * bench left, and nothing else.
 */
export async function sparesOthers(trial: Trial): Promise<void> {
  const decoy = await connect(trial, theirs);
  try {
    await fill(trial, decoy.vectors);
    const before = await searchAll(trial, decoy.vectors);
    const nameOfOurs = await leaveBehind(trial);
    const later = await connect(trial, ours);
    try {
      const left = (await later.store.leftovers?.()) ?? [];
      assert.ok(left.includes(nameOfOurs), `${nameOfOurs} is left, found ${left.join(', ')}`);
      for (const name of left) assert.match(name, /^bench_/i);
      await later.store.removeLeftover?.(nameOfOurs);
      const after = (await later.store.leftovers?.()) ?? [];
      assert.ok(!after.includes(nameOfOurs), 'it is gone');
      const refused = async () => later.store.removeLeftover?.(theirs);
      await assert.rejects(refused, 'what is of others is not removed');
    } finally {
      await later.store.close();
    }
    assert.deepEqual(await searchAll(trial, decoy.vectors), before, 'as it was');
    await decoy.vectors.drop();
  } finally {
    await decoy.store.close();
  }
}

/** Loads and goes away as a run does that is killed. @returns the name of what it left */
async function leaveBehind(trial: Trial): Promise<string> {
  const run = await connect(trial, ours);
  try {
    const before = (await run.store.leftovers?.()) ?? [];
    await fill(trial, run.vectors);
    const now = (await run.store.leftovers?.()) ?? [];
    const [made, ...others] = now.filter((name) => !before.includes(name));
    assert.ok(made !== undefined && others.length === 0, `one more is there: ${now.join(', ')}`);
    return made;
  } finally {
    await run.store.close();
  }
}
