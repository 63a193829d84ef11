import type { Page } from 'playwright-core';
import { NOTICE_KINDS } from '../../../../../domain/notices/kinds.js';
import { toMsat } from '../../../../../domain/money.js';
import { transact } from '../../../../../engine/context.js';
import { grantSats } from '../../../../../engine/credits/grant-sats.js';
import { applyInvoiceUpdate } from '../../../../../engine/incoming/apply-invoice-update.js';
import { pay } from '../paying.helper.js';
import type { ApiTester, Headers } from '../tester.helper.js';
import { settle } from './paying-pages.helper.js';
import type { Seeded } from './seed.helper.js';

/** A picture of a page in a state. */
export interface Shot {
  readonly name: string;
  readonly path: string;
  readonly by?: Headers;
  /** Default 200. */
  readonly status?: number;
  /** What is done with the page first. */
  readonly act?: (page: Page) => Promise<unknown>;
}

const press = (name: string | RegExp) => (page: Page) =>
  page.getByRole('button', { name }).first().click();

async function accountId(tester: ApiTester, name: string): Promise<string> {
  const { rows } = await tester.api.pool.query<{ id: string }>(
    'select id from accounts where name = $1',
    [name],
  );
  return rows[0]?.id ?? '';
}

/** Payment pages, each of an invoice of its own that something has happened to. */
export async function payShots(tester: ApiTester, { alice, openHash }: Seeded): Promise<Shot[]> {
  async function hashOf(
    happens: (open: { id: string; bolt11: string; hash: string }) => Promise<unknown>,
  ): Promise<string> {
    const asked = { type: 'BUY_CREDITS', args: { sats: 21 }, payment: 'invoice' };
    const { id, attempts } = await tester.open(alice, asked);
    const { hash = '', bolt11 } = attempts.at(-1)?.invoice ?? {};
    await happens({ id, hash, bolt11: bolt11 ?? '' });
    return hash;
  }
  const cancel = (id: string) => tester.post(`/v1/actions/${id}/cancel`, {}, alice);
  const received = await hashOf(({ bolt11 }) => pay(tester, bolt11));
  const paid = await hashOf(async ({ bolt11, hash }) => {
    await pay(tester, bolt11);
    await settle(tester, hash);
  });
  const cancelled = await hashOf(({ id }) => cancel(id));
  const triedAgain = await hashOf(async ({ id }) => {
    await cancel(id);
    await tester.post(`/v1/actions/${id}/retry`, { attempt: 1, payment: 'invoice' }, alice);
  });
  const expired = await hashOf(async ({ id, hash }) => {
    const { engine, pool } = tester.api;
    await pool.query(
      `update invoices set expires_at = now() - interval '1 minute' where action_id = $1`,
      [id],
    );
    await engine.node.cancelInvoice(hash);
    await transact(engine, (tx) =>
      applyInvoiceUpdate(
        engine,
        tx,
        { hash, state: 'canceled', receivedMsat: toMsat(0n) },
        'other',
      ),
    );
  });
  const runOut = await hashOf(({ id }) =>
    tester.api.pool.query(
      `update invoices set expires_at = now() - interval '1 second' where action_id = $1`,
      [id],
    ),
  );
  const shot = (name: string, hash: string, by?: Headers): Shot => ({
    ...{ name: `pay-${name}`, path: `/pay/${hash}` },
    ...(by === undefined ? {} : { by }),
  });
  const { json } = await tester.post('/v1/transmissions', { text: 'hello', bidMsat: '90000' });
  const { rows } = await tester.api.pool.query<{ hash: string }>(
    'select hash from invoices where order_id = $1',
    [(json as { id: string }).id],
  );
  return [
    shot('waiting', openHash, alice),
    shot('waiting-stranger', openHash),
    shot('received', received, alice),
    shot('paid', paid, alice),
    shot('cancelled', cancelled, alice),
    shot('cancelled-stranger', cancelled),
    shot('tried-again', triedAgain, alice),
    shot('expired', expired, alice),
    shot('expired-stranger', expired),
    shot('checking', runOut, alice),
    shot('transmission', rows[0]?.hash ?? ''),
  ];
}

/** What an account sees of its own. */
export async function ownShots(tester: ApiTester, data: Seeded): Promise<Shot[]> {
  const { alice, bob } = data;
  await tester.api.pool.query(
    `insert into notices (account, kind, key, by_account, amount_msat, times, detail)
     select a.id, k, 'shown/' || k, b.id, 21000, 3, '{"territory": "lightning", "state": "GRACE", "days": "4", "at": "2026-11-27T12:00:00Z"}'
     from accounts a, accounts b, unnest($1::text[]) k where a.name = 'alice' and b.name = 'bob'`,
    [NOTICE_KINDS.filter((kind) => kind !== 'FAILED_PAYMENT')],
  );
  const failed = await tester.failed(alice);
  await tester.post(`/v1/actions/${failed.id}/retry`, { attempt: 1, payment: 'invoice' }, alice);
  await withdraw(tester, alice);
  const nobody = await tester.account();
  const action = (name: string, id: string): Shot => ({
    ...{ name: `action-${name}`, path: `/actions/${id}`, by: alice },
  });
  const paid = await tester.open(alice, { type: 'BOOST', args: { itemId: data.postId, sats: 50 } });
  return [
    { name: 'notices', path: '/notices', by: alice },
    { name: 'notices-empty', path: '/notices', by: nobody },
    { name: 'me', path: '/me', by: alice },
    { name: 'me-empty', path: '/me', by: nobody },
    { name: 'statement', path: '/me/statement', by: alice },
    { name: 'statement-of-shares', path: '/me/statement', by: bob },
    { name: 'statement-empty', path: '/me/statement', by: nobody },
    { name: 'wallets', path: '/wallets', by: alice },
    { name: 'withdrawals', path: '/withdrawals', by: alice },
    { name: 'withdrawals-empty', path: '/withdrawals', by: nobody },
    action('second-attempt', failed.id),
    action('paid', paid.id),
  ];
}

async function withdraw(tester: ApiTester, by: Headers): Promise<void> {
  const { engine, simulator } = tester.api;
  const alice = await accountId(tester, 'alice');
  await transact(engine, (tx) =>
    grantSats(tx, { accountId: alice, amountMsat: toMsat(900_000n), key: 'shown' }),
  );
  await simulator.wallets.open('receiver', toMsat(0n));
  const asked = { amountMsat: toMsat(210_000n), expirySeconds: 3600, memo: 'to bob' };
  const { bolt11 } = await simulator.wallets.createInvoice('receiver', asked);
  await tester.post('/v1/withdrawals', { bolt11 }, by);
}

/** Forms in their steps, and what is refused. */
export function formShots({ alice }: Seeded): Shot[] {
  const quote = async (page: Page) => {
    await page.getByLabel('Title').fill('A post with a price');
    await press('See the cost')(page);
    await page.waitForSelector('text=This costs');
  };
  return [
    { name: 'submit', path: '/submit', by: alice },
    { name: 'submit-poll', path: '/submit/poll', by: alice },
    { name: 'submit-cost', path: '/submit/discussion', by: alice, act: quote },
    { name: 'submit-cost-anonymous', path: '/submit/discussion', act: quote },
    {
      ...{ name: 'submit-refused', path: '/submit/bounty', by: alice },
      act: async (page) => {
        await page.getByLabel('Title').fill('Too small a bounty');
        await page.getByLabel(/^Bounty/).fill('5');
        await press('See the cost')(page);
        await page.waitForSelector('.notice.bad');
      },
    },
    { name: 'submit-territory', path: '/submit/territory-create', by: alice },
    { name: 'sign-in', path: '/sign-in' },
    {
      ...{ name: 'sign-in-refused', path: '/sign-in' },
      act: async (page) => {
        await page.getByLabel(/^API token/).fill('qt_of-nobody');
        await press('Sign in with the token')(page);
        await page.waitForSelector('.notice.bad');
      },
    },
    {
      ...{ name: 'sign-in-wallet', path: '/sign-in' },
      act: async (page) => {
        await press('Sign in with a wallet')(page);
        await page.waitForSelector('.qr');
        await press('Continue')(page);
        await page.waitForSelector('main .notice.warn');
      },
    },
    { name: 'not-found', path: '/nowhere', status: 404 },
    { name: 'forbidden', path: '/ops', by: alice, status: 403 },
  ];
}

/** The queue, an order's receipt, and what its owner sees. */
export function satelliteShots({ order }: Seeded): Shot[] {
  const compose = async (page: Page) => {
    await page.getByLabel('Message').fill('Good morning to everybody who has a dish');
    await press('See cost and place')(page);
    await page.waitForSelector('text=This costs');
  };
  const receipt = async (page: Page) => {
    await compose(page);
    await press(/^Get an invoice/)(page);
    await page.getByRole('link', { name: 'The order' }).waitFor();
  };
  return [
    { name: 'satellite', path: '/satellite' },
    { name: 'satellite-cost', path: '/satellite', act: compose },
    { name: 'satellite-receipt', path: '/satellite', act: receipt },
    {
      ...{ name: 'satellite-own-orders', path: '/satellite' },
      act: async (page) => {
        await receipt(page);
        await page.goto('/satellite');
        await page.waitForSelector('#own-orders:not([hidden])');
      },
    },
    { name: 'satellite-order', path: `/satellite/orders/${order}` },
    {
      ...{ name: 'satellite-order-own', path: '/satellite' },
      act: async (page) => {
        await receipt(page);
        await page.getByRole('link', { name: 'The order' }).click();
        await page.waitForSelector('text=Cancel the order');
      },
    },
    {
      ...{ name: 'satellite-order-wrong-token', path: `/satellite/orders/${order}#wrong` },
      act: (page) => page.waitForSelector('[data-missing]'),
    },
  ];
}

/** Posts, lists and zaps, also where the network is away. */
export function itemShots({ alice, bob, postId, pollId, bountyId }: Seeded): Shot[] {
  const offline = async (page: Page) => {
    await page.context().setOffline(true);
    await page.waitForSelector('#offline:not([hidden])');
  };
  const zap = (page: Page) => page.locator(`#zap-${postId}`).getByRole('button').click();
  return [
    { name: 'feed', path: '/', by: alice },
    { name: 'feed-stranger', path: '/' },
    { name: 'feed-recent', path: '/?sort=recent', by: alice },
    { name: 'feed-offline', path: '/', by: alice, act: offline },
    { name: 'item', path: `/items/${postId}`, by: alice },
    { name: 'item-own', path: `/items/${postId}`, by: bob },
    { name: 'item-poll', path: `/items/${pollId}` },
    { name: 'item-bounty', path: `/items/${bountyId}`, by: alice },
    {
      ...{ name: 'zap-pending', path: `/items/${postId}` },
      act: async (page) => {
        await zap(page);
        await page.waitForSelector('text=pending: pay');
      },
    },
    {
      ...{ name: 'zap-offline', path: `/items/${postId}`, by: alice },
      act: async (page) => {
        await offline(page);
        await zap(page);
        await page.waitForSelector('text=not sent');
      },
    },
    { name: 'territory', path: '/~lightning', by: bob },
    { name: 'territory-own', path: '/~lightning', by: alice },
    { name: 'territory-settings', path: '/~lightning/settings', by: alice },
    { name: 'territory-none', path: '/~nowhere' },
    { name: 'territories', path: '/territories' },
    { name: 'author', path: '/@bob' },
    { name: 'search', path: '/search?q=hold' },
    { name: 'search-empty', path: '/search?q=nothinglikethis' },
  ];
}
