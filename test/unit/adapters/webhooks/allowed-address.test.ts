import { describe, expect, it } from 'vitest';
import { addressKinds, parseNetwork } from '../../../../adapters/webhooks/allowed-address.js';
import { createWebhookPort } from '../../../../adapters/webhooks/create-port.js';

const byDefault = addressKinds([]);
const inside = addressKinds(['10.1.0.0/16', 'fd00::/8']);

describe('addresses that webhooks are sent to', () => {
  it.each([
    ...['127.0.0.1', '127.255.0.9', '0.0.0.0', '10.0.0.1', '172.31.255.1', '192.168.1.1'],
    ...['169.254.169.254', '100.64.0.1', '224.0.0.1', '255.255.255.255', '192.0.0.8'],
    ...['::', '::1', 'fe80::1', 'fd00::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '64:ff9b::7f00:1', '::127.0.0.1'],
    ...['', 'localhost', '1.2.3', '0x7f.1'],
  ])('%s is refused', (address) => expect(byDefault(address)).toBe('refused'));

  it.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111'])('%s is public', (address) =>
    expect(byDefault(address)).toBe('public'),
  );

  it('a network of one’s own may be allowed, and nothing else by it', () => {
    expect(['10.1.2.3', 'fd12::1'].map(inside)).toEqual(['allowed', 'allowed']);
    expect(['10.2.0.1', '127.0.0.1', '::1', '::ffff:10.1.2.3'].map(inside)).toEqual(
      Array.from({ length: 4 }, () => 'refused'),
    );
    expect(addressKinds(['::/0'])('::ffff:127.0.0.1')).toBe('refused');
  });

  it.each(['10.0.0.0/33', '10.0.0.0/x', '10/8', 'a/8', '::/129', '1.1.1.1/8/8', ''])(
    '%j is no network',
    (text) => expect(parseNetwork(text)).toBeUndefined(),
  );
});

describe('what the text of an address shows', () => {
  const port = createWebhookPort([]);
  it.each([
    ...['http://example.com/', 'ftp://example.com/', 'https://127.0.0.1/', 'https://0x7f.1/'],
    ...['https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'https://2130706433/', 'nothing', ''],
    ...[
      'https://user:pass@example.com/',
      'https://169.254.169.254/latest',
      'https://017700000001/',
    ],
  ])('%s is refused', (url) => expect(port.refusalOf(url)).toBeTypeOf('string'));

  it.each(['https://example.com/', 'https://example.com:8443/a?b=c', 'https://8.8.8.8/'])(
    '%s may be sent to',
    (url) => expect(port.refusalOf(url)).toBeUndefined(),
  );

  it('http is for allowed networks only', () => {
    const allowing = createWebhookPort(['10.0.0.0/8']);
    expect(allowing.refusalOf('http://10.0.0.1/')).toBeUndefined();
    expect(allowing.refusalOf('http://8.8.8.8/')).toBe('must be https');
  });
});
