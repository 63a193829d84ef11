import { NwcError, nwcWallet, parseConnection } from '@quittance/sdk/nwc';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type FakeNwc, type FakeNwcOptions, startNwc } from './fake-relay.helper.js';

const started: FakeNwc[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
});

async function relay(options: FakeNwcOptions = {}): Promise<FakeNwc> {
  const one = await startNwc(options);
  started.push(one);
  return one;
}

const pay = (uri: string, ms = 5_000) =>
  nwcWallet(uri, { WebSocket }).pay('lnbc-1', AbortSignal.timeout(ms));

describe('Nostr Wallet Connect', () => {
  it.each([[['nip44_v2', 'nip04']], [['nip44_v2']], [['nip04']]] as const)(
    'pays by a wallet that knows %j',
    async (knows) => {
      const wallet = await relay({ knows });
      expect(await pay(wallet.uri)).toEqual({ preimage: '00' });
      expect(wallet.asked).toEqual(['lnbc-1']);
      const sent = wallet.received.find((text) => text.startsWith('["EVENT"')) ?? '';
      expect(sent.includes('nip44_v2')).toBe(knows[0] === 'nip44_v2');
      expect(sent.includes('?iv=')).toBe(knows[0] === 'nip04');
    },
  );

  it('neither the secret nor the invoice goes over the wire as it is', async () => {
    const wallet = await relay();
    await pay(wallet.uri);
    expect(wallet.received.length).toBeGreaterThan(2);
    expect(wallet.received.some((text) => text.includes('lnbc-1'))).toBe(false);
    expect(wallet.received.some((text) => text.includes(wallet.secret))).toBe(false);
  });

  it('says what the wallet said', async () => {
    const error = { code: 'INSUFFICIENT_BALANCE', message: 'not enough' };
    const wallet = await relay({ answer: () => ({ error }) });
    await expect(pay(wallet.uri)).rejects.toThrow(NwcError);
    await expect(pay(wallet.uri)).rejects.toMatchObject({ code: 'INSUFFICIENT_BALANCE' });
  });

  it('believes only what the wallet has signed', async () => {
    const wallet = await relay({ forged: true, answer: () => ({ preimage: 'true one' }) });
    expect(await pay(wallet.uri)).toEqual({ preimage: 'true one' });
  });

  it('a wallet that does not answer, a relay that refuses, and one that is away are errors', async () => {
    const silent = await relay({ answer: () => undefined });
    await expect(pay(silent.uri, 300)).rejects.toThrow('no answer in time');
    const refusing = await relay({ refuses: true });
    await expect(pay(refusing.uri)).rejects.toThrow('blocked: not here');
    const away = await relay();
    await away.stop();
    await expect(pay(away.uri)).rejects.toThrow('the connection failed');
  });

  it('a second relay is asked where the first is away', async () => {
    const wallet = await relay();
    const uri = wallet.uri.replace('?relay=', '?relay=ws%3A%2F%2F127.0.0.1%3A1&relay=');
    expect(await pay(uri)).toEqual({ preimage: '00' });
  });

  it('a connection that is none says so without its secret', () => {
    const secret = 'ab'.repeat(32);
    for (const uri of ['', 'https://example.com', `nostr+walletconnect://ff?secret=${secret}`]) {
      expect(() => parseConnection(uri)).toThrow('not a connection of Nostr Wallet Connect');
    }
  });
});
