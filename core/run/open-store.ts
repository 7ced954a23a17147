import type { Adapter, ConnectContext, Store } from '../adapter.js';
import { hostedStore } from '../host/hosted-store.js';
import { nodeEngine } from '../host/node/launch.js';
import type { Target } from '../plan.js';

/** What is needed to open a store, in any thread. */
export interface StoreSource {
  /** Of the target, for messages. */
  readonly name: string;
  /** Where the adapter is imported from. */
  readonly adapterUrl: string;
  readonly options: unknown;
  /** Whether an embedded engine that can do so works in this process. */
  readonly inProcess: boolean;
}

/** How load workers reach what a plan names. */
export function sourceOf({ name, adapterUrl, options, inProcess = false }: Target): StoreSource {
  return { name, adapterUrl, options, inProcess };
}

/**
 * Opens a store. An embedded engine works in an engine host of Node, unless it starts a process of
 * its own or may, and shall, work in this one.
 */
export async function openStore(
  adapter: Adapter,
  source: StoreSource,
  context: ConnectContext,
): Promise<Store> {
  return isHosted(adapter, source.inProcess)
    ? hostedStore(nodeEngine(source), context)
    : adapter.connect(source.options, context);
}

/** Whether an adapter's store is opened in an engine host of Node. */
export function isHosted({ kind, ownProcess, inProcess }: Adapter, asked: boolean): boolean {
  if (kind !== 'embedded' || ownProcess === true) return false;
  return !(asked && inProcess === true);
}
