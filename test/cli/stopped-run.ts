import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../core/random.js';
import { type Cell, type Run, runSchema } from '../../core/result.js';
import { callBench } from './bench-call.js';
import { type BenchProcess, startBench } from './bench-process.js';

/** The whole lines of the journal of a run folder; a torn last line is left out. */
export function journalLines(run: string): string[] {
  const path = join(run, 'journal.ndjson');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text.split('\n').slice(0, -1);
}

/** The finished cells in the journal of a run folder. */
export function journalCells(run: string): Cell[] {
  return journalLines(run)
    .map((line) => JSON.parse(line) as { type: string; cell: Cell })
    .flatMap(({ type, cell }) => (type === 'cell' ? [cell] : []));
}

/** Waits until the journal has so many whole lines, or the process has ended. */
export async function waitForLines(run: string, lines: number, bench: BenchProcess): Promise<void> {
  const { child } = bench;
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  while (journalLines(run).length < lines && !isOver()) await sleep(5);
}

/** A stored run, checked against its schema. */
export function readWholeRun(run: string): Run {
  return runSchema.parse(JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')));
}

/** Each finished cell has its distributions, whole. */
function checkDistributions(run: string): void {
  for (const { id } of journalCells(run)) {
    const text = readFileSync(join(run, 'histograms', `${id}.json`), 'utf8');
    assert.equal((JSON.parse(text) as { cell: string }).cell, id);
  }
}

/** A run, as the arguments of `bench`, that a signal ends. */
export interface SignalledRun {
  readonly signal: 'SIGINT' | 'SIGTERM';
  /** Arguments without --out, of `cells` cells. */
  readonly args: readonly string[];
  readonly cells: number;
}

/**
 * Runs until a signal comes after two cells or more: what is left is valid, and has a report.
 *
 * @returns the run as it was left
 */
export async function stopBySignal(folder: string, stopped: SignalledRun): Promise<Run> {
  const run = join(folder, 'run');
  const bench = startBench([...stopped.args, '--out', 'run'], { folder });
  // Header, build and two cells.
  await waitForLines(run, 4, bench);
  bench.child.kill(stopped.signal);
  const { code, stderr } = await bench.ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /stopping: what is finished is kept/);
  const partial = readWholeRun(run);
  assert.equal(partial.status, 'partial');
  assert.ok(partial.cells.length >= 2 && partial.cells.length < stopped.cells);
  assert.deepEqual(partial.cells, journalCells(run));
  assert.ok(existsSync(join(run, 'report.html')));
  return partial;
}

/** A run, as the arguments of `bench`, that is killed again and again. */
export interface KilledRun {
  /** Arguments without --out, of at least `cells` cells. */
  readonly args: readonly string[];
  readonly cells: number;
  /** How often it is killed. */
  readonly rounds: number;
  /** Of the moments. */
  readonly seed: number;
  /**
   * The latest moment, counted from the first line that the journal has at the start; the last time
   * a tenth of that after the first cell that is finished then.
   */
  readonly latestMs: number;
}

/**
 * Kills a run with SIGKILL at random moments, goes on with it each time, and lets it end at last:
 * what the journal held stays, no file is torn, every cell is there once, and the result is valid.
 *
 * @returns how many cells were finished at each kill
 */
export async function killAgainAndAgain(folder: string, killed: KilledRun): Promise<number[]> {
  const run = join(folder, 'run');
  const random = seededRandom(killed.seed);
  const resume = ['run', '--resume', 'run', '--quiet'];
  const finished: number[] = [];
  let before: string[] = [];
  for (let round = 0; round < killed.rounds; round++) {
    const args = round === 0 ? [...killed.args, '--out', 'run', '--quiet'] : resume;
    const bench = startBench(args, { folder });
    // A run that is killed before its header is on disk has nothing to go on with; the last time
    // there are a build and a cell more than before, however slow the machine is.
    const isLast = round === killed.rounds - 1;
    await waitForLines(run, isLast ? Math.max(before.length, 1) + 2 : 1, bench);
    await sleep(random() * (isLast ? killed.latestMs / 10 : killed.latestMs));
    bench.child.kill('SIGKILL');
    await bench.ended;
    const after = journalLines(run);
    assert.deepEqual(after.slice(0, before.length), before, 'what was in the journal stays');
    checkDistributions(run);
    finished.push(journalCells(run).length);
    before = after;
  }
  const { code, stderr } = await callBench(resume, { folder });
  assert.equal(code, 0, stderr);
  assert.deepEqual(journalLines(run).slice(0, before.length), before);
  checkWhole(run, killed.cells);
  return finished;
}

function checkWhole(run: string, cells: number): void {
  const document = readWholeRun(run);
  assert.equal(document.status, 'complete');
  assert.deepEqual(document.cells, journalCells(run));
  const names = document.cells.map(({ id }) => id);
  assert.equal(new Set(names).size, cells);
  assert.equal(names.length, cells);
  for (const { status } of document.cells) assert.equal(status, 'complete');
  assert.ok(readFileSync(join(run, 'report.html'), 'utf8').trimEnd().endsWith('</html>'));
  const left = readdirSync(run, { recursive: true }).filter((name) => `${name}`.includes('.part'));
  assert.deepEqual(left, []);
}
