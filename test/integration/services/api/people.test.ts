import { createHash, randomBytes } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { QuittanceClient } from '@quittance/sdk';
import { challengeAnswer, signedUpAnswer } from '@quittance/sdk/answers';
import { PRICES } from '../../../../domain/territories/billing.js';
import { ApiTester, type Headers } from './tester.helper.js';

let tester: ApiTester;

beforeAll(async () => {
  tester = await ApiTester.start();
});
afterAll(() => tester.close());

const clientOf = ({ authorization = '' }: Headers): QuittanceClient =>
  new QuittanceClient({ baseUrl: tester.api.url, token: authorization.replace('Bearer ', '') });
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

describe('signing up', () => {
  it('gives an account and a token, to a network five times an hour', async () => {
    const signUp = (name: string) =>
      tester.ask({ method: 'POST', url: '/v1/sign-up', body: { name } });
    const first = await signUp('newcomer');
    expect(first.status, first.text).toBe(201);
    const { token, role } = signedUpAnswer.parse(first.json);
    expect(role).toBe('user');
    expect((await tester.get('/v1/accounts/me', bearer(token))).status).toBe(200);
    const taken = { method: 'POST', url: '/v1/sign-up', body: { name: 'newcomer' } } as const;
    await tester.refuses(taken, 'account.name_taken');
    // Of many at once no more pass.
    const names = [1, 2, 3, 4, 5, 6, 7].map((n) => `crowd-${n}`);
    const statuses = (await Promise.all(names.map(signUp))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(4);
    await tester.refuses({ ...taken, body: { name: 'one-more' } }, 'account.too_many');
    await tester.api.pool.query('delete from signups');
  });
});

describe('LNURL-auth', () => {
  const key = secp256k1.utils.randomSecretKey(randomBytes(48));
  const challenge = async () =>
    challengeAnswer.parse((await tester.post('/v1/login/lnurl', {})).json);
  const sign = (url: string, by = key, over = ''): string => {
    const address = new URL(url);
    const k1 = address.searchParams.get('k1') ?? '';
    const signature = secp256k1.sign(Buffer.from(over === '' ? k1 : over, 'hex'), by, {
      ...{ prehash: false, format: 'der' },
    });
    address.searchParams.set('sig', Buffer.from(signature).toString('hex'));
    address.searchParams.set('key', Buffer.from(secp256k1.getPublicKey(by)).toString('hex'));
    return `${address.pathname}${address.search}`;
  };
  const token = (body: object) => tester.post('/v1/login/lnurl/token', body);

  it('opens an account for a new key, and logs in to it by the same key, once for each challenge', async () => {
    const { k1, secret, url } = await challenge();
    const unsigned = { method: 'POST', url: '/v1/login/lnurl/token' } as const;
    await tester.refuses({ ...unsigned, body: { k1, secret } }, 'login.not_signed');
    expect((await tester.get(sign(url))).json).toEqual({ status: 'OK' });
    await tester.refuses({ ...unsigned, body: { k1, secret } }, 'login.name_required');
    await tester.refuses(
      { ...unsigned, body: { k1, secret: 'guessed', name: 'thief' } },
      'login.unknown',
    );
    const opened = await token({ k1, secret, name: 'by-key' });
    expect(opened.status, opened.text).toBe(201);
    await tester.refuses({ ...unsigned, body: { k1, secret } }, 'login.unknown');
    const second = await challenge();
    await tester.get(sign(second.url));
    const again = await token({ k1: second.k1, secret: second.secret });
    expect(again.status).toBe(200);
    expect(signedUpAnswer.parse(again.json).id).toBe(signedUpAnswer.parse(opened.json).id);
  });

  it('believes no other signature', async () => {
    const { url } = await challenge();
    const wrong = sign(url, key, '11'.repeat(32));
    await tester.refuses({ method: 'GET', url: wrong }, 'login.bad_signature');
    expect((await tester.get(sign(url))).status).toBe(200);
    // Somebody else cannot take over a challenge that was signed.
    const other = secp256k1.utils.randomSecretKey(randomBytes(48));
    await tester.refuses({ method: 'GET', url: sign(url, other) }, 'login.unknown');
  });

  it('is over ten minutes after it was asked for, signed or not', async () => {
    const old = (k1: string): Promise<unknown> =>
      tester.api.pool.query(
        `update login_challenges set created_at = created_at - interval '10 minutes' where k1 = $1`,
        [Buffer.from(k1, 'hex')],
      );
    const [signed, late] = [await challenge(), await challenge()];
    expect((await tester.get(sign(signed.url))).status).toBe(200);
    await old(signed.k1);
    await old(late.k1);
    const { k1, secret } = signed;
    const body = { k1, secret, name: 'too-late' };
    await tester.refuses({ method: 'POST', url: '/v1/login/lnurl/token', body }, 'login.unknown');
    await tester.refuses({ method: 'GET', url: sign(late.url) }, 'login.unknown');
  });
});

describe('an account', () => {
  it('has settings, lists and something new when that is paid', async () => {
    await tester.account(0n, 'celebrity');
    const fan = await tester.account(10_000n, 'fan');
    const people = clientOf(fan).people;
    expect((await people.settings()).receiveCreditsBelowMsat).toBe('10000');
    const changed = await people.changeSettings({ hideDescriptions: true });
    expect(changed).toMatchObject({ hideDescriptions: true, sendCreditsBelowMsat: '10000' });
    expect(await people.add('follows', 'celebrity')).toEqual(['celebrity']);
    expect(await people.add('follows', 'celebrity')).toEqual(['celebrity']);
    const url = '/v1/accounts/me/follows/fan';
    await tester.refuses({ method: 'PUT', url, headers: fan }, 'account.self');
    expect(await people.remove('follows', 'celebrity')).toEqual([]);
    const { result } = await tester.open(fan);
    const { itemId } = z.object({ itemId: z.string() }).parse(result);
    await people.seen();
    const zap = { type: 'ZAP', args: { itemId, sats: 5 } };
    await tester.open({}, { ...zap, payment: 'invoice' });
    expect(await people.unread()).toMatchObject({ unread: false });
    await tester.open(await tester.account(5_000n), zap);
    expect(await people.unread()).toMatchObject({ unread: true, of: ['zaps'] });
    expect(await people.seen()).toMatchObject({ unread: false });
  });

  it('invites, and who joins has the gift', async () => {
    const inviter = await tester.account(50_000n);
    const invite = await clientOf(inviter).people.invite({ giftSats: 7, mostGifts: 1 });
    expect(invite).toMatchObject({ giftMsat: '7000', mostGifts: 1, gifts: 0 });
    const guest = await tester.account();
    expect((await clientOf(guest).people.redeem(invite.code)).state).toBe('PAID');
    expect(await clientOf(guest).me()).toMatchObject({ creditsMsat: '7000' });
    const { json } = await tester.get('/v1/invites', inviter);
    expect(json).toMatchObject({ invites: [{ code: invite.code, gifts: 1 }] });
    const other = { method: 'POST', url: `/v1/invites/${invite.code}/revoke`, body: {} } as const;
    await tester.refuses({ ...other, headers: guest }, 'invite.not_found');
    expect((await tester.post(other.url, {}, inviter)).status).toBe(200);
  });
});

describe('territories and files', () => {
  it('are read, changed and given away', async () => {
    const owner = await tester.account(PRICES.MONTHLY, 'landlord');
    await tester.account(0n, 'heir');
    await tester.open(owner, {
      type: 'TERRITORY_CREATE',
      args: { name: 'Valley', billing: 'MONTHLY', baseCostSats: 3 },
    });
    const { territories } = clientOf(owner);
    const valley = await territories.get('VALLEY');
    expect(valley).toMatchObject({ name: 'valley', owner: 'landlord', baseCostMsat: '3000' });
    const { version } = valley;
    expect(await territories.change('valley', { version, baseCostSats: 4 })).toMatchObject({
      ...{ baseCostMsat: '4000', version: version + 1 },
    });
    const url = '/v1/territories/valley';
    const stale = { method: 'PATCH', url, headers: owner, body: { version } } as const;
    await tester.refuses(stale, 'territory.changed');
    expect(await territories.transfer('valley', 'heir')).toMatchObject({ owner: 'heir' });
    expect((await territories.list({ limit: 1 })).territories).toHaveLength(1);
    await tester.refuses({ method: 'GET', url: '/v1/territories/none' }, 'territory.not_found');
    expect(await clientOf(owner).people.add('territories', 'valley')).toEqual(['valley']);
    expect(await territories.rewardDays()).toEqual([]);
    expect((await territories.statistics('2026-01-01', '2026-01-02')).days).toEqual([]);
  });

  it('a file is sent as it came, and seen by others once it is paid', async () => {
    const owner = await tester.account(PRICES.MONTHLY);
    const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 42]);
    const upload = await clientOf(owner).territories.upload(png);
    expect(upload).toMatchObject({ contentType: 'image/png', size: 9, paidAt: null });
    await tester.refuses({ method: 'GET', url: upload.url }, 'upload.not_found');
    await tester.open(owner, {
      type: 'TERRITORY_CREATE',
      args: { name: 'gallery', billing: 'MONTHLY', description: `![](${upload.url})` },
    });
    const response = await fetch(new URL(upload.url, tester.api.url));
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(png);
    const text = { method: 'POST', url: '/v1/uploads', headers: owner, body: 'text' } as const;
    await tester.refuses(text, 'upload.not_taken');
  });
});

describe('LNURL-pay', () => {
  const ask = async (url: string): Promise<unknown> => (await tester.get(url)).json;

  it('offers a name with a wallet, and says nothing of others', async () => {
    await tester.account(0n, 'walletless');
    const nobody = await tester.get('/.well-known/lnurlp/nobody-at-all');
    const walletless = await tester.get('/.well-known/lnurlp/walletless');
    expect(walletless.status).toBe(404);
    expect(walletless.json).toEqual(nobody.json);
    const payee = await tester.account(0n, 'payable');
    const wallet = { kind: 'simulator', address: 'payable' };
    await tester.ask({ method: 'PUT', url: '/v1/wallets', headers: payee, body: wallet });
    const offer = z
      .object({ tag: z.literal('payRequest'), callback: z.url(), metadata: z.string() })
      .loose()
      .parse(await ask('/.well-known/lnurlp/payable'));
    expect(offer).toMatchObject({ minSendable: 2_000, maxSendable: 777_777_000 });
    expect(offer.metadata).toContain('text/identifier');
    expect(createHash('sha256').update(offer.metadata).digest('hex')).toHaveLength(64);
    const { pathname } = new URL(offer.callback);
    for (const amount of ['', '1999', '2500', '777778000', '-1', 'x']) {
      expect(await ask(`${pathname}?amount=${amount}`)).toMatchObject({ status: 'ERROR' });
    }
    // This API has no wallets of payees: an honest answer, and nothing is left open.
    expect(await ask(`${pathname}?amount=100000&comment=hello`)).toMatchObject({ status: 'ERROR' });
    expect(await tester.count('attempts where state not in ($1, $2)', ['PAID', 'FAILED'])).toBe(1);
  });
});
