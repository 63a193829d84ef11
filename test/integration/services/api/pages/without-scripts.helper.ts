import { describe, expect, it } from 'vitest';
import { pay } from '../paying.helper.js';
import { type Env, hashOf, hold, openPost, settle, waitForHeading } from './paying-pages.helper.js';

/** Pages whose browser runs no script: they read themselves again. */
export function withoutScripts(env: () => Env): void {
  describe('without JavaScript', () => {
    it('somebody without an account posts, pays, and sees it paid and posted', async () => {
      const { browser, tester } = env();
      const context = await browser.context({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto('/');
      await hold(tester, await openPost(page, 'by nobody, without any script'));
      await waitForHeading(page, 'Received, being completed');
      await settle(tester, hashOf(page));
      await waitForHeading(page, 'Paid');
      await page.getByRole('link', { name: 'What this was for' }).click();
      await page.getByRole('link', { name: 'What it made' }).click();
      await waitForHeading(page, 'by nobody, without any script');
      await page.goto('/?sort=recent');
      expect(await page.textContent('main')).toContain('by nobody, without any script');
      await context.close();
    });

    it('an account posts, pays, and sees it paid; cancels, and tries again', async () => {
      const { browser, tester } = env();
      const context = await browser.context({ javaScriptEnabled: false }, await tester.account());
      const page = await context.newPage();
      await pay(tester, await openPost(page, 'written without any script'));
      await waitForHeading(page, 'Paid');
      await openPost(page, 'written, then cancelled');
      await page.getByRole('button', { name: 'Cancel' }).click();
      await waitForHeading(page, 'Cancelled');
      await page.getByRole('button', { name: 'New invoice' }).click();
      await waitForHeading(page, 'Waiting for your payment');
      expect(await page.textContent('main')).toContain('attempt 2');
      await context.close();
    });
  });
}
