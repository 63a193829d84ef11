import { randomUUID } from 'node:crypto';
import { QuittanceClient } from '@quittance/sdk';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../../support/browser.js';
import { satsToMsat } from '../../../domain/money.js';
import { Actors } from '../actors.js';
import type { Bench } from '../bench.js';
import type { Part, Values } from '../part.js';
import type { FigureSpec } from '../report/figure.js';
import { percentile } from '../report/statistics.js';
import { fillItems } from './many-items.js';
import { clickToResult, largestPaints, timeUntilSeen, WATCH_PAID, whenPaid } from './page-loads.js';
import { startSlowLine } from './slow-line.js';

/** Loads of each page, clicks and payments. */
const TIMES = 20;
const SLOW_LOADS = 3;
const POSTS = 2_000;
/** A phone at the edge of its net. */
const LINE = { roundTripMs: 400, bitsPerSecond: 330_000 };
const WALLET = 'bench-pages';

const paint = (name: string, title: string): FigureSpec => ({
  ...{ id: `pages.${name}.paint`, unit: 'ms', floor: 'pages.static.paint' },
  title: `largest contentful paint of ${title}, p75 of 20 loads`,
  aim: { of: 'ratio', is: 'at most', bound: 2 },
});
const atMost = (id: string, title: string, bound: number): FigureSpec => ({
  ...{ id, title, unit: 'ms', aim: { of: 'value', is: 'at most', bound } },
});

/** What people wait for in a browser: pages, over a slow line, clicks, and that a payment is seen. */
export const pages: Part = {
  name: 'pages',
  figures: [
    {
      ...{ id: 'pages.static.paint', unit: 'ms' },
      title: 'floor: the same of a page that reads nothing (/sign-in)',
    },
    paint('feed', 'the feed'),
    paint('item', 'a post with its comments'),
    paint('pay', 'an open invoice'),
    paint('satellite', 'the queue of the satellite'),
    atMost('pages.slow.pay', 'an open invoice seen, at 400 ms and 330 kbit/s', 2500),
    atMost('pages.slow.feed', 'text of the feed seen, at 400 ms and 330 kbit/s', 3000),
    atMost('pages.click', 'click to its local result, CPU four times slower, p95', 50),
    atMost('pages.paid', 'settled to "paid" seen, p95', 300),
  ],
  async prepare(bench) {
    const { apiUrl, operatorToken, pool } = bench.parts;
    const browser = await startBrowser();
    const postId = await fillItems(pool, POSTS);
    const actors = await Actors.create(apiUrl, operatorToken);
    await bench.wallets.open(WALLET, satsToMsat(10_000_000n));
    const slow = await startSlowLine(new URL(apiUrl), LINE);
    const shared = { bench, browser, actors, postId, slowUrl: slow.url };
    await measure({ ...shared, times: 2, slowLoads: 1 });
    return {
      round: () => measure({ ...shared, times: TIMES, slowLoads: SLOW_LOADS }),
      stop: async () => {
        await browser.close();
        await slow.close();
      },
    };
  },
};

interface Measured {
  readonly bench: Bench;
  readonly browser: Browser;
  readonly actors: Actors;
  readonly postId: string;
  readonly slowUrl: string;
  readonly times: number;
  readonly slowLoads: number;
}

async function measure(measured: Measured): Promise<Values> {
  const { bench, browser, actors, postId, slowUrl, times, slowLoads } = measured;
  const { apiUrl } = bench.parts;
  const pay = `/pay/${(await actors.openAnonymousZap(postId)).hash}`;
  const paints = await largestPaints(browser, apiUrl, times, {
    ...{ 'pages.static.paint': '/sign-in', 'pages.feed.paint': '/' },
    ...{ 'pages.item.paint': `/items/${postId}`, 'pages.pay.paint': pay },
    'pages.satellite.paint': '/satellite',
  });
  const slow: Record<string, number> = {};
  for (const [id, path, selector] of [
    ['pages.slow.pay', pay, '.qr'],
    ['pages.slow.feed', '/', '.feed h2'],
  ] as const) {
    const seen: number[] = [];
    for (let load = 0; load < slowLoads; load += 1) {
      seen.push(await timeUntilSeen(browser, slowUrl, path, selector));
    }
    slow[id] = percentile(seen, 50);
  }
  const context = await browser.newContext({ baseURL: apiUrl });
  const click = await clickToResult(context, `/items/${postId}`, times);
  await context.close();
  return { ...paints, ...slow, 'pages.click': click, 'pages.paid': await settledToSeen(measured) };
}

/** From a payment that the node settles at once until its page says so. p95 in ms. */
async function settledToSeen({ bench, browser, times: payments }: Measured): Promise<number> {
  const { apiUrl } = bench.parts;
  const context = await browser.newContext({ baseURL: apiUrl });
  const client = await newClient(bench);
  const times: number[] = [];
  for (let n = 0; n < payments; n += 1) {
    const { hash, bolt11 } = await openPurchase(client);
    const page = await context.newPage();
    await page.goto(`/pay/${hash}`);
    await page.evaluate(WATCH_PAID);
    // Before the call: that the node has settled is known when it returns, and may have been told by then.
    const paidAt = Date.now();
    await bench.wallets.pay(WALLET, bolt11);
    times.push((await whenPaid(page)) - paidAt);
    await page.close();
  }
  await context.close();
  return percentile(times, 95);
}

async function newClient({ parts: { apiUrl, operatorToken } }: Bench): Promise<QuittanceClient> {
  const operator = new QuittanceClient({ baseUrl: apiUrl, token: operatorToken });
  const name = `bench-${randomUUID().slice(0, 18)}`;
  const { token } = await operator.openAccount({ name });
  return new QuittanceClient({ baseUrl: apiUrl, token: token ?? '' });
}

async function openPurchase(client: QuittanceClient): Promise<{ hash: string; bolt11: string }> {
  const { action } = await client.openAction({
    ...{ type: 'BUY_CREDITS', args: { sats: 21 }, payment: 'invoice' },
  });
  const { hash = '', bolt11 = '' } = action.attempts.at(-1)?.invoice ?? {};
  return { hash, bolt11: bolt11 ?? '' };
}
