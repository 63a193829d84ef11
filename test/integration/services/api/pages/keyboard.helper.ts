import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { pay } from '../paying.helper.js';
import {
  type Env,
  hashOf,
  hold,
  invoiceOn,
  openPost,
  settle,
  waitForHeading,
} from './paying-pages.helper.js';

const MOST_TABS = 80;

/** The name that a screen reader says of what has the focus. */
const FOCUSED = `(() => {
  const at = document.activeElement;
  const label = at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent;
  return label.replace(/\\s+/g, ' ').trim();
})()`;

/** Presses Tab until something of that name has the focus. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const isIt = (text: string): boolean =>
    typeof name === 'string' ? text === name : name.test(text);
  for (let n = 0; n < MOST_TABS; n += 1) {
    await page.keyboard.press('Tab');
    if (isIt(await page.evaluate<string>(FOCUSED))) return;
  }
  throw new Error(`${String(name)} is not reached by Tab on ${page.url()}`);
}

async function enter(page: Page, name: string | RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

/** From the front page to an invoice, by keys alone. */
async function postByKeys(page: Page, title: string): Promise<string> {
  await page.goto('/');
  await enter(page, 'Post');
  await waitForHeading(page, 'What would you like to do?');
  await enter(page, 'Start a discussion');
  await waitForHeading(page, 'Start a discussion');
  await tabTo(page, 'Title');
  await page.keyboard.type(title);
  await enter(page, 'See the cost');
  await page.waitForSelector('text=This costs');
  await enter(page, /^Pay /);
  await page.waitForURL(/\/pay\/[0-9a-f]{64}$/);
  return invoiceOn(page);
}

/** From now on, what regions that are read aloud say is kept in \`window.said\`. */
const LISTEN = `{
  window.said = [];
  const LIVE = '[aria-live]:not([aria-live="off"]), [role="status"], [role="alert"]';
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const at = target instanceof Element ? target : target.parentElement;
      const region = at?.closest(LIVE);
      if (region && !region.hidden) window.said.push(region.textContent);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}`;

/** Everything by keys, and what is said meanwhile. */
export function byKeyboard(env: () => Env): void {
  describe('by the keyboard alone', () => {
    it('one posts, pays, and sees it paid; cancels, and tries again', async () => {
      const { browser, tester } = env();
      const context = await browser.context({}, await tester.account());
      const page = await context.newPage();
      await pay(tester, await postByKeys(page, 'written by the keyboard'));
      await waitForHeading(page, 'Paid');
      await postByKeys(page, 'written by the keyboard, then cancelled');
      await enter(page, 'Cancel');
      await waitForHeading(page, 'Cancelled');
      await enter(page, 'New invoice');
      await waitForHeading(page, 'Waiting for your payment');
      expect(await page.textContent('main')).toContain('attempt 2');
      await context.close();
    });

    it('an operator replays a letter, after a look at what it would do', async () => {
      const { browser, tester, letters } = env();
      const context = await browser.context({}, tester.operator);
      const page = await context.newPage();
      await page.goto('/ops');
      // All are chosen at first.
      await tabTo(page, 'Letter 8');
      await page.keyboard.press('Space');
      await enter(page, /^Replay the chosen/);
      await waitForHeading(page, 'Replay 1 letter?');
      await enter(page, 'Replay 1 letter');
      await page.waitForURL(/\/ops(#|$)/);
      expect(letters.map(({ seq }) => seq)).toEqual([8]);
      await context.close();
    });
  });

  it('announce each change of state once, politely, and no tick of the countdown', async () => {
    const { browser, tester } = env();
    const context = await browser.context();
    const page = await context.newPage();
    await page.clock.install();
    await page.goto('/');
    const bolt11 = await openPost(page, 'listened to');
    await page.evaluate(LISTEN);
    const left = (): Promise<string | null> => page.textContent('[data-seconds-left]');
    const before = await left();
    await page.clock.runFor(10_000);
    expect(await left()).not.toBe(before);
    await hold(tester, bolt11);
    await waitForHeading(page, 'Received, being completed');
    await settle(tester, hashOf(page));
    await waitForHeading(page, 'Paid');
    expect(await page.evaluate('window.said')).toEqual(['Received, being completed', 'Paid']);
    expect(await page.getAttribute('#announce', 'aria-live')).toBe('polite');
    await context.close();
  });
}
