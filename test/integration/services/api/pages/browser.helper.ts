import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Result } from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { startBrowser } from '../../../../support/browser.js';
import type { ApiTester, Headers } from '../tester.helper.js';
import { Visitor } from './pages.helper.js';

/** Pages of a headless Chromium, with what it reports of each. */
export class PageBrowser {
  private constructor(
    readonly tester: ApiTester,
    readonly browser: Browser,
  ) {}

  static async start(tester: ApiTester): Promise<PageBrowser> {
    return new PageBrowser(tester, await startBrowser());
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  /** A browser profile, signed in with these headers where they are given. */
  async context(options: BrowserContextOptions = {}, account?: Headers): Promise<BrowserContext> {
    const context = await this.browser.newContext({ baseURL: this.tester.api.url, ...options });
    if (account !== undefined) {
      const visitor = new Visitor(this.tester);
      await visitor.signIn(account);
      const url = this.tester.api.url;
      const cookies = [...visitor.cookies].map(([name, value]) => ({ name, value, url }));
      await context.addCookies(cookies);
    }
    return context;
  }
}

/** What must not happen on a page: requests to others, violations of its policy, errors of its scripts. */
export function troublesOf(page: Page, ownUrl: string): string[] {
  const troubles: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(ownUrl) && !url.startsWith('data:')) troubles.push(`asked ${url}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(String(error)));
  return troubles;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Serious and critical findings of axe, by rule and place. Of many pages it is fastest in one tab: the first time in a tab takes a second.
 */
export async function findingsOfAxe(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<{ violations: Result[] }>(
    `axe.run(document, { resultTypes: ['violations'] })`,
  );
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
