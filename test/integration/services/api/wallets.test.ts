import { openedAnswer, walletAnswer, walletsAnswer } from '@quittance/sdk/answers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PayeeWallets, WalletError } from '../../../../adapters/lightning/wallets/port.js';
import { toMsat } from '../../../../domain/money.js';
import { brokenRules } from '../../../support/books.js';
import { waitUntil } from '../../../support/wait-until.js';
import { pay } from './paying.helper.js';
import { ApiTester, type Headers } from './tester.helper.js';

let tester: ApiTester;
/** Wallets mint as the simulator's do, when they are allowed to. */
let mayMint: Promise<void> = Promise.resolve();
let asked = 0;
/** Of wallets of other kinds. */
let check: () => Promise<void> = () => Promise.resolve();

const wallets: PayeeWallets = {
  check: ({ kind }) => (kind === 'simulator' ? Promise.resolve() : check()),
  async mint({ address }, { amountMsat, expirySeconds, memo }) {
    asked += 1;
    await mayMint;
    return tester.api.simulator.wallets.createInvoice(address, { amountMsat, expirySeconds, memo });
  },
};

beforeAll(async () => {
  tester = await ApiTester.start({ wallets });
});
afterAll(async () => {
  expect(await brokenRules(tester.api.pool)).toEqual([]);
  await tester.close();
});

const put = (headers: Headers, body: object) =>
  tester.ask({ method: 'PUT', url: '/v1/wallets', headers, body });

const listed = async (headers: Headers) =>
  walletsAnswer.strict().parse((await tester.get('/v1/wallets', headers)).json).wallets;

/** A post whose author is paid to this wallet, and the author. */
async function postOf(address: string): Promise<{ author: Headers; itemId: string }> {
  const author = await tester.account(1_000n);
  const { result } = await tester.open(author);
  await tester.api.simulator.wallets.open(address, toMsat(0n));
  expect((await put(author, { kind: 'simulator', address })).status).toBe(200);
  return { author, itemId: result['itemId'] ?? '' };
}

describe('wallets of an account', () => {
  it('are added, changed and listed in the order in which they are tried; nobody else sees them', async () => {
    const owner = await tester.account();
    const added = await put(owner, { kind: 'simulator', address: 'second', priority: 5 });
    expect(walletAnswer.strict().parse(added.json)).toMatchObject({
      ...{ kind: 'simulator', address: 'second', priority: 5, enabled: true, maxPending: 25 },
    });
    await put(owner, { kind: 'simulator', address: 'first' });
    expect((await listed(owner)).map(({ address }) => address)).toEqual(['first', 'second']);
    const changed = { kind: 'simulator', address: 'second', priority: -1, enabled: false };
    expect((await put(owner, { ...changed, maxPending: null })).json).toMatchObject({
      ...{ ...changed, maxPending: null, id: walletAnswer.parse(added.json).id },
    });
    expect((await listed(owner)).map(({ address }) => address)).toEqual(['second', 'first']);
    expect(await listed(await tester.account())).toEqual([]);
  });

  it('of the same address belong to each account for itself', async () => {
    const [one, other] = [await tester.account(), await tester.account()];
    await put(one, { kind: 'simulator', address: 'shared' });
    await put(other, { kind: 'simulator', address: 'shared', priority: 9 });
    expect(await listed(one)).toMatchObject([{ address: 'shared', priority: 0 }]);
    expect(await listed(other)).toMatchObject([{ address: 'shared', priority: 9 }]);
  });

  it('are at most twenty, and those that are there can be changed then', async () => {
    const owner = await tester.account();
    const bodies = Array.from({ length: 21 }, (_, n) => ({ kind: 'simulator', address: `w${n}` }));
    const answers = await Promise.all(bodies.map((body) => put(owner, body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array<number>(20).fill(200),
      409,
    ]);
    await tester.refuses(
      {
        method: 'PUT',
        url: '/v1/wallets',
        headers: owner,
        body: { ...bodies[0], address: 'more' },
      },
      'wallet.too_many',
    );
    const [{ address } = { address: '' }] = await listed(owner);
    expect((await put(owner, { kind: 'simulator', address, priority: 1 })).status).toBe(200);
  });
});

describe('a zap to a wallet', () => {
  it('is answered with the wrapped invoice of the whole cost', async () => {
    const { itemId } = await postOf('paid-over-http');
    const zap = await tester.open({}, { type: 'ZAP', args: { itemId, sats: 100 } });
    expect(zap.attempts).toMatchObject([
      { flow: 'wrapped', state: 'PENDING_HELD', invoice: { kind: 'hold', amountMsat: '100000' } },
    ]);
    await pay(tester, zap.attempts[0]?.invoice?.bolt11);
    const read = await tester.get(`/v1/actions/${zap.id}`, {
      'quittance-capability': zap.capability ?? '',
    });
    expect(read.json).toMatchObject({ state: 'HELD' });
  });

  it('is cancelled in WRAPPING, while the wallet mints: nothing was shown, and nothing is', async () => {
    const { itemId } = await postOf('slow-over-http');
    const payer = await tester.account();
    let mint: () => void = () => undefined;
    mayMint = new Promise((resolve) => (mint = resolve));
    const before = asked;
    const opening = tester.post('/v1/actions', { type: 'ZAP', args: { itemId, sats: 100 } }, payer);
    await waitUntil('the wallet is asked', () => asked > before);
    const open = (await tester.get('/v1/actions?state=open', payer)).json;
    expect(open).toMatchObject({ actions: [{ state: 'WRAPPING' }] });
    const { rows } = await tester.api.pool.query<{ id: string }>(
      `select action_id as id from attempts where state = 'WRAPPING'`,
    );
    const url = `/v1/actions/${rows[0]?.id ?? ''}/cancel`;
    const cancelled = await tester.post(url, {}, payer);
    expect(cancelled.json).toMatchObject({
      state: 'FAILED',
      attempts: [{ reason: 'USER_CANCELLED', invoice: null }],
    });
    mint();
    const opened = openedAnswer.parse((await opening).json);
    expect(opened).toMatchObject({ state: 'FAILED', attempts: [{ invoice: null }] });
    expect(await tester.count('payments where action_id = $1', [opened.id])).toBe(0);
  });
});

describe('a wallet that could be used to spend', () => {
  it.each(['can_spend', 'refused'] as const)('or %s is not added', async (kind) => {
    const owner = await tester.account();
    check = () => Promise.reject(new WalletError(kind, 'by a test'));
    const answer = await put(owner, { kind: 'nwc', address: 'nostr+walletconnect://x' });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({
      code: kind === 'can_spend' ? 'wallet.can_spend' : 'wallet.invalid',
    });
    expect(await listed(owner)).toEqual([]);
  });

  it('that does not answer now is added', async () => {
    const owner = await tester.account();
    check = () => Promise.reject(new WalletError('unavailable', 'by a test'));
    expect((await put(owner, { kind: 'nwc', address: 'n' })).status).toBe(200);
  });
});
