import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../../../../support/wait-until.js';
import { browserMissing } from '../../../../support/browser.js';
import { pay, settledLate } from '../paying.helper.js';
import type { ApiTester, Headers } from '../tester.helper.js';
import { findingsOfAxe, PageBrowser, troublesOf } from './browser.helper.js';
import { startPages } from './pages.helper.js';
import { hashOf, openPost, settle, waitForHeading } from './paying-pages.helper.js';

describe.skipIf(browserMissing('pages'))('pages, clicked through', () => {
  let tester: ApiTester;
  let browser: PageBrowser;

  beforeAll(async () => {
    tester = await startPages();
    browser = await PageBrowser.start(tester);
  });
  afterAll(async () => {
    await browser.close();
    await tester.close();
  });

  /** A page of a profile of its own, which is closed when `use` is done; nothing may have gone wrong on it. */
  async function onPage(
    by: Headers | undefined,
    use: (page: Page) => Promise<void>,
    options = {},
  ): Promise<void> {
    const context = await browser.context(options, by);
    const page = await context.newPage();
    const troubles = troublesOf(page, tester.api.url);
    await use(page);
    expect([...troubles, ...(await findingsOfAxe(page))]).toEqual([]);
    await context.close();
  }
  const press = (page: Page, name: string | RegExp) =>
    page.getByRole('button', { name }).first().click();

  it('somebody without an account pays, and comes to paid without a reload', () =>
    onPage(undefined, async (page) => {
      await page.goto('/');
      const bolt11 = await openPost(page, 'paid by nobody');
      const url = page.url();
      let loads = 0;
      page.on('load', () => (loads += 1));
      await pay(tester, bolt11);
      await waitForHeading(page, 'Received, being completed');
      await settle(tester, hashOf(page));
      await waitForHeading(page, 'Paid');
      expect([page.url(), loads]).toEqual([url, 0]);
      await page.getByRole('link', { name: 'What this was for' }).click();
      await waitForHeading(page, 'Post: paid by nobody');
    }));

  it('the owner of a transmission raises its bid, pays it, and sees it', () =>
    onPage(undefined, async (page) => {
      await page.goto('/satellite');
      await page.getByLabel('Message').fill('raised later');
      await press(page, 'See cost and place');
      await press(page, /^Get an invoice/);
      await page.getByRole('link', { name: 'The order' }).click();
      await page.getByLabel(/^Raise the bid/).fill('7');
      await press(page, 'Get an invoice');
      await page.waitForURL(/\/pay\//);
      expect(await page.textContent('.amount')).toBe('7 sats');
      await pay(tester, await page.getByLabel('Invoice', { exact: true }).inputValue());
      await waitForHeading(page, 'Paid');
      await page.getByRole('link', { name: /^Your transmissions/ }).click();
      await page.getByRole('link', { name: 'raised later' }).click();
      await page.waitForSelector('text=Invoice of 7 sats');
      expect(await page.textContent('#own')).toMatch(/Invoice of 7 sats\s*paid/);
      expect(await page.textContent('#order')).toContain('7 sats paid');
    }));

  it('a token that does not fit an order opens nothing, and says so', async () => {
    const opened = await tester.post('/v1/transmissions', { text: 'not mine', bidMsat: '90000' });
    const { id } = opened.json as { id: string };
    const context = await browser.context();
    const page = await context.newPage();
    await page.goto(`/satellite/orders/${id}#${'A'.repeat(43)}`);
    await page.waitForSelector('text=does not fit this order');
    expect(await page.getByRole('button', { name: 'Cancel the order' }).count()).toBe(0);
    await page.goto('/satellite');
    expect(await page.locator('[data-own-orders] a').count()).toBe(0);
    await context.close();
  });

  describe.each([true, false])('with scripts: %s', (javaScriptEnabled) => {
    it('failed payments are tried again, or dismissed, where one is told of them', async () => {
      const headers = await tester.account();
      await tester.failed(headers);
      const { id } = await tester.failed(headers);
      const use = async (page: Page): Promise<void> => {
        await page.goto('/notices');
        const lines = page.locator('li.failed');
        expect(await lines.count()).toBe(2);
        await press(page, 'Dismiss');
        await waitUntil('one to be left', async () => (await lines.count()) === 1);
        expect(await page.textContent('main')).not.toContain(id);
        await press(page, 'Try again');
        await waitForHeading(page, 'Waiting for your payment');
        expect(await page.textContent('main')).toContain('attempt 2');
        await page.goto('/notices');
        expect(await lines.count()).toBe(0);
      };
      await clickThrough(headers, use);
    });

    it('an action is cancelled and tried again on its own page', async () => {
      const headers = await tester.account();
      const { id } = await tester.open(headers, {
        ...{ type: 'ITEM_CREATE', args: { title: 'tried again' }, payment: 'invoice' },
      });
      const use = async (page: Page): Promise<void> => {
        await page.goto(`/actions/${id}`);
        await press(page, 'Cancel');
        await page.waitForSelector('text=you cancelled it');
        await press(page, 'Try again');
        await waitForHeading(page, 'Waiting for your payment');
        await page.goto(`/actions/${id}`);
        expect(await page.textContent('#action .big')).toContain('Attempt 2: waiting for payment');
      };
      await clickThrough(headers, use);
    });

    /** Without scripts, nothing can look for troubles either. */
    async function clickThrough(by: Headers, use: (page: Page) => Promise<void>): Promise<void> {
      if (javaScriptEnabled) return onPage(by, use);
      const context = await browser.context({ javaScriptEnabled }, by);
      await use(await context.newPage());
      await context.close();
    }
  });

  it('the owner of a territory changes what costs nothing, once for each time it was read', async () => {
    const headers = await tester.account(100_000_000n);
    const args = { name: 'clicked', billing: 'MONTHLY' };
    await tester.open(headers, { type: 'TERRITORY_CREATE', args });
    await onPage(headers, async (page) => {
      await page.goto('/~clicked');
      await page.getByRole('link', { name: 'Settings' }).click();
      const stale = await page.context().newPage();
      await stale.goto(page.url());
      await page.getByLabel('What it is about').fill('All that is clicked');
      await page.getByLabel(/^Price of a post/).fill('9');
      await press(page, 'Save');
      await waitForHeading(page, '~clicked');
      const text = await page.textContent('main');
      expect(text).toContain('All that is clicked');
      expect(text).toContain('a post costs 9 sats');
      await stale.getByLabel('What it is about').fill('something else');
      await press(stale, 'Save');
      await stale.getByRole('link', { name: 'See how it is now' }).click();
      expect(await stale.getByLabel('What it is about').inputValue()).toBe('All that is clicked');
      await stale.close();
    });
  });

  it('what came too late is collected by whoever signs in to it', () =>
    onPage(undefined, async (page) => {
      const token = (await tester.account(0n, 'clicks'))['authorization']?.replace('Bearer ', '');
      await page.goto('/');
      await openPost(page, 'paid too late');
      await press(page, 'Cancel');
      await waitForHeading(page, 'Cancelled');
      await settledLate(tester, hashOf(page), 10_000n);
      await page.getByRole('link', { name: 'What this was for' }).click();
      await page.getByRole('link', { name: 'Sign in to collect it' }).click();
      await page.getByLabel(/^API token/).fill(token ?? '');
      await press(page, 'Sign in with the token');
      await press(page, 'Collect it as @clicks');
      await waitForHeading(page, 'Statement');
      const text = await page.textContent('main');
      expect(text).toContain('What was kept for you, collected');
      expect(text).toContain('+10 sats');
    }));

  it('a browser wallet is asked, and not believed', () =>
    onPage(undefined, async (page) => {
      await page.addInitScript(
        `window.webln = { enable: async () => {}, sendPayment: async (bolt11) => { window.sent = bolt11; } }`,
      );
      await page.goto('/');
      const bolt11 = await openPost(page, 'paid by a browser wallet');
      await press(page, 'Pay with browser wallet');
      await page.waitForSelector('text=Sent, waiting for it to arrive');
      expect(await page.evaluate('window.sent')).toBe(bolt11);
      expect(await page.textContent('h1')).toBe('Waiting for your payment');
    }));

  it('a form is sent once, however often it is clicked', () =>
    onPage(undefined, async (page) => {
      await page.goto('/submit/discussion');
      await page.getByLabel('Title').fill('sent once');
      const sent = await page.evaluate(`(() => {
        let sent = 0;
        addEventListener('submit', (event) => {
          if (!event.defaultPrevented) sent += 1;
          event.preventDefault();
        });
        const button = document.querySelector('button[value="quote"]');
        for (let n = 0; n < 3; n += 1) button.click();
        return sent;
      })()`);
      expect(sent).toBe(1);
    }));
});
