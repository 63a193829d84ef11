import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkOf, originOf } from '../../../../engine/accounts/origin.js';

describe('the origin of an anonymous request', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fc00:dead:beef:4dad::1a2b:3c4d', 'fc00:dead:beef:4dad::1a2b:3c4d'],
  ])('of %s is that of %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('is the same for all of a /64, and another for the next', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.nat(0xffff), fc.nat(0xffff), (network, one, other) => {
        const origin = (net: number, host: number): string =>
          originOf('a secret', `2001:db8:0:${net.toString(16)}::${host.toString(16)}`).toString(
            'hex',
          );
        expect(origin(network, one)).toBe(origin(network, other));
        expect(origin(network, one)).not.toBe(origin((network + 1) % 0x10000, one));
      }),
    );
  });

  it('does not tell the address, and depends on the secret', () => {
    expect(originOf('a secret', '203.0.113.7')).toHaveLength(16);
    expect(originOf('a secret', '203.0.113.7')).not.toEqual(originOf('another', '203.0.113.7'));
  });
});
