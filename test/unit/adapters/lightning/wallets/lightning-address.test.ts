import { describe, expect, test } from 'vitest';
import {
  type GetText,
  LightningAddressWallets,
} from '../../../../../adapters/lightning/wallets/lightning-address.js';
import { isPublicAddress } from '../../../../../adapters/lightning/wallets/public-https.js';
import { toMsat } from '../../../../../domain/money.js';

const OFFER = {
  tag: 'payRequest',
  callback: 'https://pay.example.org/cb?id=7',
  minSendable: 1_000,
  maxSendable: 9_000,
  metadata: '[]',
};

function answering(...answers: unknown[]): { get: GetText; asked: string[] } {
  const asked: string[] = [];
  const get: GetText = (url) => {
    asked.push(url.href);
    return Promise.resolve(JSON.stringify(answers.shift()));
  };
  return { get, asked };
}

function mint(address: string, get: GetText, amount = 5_000n): Promise<unknown> {
  const wallets = new LightningAddressWallets({ timeoutMs: 1_000, get });
  const request = { amountMsat: toMsat(amount), expirySeconds: 600, memo: 'a zap' };
  return wallets.mint({ kind: 'lightning_address', address }, request);
}

describe('a Lightning address', () => {
  test('mints over its callback, which keeps its own parameters', async () => {
    const { get, asked } = answering(OFFER, { pr: 'lnbc1' });
    expect(await mint('Alice@Example.org', get)).toEqual({ bolt11: 'lnbc1' });
    expect(asked).toEqual([
      'https://example.org/.well-known/lnurlp/alice',
      'https://pay.example.org/cb?id=7&amount=5000',
    ]);
  });

  test.each(['alice', 'alice@localhost', 'a/b@example.org', 'alice@10.0.0.1', 'a@b@example.org'])(
    '%s is none, and nobody is asked',
    async (address) => {
      const { get, asked } = answering();
      await expect(mint(address, get)).rejects.toMatchObject({ kind: 'refused' });
      expect(asked).toEqual([]);
    },
  );

  test.each([999n, 9_001n])('refuses %s msat, which it does not accept', async (amount) => {
    const { get } = answering(OFFER);
    await expect(mint('a@example.org', get, amount)).rejects.toMatchObject({ kind: 'refused' });
  });

  test('tells a refusal from an answer that cannot be read', async () => {
    const { get: refusing } = answering({ status: 'ERROR', reason: 'no such user' });
    await expect(mint('a@example.org', refusing)).rejects.toMatchObject({ kind: 'refused' });
    for (const odd of [{}, { ...OFFER, callback: 'http://example.org' }, 7]) {
      const { get } = answering(odd);
      await expect(mint('a@example.org', get)).rejects.toMatchObject({ kind: 'unavailable' });
    }
  });
});

describe('an address', () => {
  const OURS = [
    ...['127.0.0.1', '10.1.2.3', '169.254.169.254', '192.168.0.1', '100.64.0.1', '0.0.0.0'],
    ...['172.16.0.1', '172.31.255.255', '192.0.0.8', '192.0.2.1', '198.18.0.1', '198.19.255.255'],
    ...['198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ];
  const OURS_6 = [
    '::1',
    '::',
    '::ffff:127.0.0.1',
    'fc00::1',
    'fe80::1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    '3fff::1',
  ];
  test.each([...OURS, ...OURS_6, 'example.org'])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['1.1.1.1', '172.32.0.1', '2606:4700::1111'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('LUD-21', () => {
  const wallet = { kind: 'lightning_address', address: 'a@example.org' } as const;
  const VERIFY = 'https://pay.example.org/verify/7';

  test('a service that offers it is asked there whether it was paid', async () => {
    const { get } = answering(OFFER, { pr: 'lnbc1', verify: VERIFY });
    expect(await mint('a@example.org', get)).toEqual({ bolt11: 'lnbc1', verify: VERIFY });
    const { get: settled, asked } = answering({ status: 'OK', settled: true, preimage: null });
    const wallets = new LightningAddressWallets({ timeoutMs: 1_000, get: settled });
    expect(await wallets.hasReceived(wallet, '', VERIFY)).toBe(true);
    expect(asked).toEqual([VERIFY]);
  });

  test('what is no https URL is as if it was not offered, and then nobody is asked', async () => {
    const { get } = answering(OFFER, { pr: 'lnbc1', verify: 'http://10.0.0.1/' });
    expect(await mint('a@example.org', get)).toEqual({ bolt11: 'lnbc1' });
    const { get: nobody, asked } = answering();
    const wallets = new LightningAddressWallets({ timeoutMs: 1_000, get: nobody });
    expect(await wallets.hasReceived(wallet, '', null)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
