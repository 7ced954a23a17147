import type { Target } from '../core/plan.js';
import type { Mask } from '../core/secrets.js';
import { isNear, type Resolve } from '../core/server/address.js';
import { shownUrl } from '../core/server/connection-error.js';

/** A target outside of loopback and private networks. */
export interface Elsewhere {
  readonly name: string;
  /** Those that are outside, without what may be secret in them. */
  readonly addresses: readonly string[];
}

/** How addresses are looked up, and shown. */
export interface Looking {
  /** As the system does when not given. */
  readonly resolve?: Resolve;
  readonly mask: Mask;
}

/** Those of some targets that are outside of loopback and private networks. */
export async function findElsewhere(
  targets: readonly Target[],
  looking: Looking,
): Promise<readonly Elsewhere[]> {
  const found = await Promise.all(targets.map((target) => elsewhereOf(target, looking)));
  return found.flatMap((one) => one ?? []);
}

async function elsewhereOf(
  { name, adapter, options }: Target,
  { resolve, mask }: Looking,
): Promise<Elsewhere | undefined> {
  const addresses = [...new Set(addressesIn(options))];
  const near = await Promise.all(addresses.map((one) => isHere(one, resolve)));
  const outside = addresses.filter((_, index) => near[index] !== true);
  const far = [...new Set(outside.map((one) => mask(shownUrl(one))))];
  if (far.length > 0) return { name, addresses: far };
  // A service needs no address: its client knows where it is.
  const isService = adapter.kind === 'cloud' && addresses.length === 0;
  return isService ? { name, addresses: ['a service'] } : undefined;
}

const address = /^[a-z][a-z0-9+.-]*:\/\//i;
const placeName = /^(host(name)?|address|endpoint|server|broker|node|proxy)(e?s)?$/i;

/** What in the options of an adapter, checked, may be an address: as a text, or by its name. */
function addressesIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string') {
    const texts = address.test(value) ? [value] : placeName.test(key) ? [`tcp://${value}`] : [];
    return texts.flatMap(eachHost);
  }
  if (Array.isArray(value)) return value.flatMap((item) => addressesIn(item, key));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => addressesIn(inner, name));
}

/** Some addresses name several hosts, with commas between. */
function eachHost(text: string): string[] {
  const [, protocol = '', place = ''] = /^([^/]*:\/\/)([^/?#]*)/.exec(text) ?? [];
  const hosts = place.slice(place.lastIndexOf('@') + 1).split(',');
  return hosts.length === 1 ? [text] : hosts.map((host) => `${protocol}${host}`);
}

/** Storage of a cloud, and names that only a record for services (SRV) is behind. */
const service = /^(s3a?|gs|az|abfss?|wasbs?|[a-z]+\+srv):/i;

async function isHere(url: string, resolve: Resolve | undefined): Promise<boolean> {
  return !service.test(url) && isNear(url, resolve);
}
