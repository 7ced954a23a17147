import type { Adapter, ConnectContext, Store } from '../adapter.js';
import { hostedStore } from '../host/hosted-store.js';
import { nodeEngine } from '../host/node/launch.js';
import type { Target } from '../plan.js';
import { readOnly } from './read-only.js';

/** What is needed to open a store, in any thread. */
export interface StoreSource {
  /** Of the target, for messages. */
  readonly name: string;
  /** Where the adapter is imported from. */
  readonly adapterUrl: string;
  readonly options: unknown;
  /** Whether an embedded engine that can do so works in this process. */
  readonly inProcess: boolean;
  /** The name of a collection of a person's own, which is only read. */
  readonly attached?: string;
}

/** How load workers reach what a plan names. */
export function sourceOf(target: Target): StoreSource {
  const { name, adapterUrl, options, inProcess = false, attach } = target;
  const attached = attach && { attached: attach.collection };
  return { name, adapterUrl, options, inProcess, ...attached };
}

/**
 * Opens a store. An embedded engine works in an engine host of Node, unless it starts a process of
 * its own or may, and shall, work in this one. A store with an attached collection is only read.
 */
export async function openStore(
  adapter: Adapter,
  source: StoreSource,
  context: ConnectContext,
): Promise<Store> {
  if (isHosted(adapter, source.inProcess)) return hostedStore(nodeEngine(source), context);
  const store = await adapter.connect(source.options, context);
  return source.attached === undefined ? store : readOnly(store, source.attached);
}

/** Whether an adapter's store is opened in an engine host of Node. */
export function isHosted({ kind, ownProcess, inProcess }: Adapter, asked: boolean): boolean {
  if (kind !== 'embedded' || ownProcess === true) return false;
  return !(asked && inProcess === true);
}
