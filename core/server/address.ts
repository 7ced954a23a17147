import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { codeOf } from '../errors.js';

const near = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  near.addSubnet(network, prefix, 'ipv4');
}
near.addAddress('::1', 'ipv6');
for (const [network, prefix] of [
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  near.addSubnet(network, prefix, 'ipv6');
}

/** Finds the addresses of a host's name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/**
 * Whether an address is this machine's or of a private network: loopback (RFC 1122, 4291), private
 * (RFC 1918, 4193), link-local (RFC 3927, 4291) or shared (RFC 6598). Of a name all addresses must
 * be; a name that is not known is no place elsewhere, as nothing can be sent to it.
 */
export async function isNear(url: string, resolve: Resolve = addressesOf): Promise<boolean> {
  if (!URL.canParse(url)) return true;
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  // The address of a Unix socket has none.
  if (host === '') return true;
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  return addresses.every((address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return near.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
  });
}

/** Where a name could not be looked up, it may still be anywhere. */
const anywhere = ['0.0.0.1'];

async function addressesOf(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    return codeOf(error) === 'ENOTFOUND' ? [] : anywhere;
  }
}
