import { createHmac } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';

/** Tor's proxy protocol gives each circuit to an onion service an address of this network. */
const ONION_CIRCUITS = new BlockList();
ONION_CIRCUITS.addSubnet('fc00:dead:beef:4dad::', 64, 'ipv6');

const ORIGIN_BYTES = 16;

/**
 * Who is behind an anonymous request, as far as limits need it: a keyed hash of the network of its address, since one customer has a
 * whole /64 of IPv6. Of onion services, the circuit.
 */
export function originOf(secret: string, address: string): Buffer {
  const key = createHmac('sha256', secret).update('origin').digest();
  return createHmac('sha256', key).update(networkOf(address)).digest().subarray(0, ORIGIN_BYTES);
}

/** An IPv4 address, or the first 64 bits of an IPv6 one. */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(plain) || ONION_CIRCUITS.check(plain, 'ipv6')) return plain;
  return `${groupsOf(plain).slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  return groups.map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
}
