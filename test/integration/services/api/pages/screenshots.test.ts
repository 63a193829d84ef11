import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOTICE_KINDS } from '../../../../../domain/notices/kinds.js';
import { pay } from '../paying.helper.js';
import type { ApiTester, Headers } from '../tester.helper.js';
import { PageBrowser } from './browser.helper.js';
import { startPages, streamsFor } from './pages.helper.js';
import { settle } from './paying-pages.helper.js';
import { seed, type Seeded } from './seed.helper.js';

/** The folder for pictures of every page and state: SCREENSHOTS=folder npm test -- integration screenshots */
const FOLDER = process.env['SCREENSHOTS'];
const PHONE = { width: 375, height: 700 };

describe.skipIf(FOLDER === undefined)('pictures of pages', () => {
  let tester: ApiTester;
  let browser: PageBrowser;
  let data: Seeded;

  beforeAll(async () => {
    tester = await startPages({
      streams: streamsFor([
        { seq: 7, subject: 'payments.invoice.00ff.settled' },
        { seq: 8, subject: 'confirmations.tx.1' },
      ]),
    });
    data = await seed(tester);
    browser = await PageBrowser.start(tester);
    mkdirSync(FOLDER ?? '', { recursive: true });
  });
  afterAll(async () => {
    await browser.close();
    await tester.close();
  });

  async function shoot(name: string, path: string, account?: Headers, options = {}): Promise<void> {
    const context = await browser.context(
      { viewport: { width: 1100, height: 800 }, ...options },
      account,
    );
    const page = await context.newPage();
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBeLessThan(500);
    await page.waitForTimeout(150);
    await page.screenshot({ path: join(FOLDER ?? '', `${name}.png`), fullPage: true });
    await context.close();
  }

  /** A payment page in a state, by what has happened to an invoice of its own. */
  async function hashOf(
    happens: (open: { id: string; bolt11: string }) => Promise<void>,
  ): Promise<string> {
    const open = await tester.open(data.alice, {
      ...{ type: 'BUY_CREDITS', args: { sats: 21 }, payment: 'invoice' },
    });
    const invoice = open.attempts.at(-1)?.invoice;
    await happens({ id: open.id, bolt11: invoice?.bolt11 ?? '' });
    return invoice?.hash ?? '';
  }

  it('are taken', async () => {
    const { alice, postId, openHash, order } = data;
    const dark = { colorScheme: 'dark' as const };
    const phone = { viewport: PHONE };
    await shoot('feed', '/', alice);
    await shoot('feed-dark', '/', alice, dark);
    await shoot('feed-phone', '/', undefined, phone);
    await shoot('feed-recent-own', '/?sort=recent', alice);
    await shoot('item', `/items/${postId}`, alice);
    await shoot('item-own', `/items/${postId}`, data.bob);
    await shoot('item-phone-dark', `/items/${postId}`, undefined, { ...phone, ...dark });
    await shoot('territory', '/~lightning', alice);
    await shoot('territory-settings', '/~lightning/settings', alice);
    await shoot('territory-none', '/~nowhere');
    await shoot('author', '/@bob');
    await shoot('search-empty', '/search?q=nothinglikethis');
    await shoot('submit', '/submit', alice);
    await shoot('submit-poll', '/submit/poll', alice);
    await shoot('sign-in', '/sign-in');
    await shoot('pay-waiting', `/pay/${openHash}`, alice);
    await shoot('pay-waiting-phone-dark', `/pay/${openHash}`, undefined, { ...phone, ...dark });
    const paid = await hashOf(({ bolt11 }) => pay(tester, bolt11));
    await shoot('pay-received', `/pay/${paid}`, alice);
    await settle(tester, paid);
    await shoot('pay-paid', `/pay/${paid}`, alice);
    const cancelled = await hashOf(async ({ id }) => {
      await tester.post(`/v1/actions/${id}/cancel`, {}, alice);
    });
    await shoot('pay-cancelled', `/pay/${cancelled}`, alice);
    await shoot('pay-cancelled-stranger', `/pay/${cancelled}`);
    const expired = await hashOf(async ({ id }) => {
      await tester.api.pool.query(
        `update invoices set expires_at = now() - interval '1 second' where action_id = $1`,
        [id],
      );
    });
    await shoot('pay-checking', `/pay/${expired}`, alice);
    await tester.api.pool.query(
      `insert into notices (account, kind, key, by_account, amount_msat, times, detail)
       select a.id, k, 'shown/' || k, b.id, 21000, 3, '{"territory": "lightning", "state": "GRACE", "days": "4", "at": "2026-11-27T12:00:00Z"}'
       from accounts a, accounts b, unnest($1::text[]) k where a.name = 'alice' and b.name = 'bob'`,
      [NOTICE_KINDS.filter((kind) => kind !== 'FAILED_PAYMENT')],
    );
    await shoot('notices', '/notices', alice);
    await shoot('notices-phone-dark', '/notices', alice, { ...phone, ...dark });
    await shoot('notices-empty', '/notices', data.bob);
    await shoot('me', '/me', alice);
    await shoot('statement', '/me/statement', alice);
    await shoot('wallets', '/wallets', alice);
    await shoot('withdrawals', '/withdrawals', data.bob);
    await shoot('satellite', '/satellite');
    await shoot('satellite-order', `/satellite/orders/${order}`);
    await shoot('not-found', '/nowhere');
    await shoot('forbidden', '/ops', alice);
    await shoot('stores', '/stores', tester.operator);
    for (const part of ['', '/incidents', '/thresholds', '/ids', '/recover']) {
      await shoot(`store${part.replace('/', '-')}`, `/stores/shop${part}`, tester.operator);
    }
    await tester.api.pool.query(
      `update attempts set due_at = now() - interval '10 minutes' where state not in ('PAID', 'FAILED')`,
    );
    await shoot('ops', '/ops', tester.operator);
    const { rows } = await tester.api.pool.query<{ id: string }>(
      `select action_id as id from attempts where state not in ('PAID', 'FAILED') limit 1`,
    );
    await shoot('ops-payment', `/ops/payments/${rows[0]?.id ?? ''}`, tester.operator);
  }, 300_000);
});
