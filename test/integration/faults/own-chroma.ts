import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { chromaCommand, freePort, OwnServer } from './own-servers.js';

/** A Chroma of a test. */
export interface OwnChroma {
  readonly server: OwnServer;
  readonly url: string;
}

/** Starts a Chroma. */
export async function ownChroma(context: TestContext): Promise<OwnChroma> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'bench-chroma-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const url = `http://127.0.0.1:${port}`;
  const isReady = async (): Promise<boolean> => {
    const answer = await fetch(`${url}/api/v2/heartbeat`).catch(() => undefined);
    return answer?.status === 200;
  };
  const command = chromaCommand(port, folder);
  return { server: await OwnServer.start(context, { command, port, isReady }), url };
}

/** Where the collections of a Chroma are. */
export function collectionsOf(url: string): string {
  return `${url}/api/v2/tenants/default_tenant/databases/default_database/collections`;
}

/** The names of the collections of a Chroma. */
export async function collectionNames(url: string): Promise<string[]> {
  const found = (await (await fetch(collectionsOf(url))).json()) as { name: string }[];
  return found.map(({ name }) => name);
}
