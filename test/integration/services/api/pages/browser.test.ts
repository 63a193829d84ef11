import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing } from '../../../../support/browser.js';
import { pay } from '../paying.helper.js';
import type { ApiTester } from '../tester.helper.js';
import { findingsOfAxe, PageBrowser, troublesOf } from './browser.helper.js';
import { byKeyboard } from './keyboard.helper.js';
import { startPages, streamsFor } from './pages.helper.js';
import { type Env, openPost } from './paying-pages.helper.js';
import { seed, type Seeded } from './seed.helper.js';
import { withoutScripts } from './without-scripts.helper.js';

const letters = [
  { seq: 7, subject: 'payments.invoice.00ff.settled' },
  { seq: 8, subject: 'payments.invoice.01ff.settled' },
];

describe.skipIf(browserMissing('pages'))('pages in a browser', () => {
  let tester: ApiTester;
  let browser: PageBrowser;
  let data: Seeded;

  beforeAll(async () => {
    tester = await startPages({ streams: streamsFor(letters) });
    data = await seed(tester);
    browser = await PageBrowser.start(tester);
  });
  afterAll(async () => {
    await browser.close();
    await tester.close();
  });

  const env = (): Env => ({ tester, browser, data, letters });
  withoutScripts(env);
  byKeyboard(env);

  const USERS = () => [
    ...['/', '/?sort=top', '/search?q=payment', `/items/${data.postId}`, '/~lightning', '/@bob'],
    ...['/territories', '/submit', '/submit/poll', '/sign-in', '/satellite', '/nowhere'],
    ...[`/satellite/orders/${data.order}`, `/pay/${data.openHash}`],
  ];
  const OWN = ['/notices', '/me', '/me/statement', '/wallets', '/withdrawals'];
  const OPERATORS = [
    ...['/ops', '/stores', '/stores/shop', '/stores/shop/incidents', '/stores/shop/thresholds'],
    ...['/stores/shop/ids', '/stores/shop/recover'],
  ];

  it.each(['light', 'dark'] as const)(
    'ask nobody else, keep their policy, and are accessible: %s',
    async (colorScheme) => {
      const all: [string, string[]][] = [];
      for (const [paths, account] of [
        [[...USERS(), ...OWN], data.alice],
        [OPERATORS, tester.operator],
      ] as const) {
        const context = await browser.context({ colorScheme }, account);
        const page = await context.newPage();
        const troubles = troublesOf(page, tester.api.url);
        for (const path of paths) {
          await page.goto(path);
          const findings = await findingsOfAxe(page);
          const expected = path === '/nowhere' ? /404/ : /^$/;
          const found = [...troubles.splice(0).filter((one) => !expected.test(one)), ...findings];
          if (found.length > 0) all.push([path, found]);
        }
        await context.close();
      }
      expect(all).toEqual([]);
    },
    240_000,
  );

  it('run no script that is not ours, even if it got into a page', async () => {
    const context = await browser.context();
    const page = await context.newPage();
    await page.route('/', async (route) => {
      const answer = await route.fetch();
      const evil = '<script>window.evil = 1</script><img src="data:," onerror="window.evil = 2">';
      const body = (await answer.text()).replace('</main>', `${evil}</main>`);
      await route.fulfill({ response: answer, body });
    });
    const refused: string[] = [];
    page.on('console', (message) => refused.push(message.text()));
    await page.goto('/');
    expect(await page.locator('main script').count()).toBe(1);
    expect(await page.evaluate('window.evil')).toBeUndefined();
    expect(refused.join()).toContain('Content Security Policy');
    await context.close();
  });

  it.each([
    ['320 px', { viewport: { width: 320, height: 900 } }],
    ['dark', { colorScheme: 'dark' }],
  ] as const)('show a QR code that can be scanned: %s', async (_name, options) => {
    const context = await browser.context(options, data.alice);
    const page = await context.newPage();
    await page.goto(`/pay/${data.openHash}`);
    const bolt11 = await page.getByLabel('Invoice', { exact: true }).inputValue();
    const shot = await page.locator('.qr').screenshot();
    expect((await decode(page, shot))?.toLowerCase()).toBe(bolt11);
    await context.close();
  });

  it('show paid, without a reload, what was paid while they were offline', async () => {
    const context = await browser.context({}, await tester.account());
    const page = await context.newPage();
    const bolt11 = await openPost(page, 'paid in a tunnel');
    const url = page.url();
    await context.setOffline(true);
    await page.waitForSelector('#offline:not([hidden])');
    await pay(tester, bolt11);
    let loads = 0;
    page.on('load', () => (loads += 1));
    await context.setOffline(false);
    await page.waitForSelector('h1:text-is("Paid")', { timeout: 10_000 });
    expect([page.url(), loads]).toEqual([url, 0]);
    await context.close();
  });

  it.each([3_600_000, -3_600_000])(
    'count down by the clock of the server: a browser’s is %d ms off',
    async (off) => {
      const context = await browser.context({}, data.alice);
      const page = await context.newPage();
      await page.clock.install({ time: Date.now() + off });
      await page.goto(`/pay/${data.openHash}`);
      const { rows } = await tester.api.pool.query<{ left: number }>(
        'select extract(epoch from expires_at - now())::float8 as left from invoices where hash = $1',
        [data.openHash],
      );
      const shown = (await page.textContent('[data-seconds-left]')) ?? '';
      const [minutes = 0, seconds = 0] = shown.split(':').map(Number);
      expect(Math.abs(minutes * 60 + seconds - (rows[0]?.left ?? 0))).toBeLessThan(5);
      await context.close();
    },
  );

  it('agree in two tabs', async () => {
    const context = await browser.context({}, await tester.account());
    const first = await context.newPage();
    const bolt11 = await openPost(first, 'looked at in two tabs');
    const second = await context.newPage();
    await second.goto(first.url());
    await pay(tester, bolt11);
    for (const page of [first, second]) {
      await page.bringToFront();
      await page.waitForSelector('h1:text-is("Paid")', { timeout: 5_000 });
    }
    await context.close();
  });

  it('are read again once for a change, and not for what they show already', async () => {
    const context = await browser.context({}, await tester.account());
    const page = await context.newPage();
    const bolt11 = await openPost(page, 'read once');
    const url = page.url();
    let reads = 0;
    page.on('request', (one) => {
      if (one.url() === url && one.resourceType() === 'fetch') reads += 1;
    });
    await Promise.all([page.waitForResponse(/\/events$/), page.reload()]);
    await pay(tester, bolt11);
    await page.waitForSelector('h1:text-is("Paid")', { timeout: 5_000 });
    expect(reads).toBe(1);
    await context.close();
  });

  it('open one action by a double click', async () => {
    const context = await browser.context({}, data.alice);
    const page = await context.newPage();
    await page.goto('/submit/discussion');
    await page.getByLabel('Title').fill('clicked twice in a hurry');
    await page.getByRole('button', { name: 'See the cost' }).click();
    const button = page.getByRole('button', { name: /^Pay/ });
    await button.waitFor();
    await button.dblclick({ noWaitAfter: true }).catch(() => undefined);
    await page.waitForURL(/\/items\//);
    const found = await tester.count(`items where title = 'clicked twice in a hurry'`);
    expect(found).toBe(1);
    await context.close();
  });

  it('count a zap at once for whoever zaps, then say that it is paid', async () => {
    const context = await browser.context({}, data.alice);
    const page = await context.newPage();
    await page.goto(`/items/${data.postId}`);
    const row = page.locator(`#zap-${data.postId}`);
    expect(await row.locator('[data-own]').textContent()).toBe('100 sats by you');
    await page.route('**/zap', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    await row.getByRole('button', { name: 'Zap' }).click();
    expect(await row.locator('[data-own]').textContent()).toBe('110 sats by you');
    expect(await row.locator('[data-result]').textContent()).toBe('pending …');
    await page.waitForFunction(
      (id) => document.querySelector(`#zap-${id} [data-total]`)?.textContent === '110 sats',
      data.postId,
    );
    await context.close();
  });

  it('keep a token of a transmission to the browser', async () => {
    const context = await browser.context();
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto('/satellite');
    await page.getByLabel('Message').fill('kept on this device');
    await page.getByRole('button', { name: 'See cost and place' }).click();
    await page.getByRole('button', { name: /^Get an invoice/ }).click();
    await page.getByRole('link', { name: 'The order' }).click();
    await page.waitForSelector('text=Cancel the order');
    const token = new URL(page.url()).hash.slice(1);
    expect(token).not.toBe('');
    expect(asked.filter((url) => url.includes(token))).toEqual([]);
    await page.goto('/satellite');
    expect(await page.locator('[data-own-orders] a').count()).toBe(1);
    await page.locator('[data-own-orders] a').click();
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await page.waitForSelector('text=cancelled');
    await context.close();
  });
});

/** What a scanner reads from a picture. */
async function decode(page: Page, png: Buffer): Promise<string | undefined> {
  const source = readFileSync(createRequire(import.meta.url).resolve('jsqr'), 'utf8');
  const blank = await page.context().newPage();
  await blank.evaluate(source);
  const text = await blank.evaluate<string | undefined, string>(
    async (data) => {
      const image = new Image();
      image.src = data;
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), {
        width: image.width,
        height: image.height,
      });
      const drawing = canvas.getContext('2d');
      drawing?.drawImage(image, 0, 0);
      const pixels = drawing?.getImageData(0, 0, image.width, image.height);
      const { jsQR } = window as unknown as {
        jsQR: (
          data: unknown,
          width: number,
          height: number,
          options: object,
        ) => { data: string } | null;
      };
      // Many scanners read no light modules on a dark ground.
      const options = { inversionAttempts: 'dontInvert' };
      return jsQR(pixels?.data, image.width, image.height, options)?.data;
    },
    `data:image/png;base64,${png.toString('base64')}`,
  );
  await blank.close();
  return text;
}
