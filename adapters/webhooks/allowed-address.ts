import { BlockList, isIP } from 'node:net';
import { isPublicAddress } from '../lightning/wallets/public-https.js';

/** Networks of one's own that may be asked all the same, like `10.1.0.0/16`; none by default. */
export type AllowedNetworks = readonly string[];

/** Undefined where it is not a network. */
export function parseNetwork(
  text: string,
):
  | { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' }
  | undefined {
  const [address = '', prefix, more] = text.split('/');
  const version = isIP(address);
  const longest = version === 6 ? 128 : 32;
  const bits = prefix === undefined ? longest : Number(prefix);
  const isNumber = prefix === undefined || /^\d{1,3}$/.test(prefix);
  if (version === 0 || more !== undefined || !isNumber || bits > longest) return undefined;
  return { address, bits, family: version === 6 ? 'ipv6' : 'ipv4' };
}

/** What an address is to whoever sends there: of the internet, of a network that was allowed, or not to be asked. */
export type AddressKind = 'public' | 'allowed' | 'refused';

/**
 * An address that maps or carries another one (IPv4 in IPv6) is neither: the networks of {@link isPublicAddress} have none of them, and
 * an allowed network contains only what is written as one of its addresses.
 */
export function addressKinds(allowed: AllowedNetworks): (address: string) => AddressKind {
  const list = new BlockList();
  for (const text of allowed) {
    const network = parseNetwork(text);
    if (network !== undefined) list.addSubnet(network.address, network.bits, network.family);
  }
  return (address) => {
    if (isPublicAddress(address)) return 'public';
    const version = isIP(address);
    if (version === 0 || (version === 6 && isMapped(address))) return 'refused';
    return list.check(address, version === 6 ? 'ipv6' : 'ipv4') ? 'allowed' : 'refused';
  };
}

const mapped = new BlockList();
mapped.addSubnet('::ffff:0:0', 96, 'ipv6');
function isMapped(address: string): boolean {
  return mapped.check(address, 'ipv6');
}
