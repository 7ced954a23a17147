import { type Dispatcher, EnvHttpProxyAgent, Pool, request } from 'undici';
import { BenchError } from '../errors.js';
import { nsPerMs } from '../units.js';
import { type Proxies, proxiesOf, shownAddress } from './proxies.js';

/** What a server answered to a GET. */
export interface Reply {
  readonly status: number;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of the body, whatever is left of it. */
  discard(): void;
}

/** One GET. */
export interface Query {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** Where files are fetched from. */
export interface Transport {
  /**
   * Sends a GET and follows redirects.
   *
   * @throws BenchError DOWNLOAD_FAILED when redirects lead nowhere; errors of the connection as
   *   they are
   */
  get(query: Query): Promise<Reply>;
  close(): Promise<void>;
}

/** How a transport is opened. */
export interface TransportOptions {
  /** A server that sends nothing for so long is given up. */
  readonly stallNs: number;
  /** Else those of the environment. */
  readonly proxies?: Proxies;
}

const mostRedirects = 5;
const redirects = [301, 302, 303, 307, 308];

/**
 * Opens connections by https and http, through proxies where there are any.
 *
 * @throws BenchError BAD_ARGUMENT when a proxy of the environment is no address
 */
export function openTransport({ stallNs, proxies }: TransportOptions): Transport {
  const stallMs = stallNs / nsPerMs;
  const agent = new EnvHttpProxyAgent({
    ...(proxies ?? proxiesOf(process.env)),
    connect: { timeout: stallMs },
    // Plain http is handed to the proxy as it is: many tunnel to port 443 only.
    proxyTunnel: false,
    clientFactory: (origin, options) => {
      return new Pool(origin, { ...options, headersTimeout: stallMs });
    },
  });
  const limits = { headersTimeout: stallMs, bodyTimeout: stallMs };
  return {
    get: (query) => follow(query, (each) => send(each, { dispatcher: agent, ...limits })),
    close: () => agent.destroy(),
  };
}

async function follow(query: Query, ask: (query: Query) => Promise<Reply>): Promise<Reply> {
  let address = query.address;
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const reply = await ask({ ...query, address });
    if (!redirects.includes(reply.status)) return reply;
    reply.discard();
    address = nextAddress(address, reply.header('location'));
  }
  throw new BenchError(
    'DOWNLOAD_FAILED',
    `fetching ${shownAddress(query.address)}: more than ${mostRedirects} redirects, the last to ` +
      shownAddress(address),
    { hint: 'the address may have moved; look at the page of the dataset' },
  );
}

/**
 * Where a redirect leads.
 *
 * @param location the header, an address of its own or relative to `from`
 * @throws BenchError DOWNLOAD_FAILED when there is none, when it is neither https nor http, or when
 *   it leads from https to http
 */
export function nextAddress(from: string, location: string | undefined): string {
  const what = `fetching ${shownAddress(from)}: a redirect`;
  if (location === undefined || !URL.canParse(location, from)) {
    throw new BenchError('DOWNLOAD_FAILED', `${what} says no address`);
  }
  const next = new URL(location, from);
  if (next.protocol !== 'https:' && next.protocol !== 'http:') {
    throw new BenchError(
      'DOWNLOAD_FAILED',
      `${what} must lead to https or http, it leads to ${next.protocol}`,
    );
  }
  if (new URL(from).protocol === 'https:' && next.protocol === 'http:') {
    throw new BenchError(
      'DOWNLOAD_FAILED',
      `${what} leads from https to ${shownAddress(next.href)}, where anybody on the way can ` +
        'change the file',
      { hint: 'a portal of the network may want a login; open the address in a browser' },
    );
  }
  return next.href;
}

type SendOptions = Pick<Dispatcher.RequestOptions, 'headersTimeout' | 'bodyTimeout'> & {
  readonly dispatcher: Dispatcher;
};

async function send({ address, headers, signal }: Query, options: SendOptions): Promise<Reply> {
  const {
    statusCode,
    headers: answered,
    body,
  } = await request(address, {
    ...options,
    method: 'GET',
    headers: { 'user-agent': 'storebench', 'accept-encoding': 'identity', ...headers },
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    status: statusCode,
    header(name) {
      const value = answered[name];
      return Array.isArray(value) ? value[0] : value;
    },
    body,
    discard() {
      // A body that is let go of half-way tells so by an error that is of no interest.
      body.on('error', () => undefined);
      body.destroy();
    },
  };
}
