import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { NwcWallets } from '../../../../../adapters/lightning/wallets/nwc-wallets.js';
import { toMsat } from '../../../../../domain/money.js';
import { NwcService } from '../../../../support/nwc-service.js';

let service: NwcService;
beforeEach(async () => {
  service = await NwcService.start({
    make_invoice: ({ amount, description }) => ({ invoice: `lnbc-${amount}-${description}` }),
    lookup_invoice: ({ payment_hash: hash }) => ({ settled_at: hash === 'paid' ? 7 : null }),
  });
});
afterEach(() => service.close());

const wallets = (timeoutMs = 5_000): NwcWallets => new NwcWallets({ timeoutMs, WebSocket });
const wallet = () => ({ kind: 'nwc', address: service.uri }) as const;
const REQUEST = { amountMsat: toMsat(5_000n), expirySeconds: 600, memo: 'zap' };

describe('a wallet over Nostr Wallet Connect', () => {
  test.each(['nip44_v2', 'nip04'] as const)('mints, in %s', async (encryption) => {
    service.encryption = encryption;
    expect(await wallets().mint(wallet(), REQUEST)).toEqual({ bolt11: 'lnbc-5000-zap' });
    expect(service.encryptions).toEqual([encryption, encryption]);
  });

  test.each(['pay_invoice', 'multi_pay_invoice', 'pay_keysend', 'create_connection'])(
    'that permits %s is refused, and does not mint',
    async (method) => {
      service.methods = ['get_info', 'make_invoice', method];
      const refused = { kind: 'can_spend' };
      await expect(wallets().check(wallet())).rejects.toMatchObject(refused);
      await expect(wallets().mint(wallet(), REQUEST)).rejects.toMatchObject(refused);
      expect(service.asked).not.toContain('make_invoice');
    },
  );

  test('that does not say what it permits is refused', async () => {
    service.methods = undefined;
    await expect(wallets().check(wallet())).rejects.toMatchObject({ kind: 'refused' });
  });

  test('tells a refusal from silence, and ends in its time', async () => {
    service.errors.set('make_invoice', { code: 'QUOTA_EXCEEDED', message: 'no more' });
    await expect(wallets().mint(wallet(), REQUEST)).rejects.toMatchObject({ kind: 'refused' });
    service.isSilent = true;
    const began = Date.now();
    await expect(wallets(500).mint(wallet(), REQUEST)).rejects.toMatchObject({
      kind: 'unavailable',
    });
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  test('is not answered by others', async () => {
    service.isForged = true;
    await expect(wallets(500).mint(wallet(), REQUEST)).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });

  test('says what it has received', async () => {
    expect(await wallets().hasReceived(wallet(), 'paid')).toBe(true);
    expect(await wallets().hasReceived(wallet(), 'other')).toBe(false);
  });

  test('is reached only over wss at public addresses', async () => {
    const outside = new NwcWallets({ timeoutMs: 2_000 });
    await expect(outside.mint(wallet(), REQUEST)).rejects.toMatchObject({ kind: 'unavailable' });
    for (const host of ['localhost', '127.0.0.1']) {
      const address = service.uri.replace('ws%3A', 'wss%3A').replace('127.0.0.1', host);
      const secure = { kind: 'nwc', address } as const;
      await expect(outside.mint(secure, REQUEST)).rejects.toMatchObject({ kind: 'unavailable' });
    }
    expect(service.connections).toBe(0);
  });
});
