import { BenchError } from '../errors.js';

/** The proxies that requests go through; an empty text is none. */
export interface Proxies {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  /** Host names with commas between that are reached directly. */
  readonly noProxy: string;
}

/** A variable of the environment and what it holds. */
type Environment = Readonly<Record<string, string | undefined>>;

const protocols = ['http:', 'https:', 'socks5:'];

/**
 * The proxies that the environment names: HTTP_PROXY, HTTPS_PROXY and NO_PROXY; in lower case they
 * come first. Without a protocol it is http.
 *
 * @throws BenchError BAD_ARGUMENT when one is no address; what it holds may be a password and is
 *   not told
 */
export function proxiesOf(environment: Environment): Proxies {
  return {
    httpProxy: proxyOf(environment, 'HTTP_PROXY'),
    httpsProxy: proxyOf(environment, 'HTTPS_PROXY'),
    noProxy: environment.no_proxy ?? environment.NO_PROXY ?? '',
  };
}

function proxyOf(environment: Environment, name: string): string {
  const value = (environment[name.toLowerCase()] ?? environment[name] ?? '').trim();
  if (value === '') return '';
  const address = value.includes('://') ? value : `http://${value}`;
  if (!URL.canParse(address) || !protocols.includes(new URL(address).protocol)) {
    throw new BenchError('BAD_ARGUMENT', `${name} must be an address, it is none`, {
      hint: `export ${name}=http://HOST:PORT, or unset it`,
    });
  }
  return address;
}

/** An address as it may be shown: without user, password and what follows `?`. */
export function shownAddress(address: string): string {
  if (!URL.canParse(address)) return 'an address that cannot be read';
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}
