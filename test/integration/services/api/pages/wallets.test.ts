import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PayeeWallets, WalletError } from '../../../../../adapters/lightning/wallets/port.js';
import type { ApiTester } from '../tester.helper.js';
import { startPages, Visitor } from './pages.helper.js';

const wallets: PayeeWallets = {
  mint: () => Promise.reject(new WalletError('unavailable', 'by a test')),
  check: ({ address }) =>
    address.includes('pay_invoice')
      ? Promise.reject(new WalletError('can_spend', 'the connection permits pay_invoice'))
      : Promise.resolve(),
};

let tester: ApiTester;

beforeAll(async () => {
  tester = await startPages({ wallets });
});
afterAll(() => tester.close());

async function visitor(): Promise<Visitor> {
  const one = new Visitor(tester);
  await one.signIn(await tester.account());
  return one;
}

const add = (one: Visitor, address: string) =>
  one.post('/wallets', { kind: 'nwc', address, priority: '0', enabled: 'on' });

describe('the page of wallets', () => {
  it('does not take one that could be used to spend', async () => {
    const one = await visitor();
    const { status, text } = await add(one, 'nostr+walletconnect://pay_invoice');
    expect(status).toBe(422);
    expect(text).toContain('The connection permits pay_invoice.');
    expect(await tester.count('wallets')).toBe(0);
  });

  it('shows the address of one to its owner alone', async () => {
    const one = await visitor();
    // As long as that of an lnd with its certificate.
    const address = `nostr+walletconnect://receive-only?secret=${'5'.repeat(1_500)}`;
    expect((await add(one, address)).status).toBe(303);
    expect((await one.get('/wallets')).text).toContain(address);
    expect((await (await visitor()).get('/wallets')).text).not.toContain('receive-only');
  });
});
