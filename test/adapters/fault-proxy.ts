import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** What a proxy does to answers. */
export type Fault =
  /** Passes so many bytes, then ends the connection; once, or that of every answer. */
  | { readonly kind: 'cut'; readonly bytes: number; readonly once?: boolean }
  /** Passes so many bytes, then no more. */
  | { readonly kind: 'silent'; readonly bytes: number }
  /** Passes each part so much later. */
  | { readonly kind: 'late'; readonly ms: number }
  /** Answers itself, as a web server does that knows no such page. */
  | { readonly kind: 'html'; readonly status: number }
  /** Answers itself with these bytes. */
  | { readonly kind: 'own'; readonly answer: Buffer };

/** A proxy on loopback before a server. */
export interface FaultProxy {
  readonly port: number;
  /** How many connections came. */
  readonly connections: () => number;
  /** What becomes of all answers from now on; without a fault they pass. */
  hurt(fault?: Fault): void;
  /** Ends all connections, and takes no more. */
  close(): void;
}

interface Way {
  readonly client: Socket;
  readonly server: Socket;
}

/** Puts a proxy before a port of the loopback; it ends with the test. */
export async function faultProxy(context: TestContext, port: number): Promise<FaultProxy> {
  const ways = new Set<Way>();
  let count = 0;
  let fault: Fault | undefined;
  let passed = 0;
  const proxy = createServer((client) => {
    const way = { client, server: connect(port, '127.0.0.1') };
    count += 1;
    ways.add(way);
    for (const socket of [way.client, way.server]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        way.server.destroy();
        ways.delete(way);
      });
    }
    client.on('data', (part) => {
      const own = ownAnswer(fault);
      if (own === undefined) way.server.write(part);
      else client.end(own);
    });
    way.server.on('data', (part) => {
      const mayPass = fault !== undefined && 'bytes' in fault ? Number(fault.bytes) - passed : 0;
      passed += part.length;
      pass(way, part, { fault, mayPass });
      if (fault?.kind === 'cut' && fault.once === true && part.length > mayPass) fault = undefined;
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    proxy.close();
    for (const { client } of ways) client.destroy();
  };
  context.after(close);
  return {
    port: (proxy.address() as AddressInfo).port,
    connections: () => count,
    hurt(next) {
      fault = next;
      passed = 0;
    },
    close,
  };
}

interface Passing {
  readonly fault: Fault | undefined;
  /** How many bytes of answers may pass yet. */
  readonly mayPass: number;
}

/** Passes what may pass of an answer. */
function pass({ client }: Way, part: Buffer, { fault, mayPass }: Passing): void {
  if (fault?.kind === 'late') setTimeout(() => client.write(part), fault.ms);
  else if (fault?.kind === 'cut' || fault?.kind === 'silent') {
    if (mayPass > 0) client.write(part.subarray(0, mayPass));
    if (mayPass < part.length && fault.kind === 'cut') client.end();
  } else client.write(part);
}

function ownAnswer(fault: Fault | undefined): Buffer | undefined {
  if (fault?.kind === 'own') return fault.answer;
  if (fault?.kind !== 'html') return undefined;
  const page = '<html><body>no such page</body></html>';
  const head = `HTTP/1.1 ${fault.status} Status\r\nContent-Type: text/html\r\n`;
  return Buffer.from(`${head}Connection: close\r\nContent-Length: ${page.length}\r\n\r\n${page}`);
}
