import type { Contestant, Measurement } from '../../core/calibrate/contest.js';
import { figuresOf, playRounds, type Rounds, ratiosOf } from '../../core/calibrate/rounds.js';
import { rehearsalOf } from '../../core/load/crew.js';
import { sourceOf } from '../../core/run/open-store.js';
import { median } from '../../core/stats/quantile.js';
import { nsPerS } from '../../core/units.js';
import { print } from './runs.js';
import type { StoreCase } from './stores-bare.js';
import { type LoopFound, type LoopTask, playLoop } from './stores-loop.js';
import { inFlight, openStage, type StoreStage } from './stores-stage.js';

/** Searches a second of bench over those of the client alone. */
const leastRatio = 0.9;

/** One who searches. */
function searcher(name: string, measure: () => Promise<Measurement>): Contestant {
  return { name, title: name, definitions: [], find: async () => ({ version: '' }), measure };
}

/**
 * Searches of one collection, by the load worker of `bench run`, by the adapter in a bare loop, and
 * by its client in a bare loop, in alternating rounds: searches a second, and where the client's
 * processor time goes.
 */
export async function compareSearches(one: StoreCase): Promise<void> {
  const stage = await openStage(one);
  try {
    for (const connections of inFlight) await compareAt(one, stage, connections);
  } finally {
    await stage.close();
  }
}

async function compareAt(one: StoreCase, stage: StoreStage, connections: number): Promise<void> {
  const { target, transport, options } = one;
  const { rounds, warmUpS, durationS } = options;
  const task: Omit<LoopTask, 'by'> = {
    adapterName: target.adapterName,
    transport,
    source: sourceOf(target),
    handle: stage.live.handle,
    params: stage.search,
    // As long as a new load worker warms up.
    conditions: {
      ...{ connections, durationS },
      warmUpS: warmUpS + rehearsalOf(durationS * nsPerS) / nsPerS,
    },
  };
  const encoded: number[] = [];
  const loop = async (by: LoopTask['by']): Promise<LoopFound> => {
    const found = await playLoop({ ...task, by });
    encoded.push(found.encodeUs);
    return found;
  };
  const { measured } = await playRounds(
    [
      searcher('bench', () => stage.measure(connections)),
      searcher('adapter', () => loop('adapter')),
      searcher('client', () => loop('client')),
    ],
    { rounds, seed: connections, onTurn: () => undefined },
  );
  printFound(`${one.name}, ${connections} in flight`, measured, median(encoded));
}

function printFound(name: string, measured: Rounds, encodeUs: number): void {
  const { bench = [], adapter = [], client = [] } = measured;
  const ratio = ratiosOf(bench, client).requestsPerS;
  const perS = [bench, client].map((rounds) => Math.round(medianOf(rounds, 'requestsPerS')));
  const interval =
    ratio?.low === undefined || ratio.high === undefined
      ? 'one round'
      : `95 % ${ratio.low.toFixed(2)}..${ratio.high.toFixed(2)}, ${ratio.pairs} pairs`;
  print(
    `${name}: searches/s, bench / bare loop of the client, at least ${leastRatio}`,
    `${ratio?.ratio.toFixed(2) ?? '-'} (${interval}; ${perS.join(' / ')})`,
  );
  const [whole = 0, byAdapter = 0, byClient = 0] = [bench, adapter, client].map((rounds) =>
    medianOf(rounds, 'clientCpuUs'),
  );
  const parts = [
    `client ${byClient.toFixed(1)}`,
    `decoding ${(byAdapter - byClient).toFixed(1)}`,
    `harness ${(whole - byAdapter).toFixed(1)}`,
  ];
  print(
    `${name}: client CPU of a search`,
    `${whole.toFixed(1)} us = ${parts.join(' + ')}; encoded before: ${encodeUs.toFixed(1)} us`,
  );
}

function medianOf(rounds: readonly Measurement[], figure: 'requestsPerS' | 'clientCpuUs'): number {
  return figuresOf(rounds)[figure]?.median ?? Number.NaN;
}
