import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectContext, Phase } from '../../core/adapter.js';
import { nowNs } from '../../core/clock.js';
import { BenchError } from '../../core/errors.js';
import { nsPerS } from '../../core/units.js';
import { findClass, pathOf } from './collection.js';
import { hasCodes } from './index-config.js';
import { markerUuid } from './names.js';
import type { WeaviateServer } from './server.js';
import { vectorName } from './transport.js';

/** What is finished. */
export interface Finishing {
  readonly server: Pick<WeaviateServer, 'ask' | 'options' | 'where'>;
  readonly name: string;
  readonly family: string;
  readonly dimensions: number;
  readonly context: Pick<ConnectContext, 'signal' | 'log'>;
}

/** A part of a collection on one node, as it is told. */
interface Shard {
  readonly vectorIndexingStatus?: string;
  readonly vectorQueueLength?: number;
  readonly compressed?: boolean;
}

const lookAgainMs = 100;
const codesLateNs = 60 * nsPerS;

/**
 * Returns when every row is in the index, and codes have taken the place of the vectors where they
 * are to. A server that indexes as it stores has done the first by then.
 *
 * @throws BenchError TIMEOUT when nothing changes for long; STORE_FAILED when no codes are made
 */
export async function finishCollection(finishing: Finishing): Promise<Phase[]> {
  const { family } = finishing;
  const beganNs = nowNs();
  const hasWaited = await waitFor(finishing, isIdle);
  if (family === 'dynamic') await waitForGraph(finishing);
  const indexedNs = nowNs();
  const phases: Phase[] = [];
  if (hasWaited || family === 'dynamic') {
    phases.push({ name: 'index', s: (indexedNs - beganNs) / nsPerS });
  }
  if (!hasCodes(family) || (await shardsOf(finishing)).every(isCompressed)) return phases;
  await makeCodes(finishing, hasWaited);
  return [...phases, { name: 'train', s: (nowNs() - indexedNs) / nsPerS }];
}

function isIdle({ vectorIndexingStatus, vectorQueueLength }: Shard): boolean {
  return vectorIndexingStatus === 'READY' && (vectorQueueLength ?? 0) === 0;
}

function isCompressed({ compressed }: Shard): boolean {
  return compressed === true;
}

async function shardsOf({ server, name }: Finishing): Promise<readonly Shard[]> {
  const path = `/v1/nodes/${encodeURIComponent(name)}?output=verbose`;
  const { nodes } = (await server.ask('GET', path)) as {
    readonly nodes?: readonly { readonly shards?: readonly Shard[] | null }[];
  };
  return (nodes ?? []).flatMap(({ shards }) => shards ?? []);
}

/** @returns whether there was anything to wait for */
async function waitFor(
  finishing: Finishing,
  isDone: (shard: Shard) => boolean,
  isLost: (shards: readonly Shard[]) => boolean = () => false,
): Promise<boolean> {
  const { server, name, context } = finishing;
  const { giveUpS } = server.options;
  let seen = '';
  let changedNs = nowNs();
  for (let looks = 0; ; looks++) {
    const shards = await shardsOf(finishing);
    if (shards.length > 0 && shards.every(isDone)) return looks > 0;
    const state = JSON.stringify(shards.map(stateOf));
    if (state !== seen) {
      context.log(`weaviate: ${name}: ${state}`);
      seen = state;
      changedNs = nowNs();
    }
    if (isLost(shards)) return true;
    if (nowNs() - changedNs > giveUpS * nsPerS) {
      const message = `${server.where}: ${name}: nothing changed for ${giveUpS} s: ${state}`;
      throw new BenchError('TIMEOUT', message, {
        hint: 'is the server out of memory or disk? options.giveUpS waits longer',
      });
    }
    await sleep(lookAgainMs, undefined, { signal: context.signal });
  }
}

function stateOf({ vectorIndexingStatus, vectorQueueLength, compressed }: Shard): string {
  const codes = compressed === true ? ', codes' : '';
  return `${vectorIndexingStatus}, ${vectorQueueLength} rows wait${codes}`;
}

/**
 * Switches codes on that are learnt from rows: a server that indexes as it stores does it when it
 * is told, once there are rows, and takes no writes meanwhile; one with queues does it by itself.
 */
async function makeCodes(finishing: Finishing, hasQueues: boolean): Promise<void> {
  const { server, name } = finishing;
  await server.ask('PUT', pathOf(name), (await findClass(server, name)) ?? {});
  const beganNs = nowNs();
  let wasBusy = false;
  const isLost = (shards: readonly Shard[]): boolean => {
    const isBusy = !shards.every(isIdle);
    const isOver = wasBusy && !isBusy;
    wasBusy ||= isBusy;
    return isOver || (!hasQueues && !isBusy && nowNs() - beganNs > codesLateNs);
  };
  await waitFor(finishing, (shard) => isIdle(shard) && isCompressed(shard), isLost);
  if ((await shardsOf(finishing)).every(isCompressed)) return;
  throw new BenchError('STORE_FAILED', `${server.where}: ${name}: no codes were made`, {
    hint: "the server's log says why",
  });
}

/**
 * When an index has changed to a graph is not told. The queue before it stands still meanwhile: a
 * row that is stored then, and removed again, is through when it is over.
 */
async function waitForGraph(finishing: Finishing): Promise<void> {
  const { server, name, dimensions } = finishing;
  const vector = Array.from({ length: dimensions }, (_, place) => (place === 0 ? 1 : 0));
  const vectors = { [vectorName]: vector };
  await server.ask('POST', '/v1/objects', { class: name, id: markerUuid, vectors });
  await waitFor(finishing, isIdle);
  await server.ask('DELETE', `/v1/objects/${name}/${markerUuid}`);
  await waitFor(finishing, isIdle);
}
