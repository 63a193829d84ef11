import { describe, expect, it } from 'vitest';
import { trustedProxies } from '../../../../services/api/trusted-proxies.js';

describe('trusted proxies', () => {
  const isTrusted = trustedProxies(['10.1.0.0/16', '192.0.2.7', '2001:db8::/32', 'loopback']);

  it.each(['10.1.2.3', '192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1', '127.0.0.1', '::1'])(
    '%s is one',
    (address) => expect(isTrusted(address)).toBe(true),
  );

  it.each(['10.2.0.1', '192.0.2.8', '2001:db9::1', '', 'unix'])('%s is none', (address) =>
    expect(isTrusted(address)).toBe(false),
  );
});
