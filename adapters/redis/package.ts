import { importOptional, type PackageUser, placeOfOptional } from '../../core/optional-package.js';
import type { NodeTls } from '../../core/server/options.js';

const spec = 'ioredis@6.0.0';

/** What this adapter needs. */
export const needs: PackageUser = { name: 'redis', npm: [spec] };

/** What a command is made of. */
export type Argument = string | Buffer;

/** What a command is answered with: bulk strings come as bytes. */
export type Reply = null | number | Buffer | string | Error | readonly Reply[];

/** Commands that are sent together. */
export interface Pipeline {
  callBuffer(command: string, args: readonly Argument[]): Pipeline;
  /** One pair a command: what it failed with, else its answer. */
  exec(): Promise<readonly (readonly [Error | null, Reply])[] | null>;
}

/** One connection. */
export interface Client {
  readonly status: string;
  connect(): Promise<void>;
  callBuffer(command: string, args: readonly Argument[]): Promise<Reply>;
  pipeline(): Pipeline;
  on(event: 'error', listener: (error: Error) => void): unknown;
  disconnect(): void;
}

/** The options of the client that are used here. */
export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: NodeTls;
  readonly connectTimeout: number;
  readonly commandTimeout: number;
  readonly protocol: 2;
  readonly lazyConnect: true;
  readonly enableReadyCheck: false;
  readonly enableOfflineQueue: false;
  readonly enableAutoPipelining: false;
  readonly autoResendUnfulfilledCommands: false;
  readonly disableClientInfo: true;
  readonly maxRetriesPerRequest: 0;
  readonly retryStrategy: null;
}

/** The part of the package that is used here. */
export interface Package {
  readonly Redis: new (options: ClientOptions) => Client;
  readonly version: string;
}

/** @throws BenchError NO_PACKAGE */
export async function loadPackage(): Promise<Package> {
  const { Redis } = await importOptional<Package>(spec, needs);
  return { Redis, version: placeOfOptional(spec, needs).version };
}
