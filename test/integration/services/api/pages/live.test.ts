import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing } from '../../../../support/browser.js';
import { waitUntil } from '../../../../support/wait-until.js';
import { Places } from '../../../../../services/api/places.js';
import { pay } from '../paying.helper.js';
import type { ApiTester } from '../tester.helper.js';
import { PageBrowser } from './browser.helper.js';
import { startPages, Visitor } from './pages.helper.js';
import { openPost, waitForHeading } from './paying-pages.helper.js';

/** Sets what the browser says of the tab, and tells the page. */
const SEEN = (state: string): string => `{
  Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}`;

describe.skipIf(browserMissing('pages'))('a page that is open', () => {
  let tester: ApiTester;
  let browser: PageBrowser;
  const places = new Places({ perNetwork: 1, all: 30 });
  let context: BrowserContext | undefined;

  beforeAll(async () => {
    tester = await startPages({ eventStreams: { streamPlaces: places } });
    browser = await PageBrowser.start(tester);
  });
  afterAll(async () => {
    await browser.close();
    await tester.close();
  });

  /** The payment page of a post by a new account, which listens. */
  async function listening(title: string): Promise<{ page: Page; bolt11: string }> {
    await context?.close();
    await waitUntil('places to be free', () => places.size === 0);
    context = await browser.context({}, await tester.account());
    const page = await context.newPage();
    const bolt11 = await openPost(page, title);
    await waitUntil('a stream', () => places.size === 1);
    return { page, bolt11 };
  }

  it('listens while it is seen, and is told of what happened meanwhile', async () => {
    const { page, bolt11 } = await listening('hidden meanwhile');
    await page.evaluate(SEEN('hidden'));
    await waitUntil('the stream to end', () => places.size === 0);
    await pay(tester, bolt11);
    expect(await page.textContent('h1')).toBe('Waiting for your payment');
    await page.evaluate(SEEN('visible'));
    await waitForHeading(page, 'Paid');
  });

  it('reads its state when a stream is refused, and when it is seen again', async () => {
    const { page } = await listening('the only stream');
    const second = await page.context().newPage();
    const refused = second.waitForResponse((answer) => answer.url().endsWith('/events'));
    const bolt11 = await openPost(second, 'without a stream');
    expect((await refused).status()).toBe(429);
    await pay(tester, bolt11);
    await second.evaluate(SEEN('visible'));
    await waitForHeading(second, 'Paid');
    await page.close();
  });

  it('replaces nothing while its state is the same', async () => {
    const { page } = await listening('read again');
    await page.evaluate(`document.getElementById('payment').kept = true`);
    const timer = `document.querySelector('[data-seconds-left]').dataset.timer`;
    const before = await page.evaluate<string>(timer);
    await page.evaluate(`dispatchEvent(new Event('online'))`);
    // Seconds left are taken over from each answer, by a timer of its own.
    await waitUntil('a new timer', async () => (await page.evaluate(timer)) !== before);
    expect(await page.evaluate(`document.getElementById('payment').kept`)).toBe(true);
  });

  it('shows an action that moves, to whoever may see it', async () => {
    const { page, bolt11 } = await listening('an action that moves');
    await page.goto('/');
    const path = await page.getByRole('link', { name: 'Pay', exact: true }).getAttribute('href');
    await page.goto(path ?? '');
    await waitUntil('a stream', () => places.size === 1);
    const answer = await new Visitor(tester).get(`${path ?? ''}/events`);
    expect(answer.status).toBe(404);
    await pay(tester, bolt11);
    await page.waitForSelector('text=Attempt 1: paid');
  });

  it('says so while the server does not answer, and no longer than that', async () => {
    const { page, bolt11 } = await listening('without a server');
    await page.route('**/pay/*', (route) => route.abort());
    await page.evaluate(SEEN('visible'));
    await page.waitForSelector('#away:not([hidden])');
    expect(await page.locator('#offline').isHidden()).toBe(true);
    await page.unroute('**/pay/*');
    await page.route('**/pay/*', (route) => route.fulfill({ status: 503, body: 'away' }));
    await page.evaluate(SEEN('visible'));
    await page.waitForSelector('#away:not([hidden])');
    expect(await page.textContent('h1')).toBe('Waiting for your payment');
    await page.unroute('**/pay/*');
    await pay(tester, bolt11);
    await waitForHeading(page, 'Paid');
    await page.waitForSelector('#away', { state: 'hidden' });
  });

  it('is read again when the browser is online again, also where it has no stream', async () => {
    const headers = await tester.account();
    await context?.close();
    context = await browser.context({}, headers);
    const page = await context.newPage();
    await page.goto('/notices');
    await context.setOffline(true);
    await page.waitForSelector('#offline:not([hidden])');
    const { id } = await tester.failed(headers);
    await context.setOffline(false);
    await page.waitForSelector(`a[href="/actions/${id}"]`);
    expect(await page.locator('#offline').isHidden()).toBe(true);
  });

  it('leads to signing in once the session has ended', async () => {
    const headers = await tester.account(0n, 'ends');
    await context?.close();
    context = await browser.context({}, headers);
    const page = await context.newPage();
    await page.goto('/notices');
    await tester.post('/v1/accounts/ends/tokens/revoke', {}, tester.operator);
    await page.evaluate(SEEN('visible'));
    await page.waitForURL(/\/sign-in\?next=%2Fnotices$/);
    expect(await page.textContent('h1')).toBe('Sign in');
  });

  it('stops listening once nothing can change any more', async () => {
    const { page, bolt11 } = await listening('over and done');
    await pay(tester, bolt11);
    await waitForHeading(page, 'Paid');
    await waitUntil('the stream to end', () => places.size === 0);
  });
});
