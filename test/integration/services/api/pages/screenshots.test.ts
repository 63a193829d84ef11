import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamsView } from '../../../../../services/api/pages/ops/streams-view.js';
import type { ApiTester } from '../tester.helper.js';
import { browserMissing } from '../../../../support/browser.js';
import { findingsOfAxe, PageBrowser } from './browser.helper.js';
import { startPages, streamsFor } from './pages.helper.js';
import {
  formShots,
  itemShots,
  ownShots,
  payShots,
  satelliteShots,
  type Shot,
} from './screenshots.helper.js';
import { seed, type Seeded } from './seed.helper.js';
import { seedStoreHistory } from './seed-store.helper.js';

/** The folder for pictures of every page and state, where they are wanted: SCREENSHOTS=folder npm test -- integration screenshots */
const FOLDER = process.env['SCREENSHOTS'];
/** A part of the names of pictures, where not all are wanted. */
const ONLY = process.env['SCREENSHOTS_ONLY'] ?? '';

type Look = readonly [suffix: string, options: BrowserContextOptions];
const PHONE: Look = ['-phone-dark', { viewport: { width: 375, height: 700 }, colorScheme: 'dark' }];
/** Without pictures, one look is enough for axe. */
const LOOKS: readonly Look[] =
  FOLDER === undefined ? [PHONE] : [['', { viewport: { width: 1000, height: 700 } }], PHONE];

/** Every page in each of its states: of nothing, of much, of what is refused, failing, offline. */
describe.skipIf(browserMissing('pages'))('states of pages are accessible', () => {
  let tester: ApiTester;
  let browser: PageBrowser;
  let data: Seeded;
  let natsIsAway = false;
  const letters = streamsFor([
    { seq: 7, subject: 'payments.invoice.00ff.settled' },
    { seq: 8, subject: 'confirmations.tx.1' },
  ]);
  const unlessAway = <T>(ask: () => Promise<T>): Promise<T> =>
    natsIsAway ? Promise.reject(new Error('CONNECTION_REFUSED')) : ask();
  const streams: StreamsView = {
    deadLetters: (limit) => unlessAway(() => letters.deadLetters(limit)),
    replay: (seqs) => unlessAway(() => letters.replay(seqs)),
    consumers: () => unlessAway(() => letters.consumers()),
  };

  beforeAll(async () => {
    tester = await startPages({ streams });
    data = await seed(tester);
    browser = await PageBrowser.start(tester);
    if (FOLDER !== undefined) mkdirSync(FOLDER, { recursive: true });
  });
  afterAll(async () => {
    await browser.close();
    await tester.close();
  });

  /** Each page in each look; what axe finds of it. */
  async function shoot(shots: readonly Shot[]): Promise<string[]> {
    const found: string[] = [];
    const tabs = new Map<string, Page>();
    for (const shot of shots.filter(({ name }) => name.includes(ONLY))) {
      for (const look of LOOKS) {
        const page = await tabFor(tabs, shot, look);
        found.push(...(await shootOne(page, shot, look)));
        // Only what changed nothing leaves its tab to others.
        if (shot.act !== undefined) await page.context().close();
      }
    }
    for (const page of tabs.values()) await page.context().close();
    return found;
  }

  async function tabFor(
    tabs: Map<string, Page>,
    { by, act }: Shot,
    [suffix, options]: Look,
  ): Promise<Page> {
    const key = JSON.stringify([suffix, by]);
    const open = act === undefined ? tabs.get(key) : undefined;
    if (open !== undefined) return open;
    const page = await (await browser.context(options, by)).newPage();
    if (act === undefined) tabs.set(key, page);
    return page;
  }

  async function shootOne(
    page: Page,
    { name, path, act, status }: Shot,
    [suffix]: Look,
  ): Promise<string[]> {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(status ?? 200);
    await act?.(page);
    if (FOLDER !== undefined) {
      await page.screenshot({ path: join(FOLDER, `${name}${suffix}.png`), fullPage: true });
    }
    return (await findingsOfAxe(page)).map((one) => `${name}${suffix}: ${one}`);
  }

  it('of posts and forms', async () => {
    expect(await shoot([...itemShots(data), ...formShots(data)])).toEqual([]);
  }, 600_000);

  it('of payments, and of what somebody owns', async () => {
    const shots = [...(await payShots(tester, data)), ...(await ownShots(tester, data))];
    expect(await shoot(shots)).toEqual([]);
  }, 600_000);

  it('of transmissions', async () => {
    expect(await shoot(satelliteShots(data))).toEqual([]);
  }, 600_000);

  it('of stores', async () => {
    const by = tester.operator;
    const stores = (parts: readonly string[], suffix: string): Shot[] =>
      parts.map((part) => ({
        ...{ name: `store${part.replaceAll('/', '-')}${suffix}`, path: `/stores/shop${part}`, by },
      }));
    const parts = ['', '/incidents', '/thresholds', '/ids', '/recover'];
    const found = await shoot([{ name: 'stores', path: '/stores', by }, ...stores(parts, '-new')]);
    await seedStoreHistory(tester);
    const failing: Shot = {
      ...{ name: 'store-recover-failing', path: '/stores/shop/recover', by },
      act: async (page) => {
        await page.getByLabel('Since (UTC)').fill('2026-11-20T00:00');
        await page.getByRole('button', { name: 'Count first' }).click();
        await page.waitForSelector('.notice.bad');
      },
    };
    const order = stores(['/orders/2000'], '');
    found.push(...(await shoot([...stores(parts, ''), ...order, failing])));
    expect(found).toEqual([]);
  }, 600_000);

  it('of operations', async () => {
    const by = tester.operator;
    const found = await shoot([{ name: 'ops', path: '/ops', by }]);
    await tester.api.pool.query(
      `update attempts set due_at = now() - interval '10 minutes' where state not in ('PAID', 'FAILED')`,
    );
    const { rows } = await tester.api.pool.query<{ id: string }>(
      `select action_id as id from attempts where state not in ('PAID', 'FAILED') limit 1`,
    );
    const replay: Shot = {
      ...{ name: 'ops-replay', path: '/ops', by },
      act: async (page) => {
        await page.getByRole('button', { name: /^Replay the chosen/ }).click();
        await page.waitForSelector('h1:text("Replay")');
      },
    };
    const payment = { name: 'ops-payment', path: `/ops/payments/${rows[0]?.id ?? ''}`, by };
    found.push(...(await shoot([{ name: 'ops-stuck', path: '/ops', by }, replay, payment])));
    natsIsAway = true;
    found.push(...(await shoot([{ name: 'ops-failing', path: '/ops', by }])));
    expect(found).toEqual([]);
  }, 600_000);

  it('of a broken system', async () => {
    const { pool } = tester.api;
    await pool.query('alter table items rename to away');
    const broken: Shot = { name: 'failing', path: '/', status: 500 };
    const found = await shoot([broken]);
    await pool.query('alter table away rename to items');
    expect(found).toEqual([]);
  }, 600_000);
});
