import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { METHODS } from '../../../../../adapters/lightning/lnd/methods.js';
import { LndWallets } from '../../../../../adapters/lightning/wallets/lnd-wallets.js';
import { NwcWallets } from '../../../../../adapters/lightning/wallets/nwc-wallets.js';
import type { WalletConnection } from '../../../../../adapters/lightning/wallets/port.js';
import { lndConnect } from '../../../../../services/cli/servers/lightning/lnd-connect.js';
import { NwcService } from '../../../../support/nwc-service.js';
import { SATS, sending } from '../world.helper.js';
import type { Stand } from './stand.helper.js';

const REQUEST = { amountMsat: SATS(321), expirySeconds: 600, memo: 'for a payee' };

/** Payees' wallets whose money is on a real lnd. */
export function payeesWallets(stand: () => Stand): void {
  describe("a payee's wallet", () => {
    const wallets = new LndWallets({ timeoutMs: 5_000, mayConnect: () => true });

    test('that is an lnd mints by its invoice macaroon, and says when it was paid', async () => {
      const at = stand();
      const wallet = { kind: 'lnd', address: await lndConnect(at.network.carol) } as const;
      await wallets.check(wallet);
      const { bolt11 } = await wallets.mint(wallet, REQUEST);
      const { hash, amountMsat, memo } = await at.node.decode(bolt11);
      expect({ amountMsat, memo }).toEqual({ amountMsat: SATS(321), memo: 'for a payee' });
      expect(await wallets.hasReceived(wallet, hash)).toBe(false);
      await at.channel.first(
        METHODS.sendPayment,
        { payment_request: bolt11, timeout_seconds: 10, fee_limit_msat: '10000' },
        ({ status }) => status === 'SUCCEEDED',
      );
      expect(await wallets.hasReceived(wallet, hash)).toBe(true);
    });

    test('with the admin macaroon is refused, and so is one in a private network', async () => {
      const { carol } = stand().network;
      const address = new URL(await lndConnect(carol));
      const admin = await readFile(carol.files.macaroon);
      address.searchParams.set('macaroon', admin.toString('base64url'));
      const spending: WalletConnection = { kind: 'lnd', address: address.href };
      await expect(wallets.check(spending)).rejects.toMatchObject({ kind: 'can_spend' });
      await expect(wallets.mint(spending, REQUEST)).rejects.toMatchObject({ kind: 'can_spend' });
      const outside = new LndWallets({ timeoutMs: 5_000 });
      const own = { kind: 'lnd', address: await lndConnect(carol) } as const;
      await expect(outside.mint(own, REQUEST)).rejects.toMatchObject({ kind: 'refused' });
    });

    test('over Nostr Wallet Connect mints at the lnd behind it, and is paid', async () => {
      const at = stand();
      const service = await NwcService.start({
        make_invoice: async ({ amount = 0, description = '' }) => {
          const asked = { value_msat: String(amount), memo: description, expiry: '600' };
          const added = await at.network.carol.channel.call(METHODS.addInvoice, asked);
          return { invoice: added.payment_request };
        },
      });
      try {
        const nwc = new NwcWallets({ timeoutMs: 10_000, WebSocket });
        const { bolt11 } = await nwc.mint({ kind: 'nwc', address: service.uri }, REQUEST);
        const { hash } = await at.node.decode(bolt11);
        const first = await at.node.sendPayment(sending({ bolt11, hash }));
        expect(first.state).not.toBe('failed');
      } finally {
        await service.close();
      }
    });
  });
}
