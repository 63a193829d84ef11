import { payWithWallets, type PayerWallet, webLnWallet } from '@quittance/sdk';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeServer } from './fake-server.helper.js';

let server: FakeServer;
beforeEach(async () => {
  server = new FakeServer();
  await server.openAction();
  server.log.length = 0;
});

const wallet = (name: string, pay: (bolt11: string) => unknown): PayerWallet => ({
  name,
  pay: (bolt11) => {
    server.log.push(`${name} is given ${bolt11}`);
    return Promise.resolve(pay(bolt11));
  },
});
const paying = (name = 'good') => wallet(name, (bolt11) => server.pay(bolt11));
const failing = (name = 'bad') =>
  wallet(name, () => {
    throw new Error('NO_ROUTE');
  });
const pay = (...wallets: PayerWallet[]) =>
  payWithWallets(server, server.action(), wallets, { timeoutMs: 100 });

describe('wallets of a payer', () => {
  it('none: the invoice stays as it is, for a QR code', async () => {
    expect(await pay()).toMatchObject({
      tries: [],
      action: { state: 'PENDING', attempts: [{ attempt: 1 }] },
    });
    expect(server.log).toEqual([]);
  });

  it('the first that pays ends it', async () => {
    const { action, tries } = await pay(paying(), failing());
    expect([action.state, tries]).toEqual([
      'PAID',
      [{ wallet: 'good', attempt: 1, outcome: 'paid' }],
    ]);
    expect(server.log).toEqual(['good is given lnbc-1', 'paid 1']);
  });

  it('an invoice is cancelled before the next wallet is given a new one', async () => {
    const { action, tries } = await pay(failing(), paying());
    expect(action.state).toBe('PAID');
    expect(tries.map(({ wallet: name, outcome }) => [name, outcome])).toEqual([
      ['bad', 'not_paid'],
      ['good', 'paid'],
    ]);
    expect(server.log).toEqual([
      ...['bad is given lnbc-1', 'cancel 1', 'retry 1', 'good is given lnbc-2', 'paid 2'],
    ]);
  });

  it('when all have failed, a QR code gets an invoice that no wallet was given', async () => {
    const { action, tries } = await pay(failing('one'), failing('other'));
    expect(action).toMatchObject({ state: 'PENDING' });
    expect(action.attempts.at(-1)?.invoice?.bolt11).toBe('lnbc-3');
    expect(tries.every(({ error }) => error instanceof Error)).toBe(true);
    expect(server.log.at(-1)).toBe('retry 2');
  });

  it('an error is unknown, not failed: a wallet that paid and said it did not is not paid for twice', async () => {
    const lying = wallet('lying', (bolt11) => {
      server.pay(bolt11);
      throw new Error('PAYMENT_FAILED');
    });
    const { action, tries } = await pay(lying, paying());
    expect([action.state, tries.map(({ outcome }) => outcome)]).toEqual(['PAID', ['paid']]);
    expect(server.newest).toBe(1);
  });

  it('money that is held when the wallet fails is waited for, and the next wallet is not asked', async () => {
    server.onPay = () => 'HELD';
    const lying = wallet('lying', (bolt11) => {
      server.pay(bolt11);
      setTimeout(() => server.settle('PAID'), 30);
      throw new Error('TIMEOUT');
    });
    const { action } = await pay(lying, paying());
    expect([action.state, server.newest]).toEqual(['PAID', 1]);
    expect(server.log).toEqual(['lying is given lnbc-1', 'paid 1', 'cancel 1']);
  });

  it('one that says it has paid and has not is not believed', async () => {
    const { action } = await pay(
      wallet('boasting', () => ({ preimage: '00' })),
      paying(),
    );
    expect([action.state, server.newest]).toEqual(['PAID', 2]);
  });

  it('one that never answers is given up after its time', async () => {
    const { action } = await pay(
      wallet('silent', () => new Promise(() => undefined)),
      paying(),
    );
    expect([action.state, server.newest]).toEqual(['PAID', 2]);
  });

  it('when the payee’s side failed, the same wallet is asked once more, with a new invoice', async () => {
    server.onPay = (attempt) => (attempt === 1 ? 'FAILED' : 'PAID');
    const { action, tries } = await pay(paying('first'), paying('second'));
    expect(action.state).toBe('PAID');
    expect(tries.map(({ wallet: name, attempt }) => [name, attempt])).toEqual([
      ['first', 1],
      ['first', 2],
    ]);
  });

  it('WebLN: it is enabled, then asked', async () => {
    const asked: string[] = [];
    const provider = {
      enable: () => Promise.resolve(void asked.push('enable')),
      sendPayment: (bolt11: string) => {
        asked.push(`pay ${bolt11}`);
        server.pay(bolt11);
        return Promise.resolve({ preimage: '00' });
      },
    };
    expect((await pay(webLnWallet(provider))).action.state).toBe('PAID');
    expect(asked).toEqual(['enable', 'pay lnbc-1']);
  });

  it('WebLN: what its owner declines goes to the next', async () => {
    const provider = {
      enable: () => Promise.reject(new Error('declined')),
      sendPayment: () => Promise.reject(new Error('not enabled')),
    };
    const { tries } = await pay(webLnWallet(provider), paying());
    expect(tries.map(({ outcome }) => outcome)).toEqual(['not_paid', 'paid']);
  });
});
