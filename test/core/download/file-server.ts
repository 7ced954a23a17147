import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A file as a server has it. */
export interface Served {
  readonly bytes: Buffer;
  readonly etag?: string;
  readonly lastModified?: string;
  /** Whether ranges are answered; else always the whole file. */
  readonly ranges?: boolean;
  /** Whether If-Range is heeded; else a range is sent whatever it says. */
  readonly heedsIfRange?: boolean;
  /** Bytes of the body after which the connection is cut, once the client has written them. */
  readonly cutAfter?: number;
  /** Begins to watch the client. @returns what resolves when it has so much of the file */
  readonly watch?: () => (bytes: number) => Promise<void>;
  /** Bytes of the body after which nothing more comes. */
  readonly stallAfter?: number;
}

/** What is answered to a request. @param index how many came before it */
export type Answer = (request: IncomingMessage, response: ServerResponse, index: number) => void;

/** A server on the loopback interface and what it was asked. */
export interface FileServer {
  readonly address: string;
  readonly requests: readonly IncomingMessage[];
}

/** Starts a server that is gone after the test. */
export async function startServer(context: TestContext, answer: Answer): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, requests.length - 1);
  });
  return { address: await listen(context, server), requests };
}

/** Lets a server listen on 127.0.0.1 until the test is over. */
export async function listen(context: TestContext, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers with a file, or a range of it, as RFC 9110 has it. */
export function sendFile(request: IncomingMessage, response: ServerResponse, file: Served): void {
  const { bytes, ranges = true, watch } = file;
  const written = watch?.();
  const begin = ranges ? rangeBegin(request, file) : undefined;
  const body = bytes.subarray(begin ?? 0);
  response.writeHead(begin === undefined ? 200 : 206, {
    'content-length': body.length,
    ...versionOf(file),
    ...(begin === undefined
      ? {}
      : { 'content-range': `bytes ${begin}-${bytes.length - 1}/${bytes.length}` }),
  });
  const some = file.cutAfter ?? file.stallAfter;
  if (some === undefined || some >= body.length) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, some));
  if (file.stallAfter !== undefined) return;
  void written?.((begin ?? 0) + some).then(() => response.socket?.destroy());
}

function versionOf({ etag, lastModified }: Served): Record<string, string> {
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
  };
}

function rangeBegin(request: IncomingMessage, file: Served): number | undefined {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  if (range === null) return undefined;
  const condition = request.headers['if-range'];
  const isSame = condition === file.etag || condition === file.lastModified;
  if (file.heedsIfRange !== false && !isSame) return undefined;
  return Number(range[1]);
}
