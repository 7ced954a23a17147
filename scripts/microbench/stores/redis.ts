import { clientOptions, parseOptions } from '../../../adapters/redis/options.js';
import { type Argument, type Client, loadPackage } from '../../../adapters/redis/package.js';
import type { RedisSearch } from '../../../adapters/redis/server.js';
import type { VectorSet } from '../../../adapters/redis/vectorset-commands.js';
import { type BareLoadInput, type BareStore, bareLimitMs, partsOf, rowOf } from '../stores-bare.js';

const loadConnections = 8;
const pipelined = 1000;

async function openClients(options: unknown, count: number): Promise<readonly Client[]> {
  const { Redis } = await loadPackage();
  const settings = clientOptions(parseOptions(options), bareLimitMs);
  const clients = Array.from({ length: count }, () => new Redis(settings));
  for (const client of clients) client.on('error', () => undefined);
  await Promise.all(clients.map((client) => client.connect()));
  return clients;
}

function close(clients: readonly Client[]): void {
  for (const client of clients) client.disconnect();
}

function setOf({ handle }: BareLoadInput): VectorSet {
  return handle as VectorSet;
}

function argumentsOf(input: BareLoadInput, row: number): readonly Argument[] {
  const { key } = setOf(input);
  const { buffer, byteOffset, byteLength } = rowOf(input, row);
  const blob = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  return [key, 'FP32', blob, String(row), 'NOQUANT'];
}

/** @throws Error with what the first command that failed was refused with */
async function sendPart(client: Client, part: readonly (readonly Argument[])[]): Promise<void> {
  const pipeline = client.pipeline();
  for (const args of part) pipeline.callBuffer('VADD', args);
  const failed = (await pipeline.exec())?.find(([error]) => error !== null);
  if (failed !== undefined) throw failed[0];
}

/** Redis by ioredis: a connection for each request in flight. */
const redis: BareStore = {
  searched: { family: 'hnsw' },
  loaded: { family: 'hnsw' },
  way: `VADD FP32, ${pipelined} in a pipeline, ${loadConnections} connections`,
  search: {
    async client({ options, prepared, connections }) {
      const clients = await openClients(options, connections);
      const all = (prepared as readonly RedisSearch[]).map(({ args }) => args);
      return {
        send: (caller, query) =>
          (clients[caller] as Client).callBuffer('VSIM', all[query] as readonly Argument[]),
        close: async () => close(clients),
      };
    },
  },
  async load(input) {
    const clients = await openClients(input.options, loadConnections);
    const parts = partsOf(input.rows, pipelined).map(({ from, count }) =>
      Array.from({ length: count }, (_, row) => argumentsOf(input, from + row)),
    );
    const sendEvery = async (client: Client, first: number): Promise<void> => {
      for (let part = first; part < parts.length; part += loadConnections) {
        await sendPart(client, parts[part] as (typeof parts)[number]);
      }
    };
    return {
      async send() {
        await Promise.all(clients.map(sendEvery));
      },
      stored: async () => Number(await clients[0]?.callBuffer('VCARD', [setOf(input).key])),
      close: async () => close(clients),
    };
  },
};

export default redis;
