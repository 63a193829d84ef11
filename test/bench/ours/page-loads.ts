import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { percentile } from '../report/statistics.js';

const CPU_SLOWDOWN = 4;

/** In the page, before its own scripts: the largest contentful paint so far, in ms since the navigation began. */
const WATCH_PAINTS = `
  window.largestPaint = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.largestPaint = entry.startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });`;

/** p75 of the largest contentful paint of so many loads each, in ms; in turns, and with an empty cache each time. */
export async function largestPaints<Name extends string>(
  browser: Browser,
  baseURL: string,
  loads: number,
  paths: Readonly<Record<Name, string>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(paths) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let load = 0; load < loads; load += 1) {
    for (const name of names) times.get(name)?.push(await paintOf(browser, baseURL, paths[name]));
  }
  const all = names.map((name) => [name, percentile(times.get(name) ?? [], 75)] as const);
  return Object.fromEntries(all) as Record<Name, number>;
}

async function paintOf(browser: Browser, baseURL: string, path: string): Promise<number> {
  const context = await browser.newContext({ baseURL });
  try {
    await context.addInitScript(WATCH_PAINTS);
    const page = await context.newPage();
    await page.goto(path, { waitUntil: 'load' });
    // The paint is reported after the frame that it is of.
    return await numberIn(page, 'largestPaint');
  } finally {
    await context.close();
  }
}

/** Milliseconds from the beginning of a navigation until an element is painted. */
export async function timeUntilSeen(
  browser: Browser,
  baseURL: string,
  path: string,
  selector: string,
): Promise<number> {
  const context = await browser.newContext({ baseURL });
  try {
    const page = await context.newPage();
    await page.goto(path, { waitUntil: 'commit' });
    await page.waitForSelector(selector, { state: 'visible' });
    return await page.evaluate<number>(
      `new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() => seen(performance.now()))))`,
    );
  } finally {
    await context.close();
  }
}

/** From a click that was made until the frame with the result that it has at once is painted: a zap that counts as pending. p95 in ms. */
export async function clickToResult(
  context: BrowserContext,
  path: string,
  clicks: number,
): Promise<number> {
  const page = await context.newPage();
  const session = await slowed(page);
  const times: number[] = [];
  for (let click = 0; click < clicks; click += 1) {
    await page.goto(path);
    await page.evaluate(WATCH_CLICK);
    await page.locator('form[data-zap] button').first().click();
    times.push(await numberIn(page, 'clickTook'));
  }
  await session.detach();
  await page.close();
  return percentile(times, 95);
}

async function slowed(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  return session;
}

const WATCH_CLICK = `{
  const row = document.querySelector('form[data-zap]').closest('.zap');
  addEventListener('click', (event) => {
    new MutationObserver((_changes, observer) => {
      observer.disconnect();
      // A message that is sent before a frame is painted arrives after it.
      const painted = new MessageChannel();
      painted.port1.onmessage = () => {
        window.clickTook = performance.now() - event.timeStamp;
      };
      requestAnimationFrame(() => painted.port2.postMessage(0));
    }).observe(row, { subtree: true, childList: true, characterData: true });
  }, { capture: true, once: true });
}`;

/** When the page of a payment first shows that it is paid, by the clock of this machine, in ms. */
export function whenPaid(page: Page): Promise<number> {
  return numberIn(page, 'paidAt');
}

/** A property of `window`, once it is there. Not `waitForFunction`: the pages' policy forbids what that evaluates later. */
function numberIn(page: Page, name: string): Promise<number> {
  return page.evaluate<number>(`new Promise((seen, failed) => {
    const end = performance.now() + 30000;
    const look = () => {
      if (window.${name}) seen(window.${name});
      else if (performance.now() > end) failed(new Error('no ${name} after 30 s'));
      else requestAnimationFrame(look);
    };
    look();
  })`);
}

/** To be run in the page of a payment before it is paid. */
export const WATCH_PAID = `{
  const look = () => {
    if (document.querySelector('#payment[data-state="paid"]') === null) return;
    requestAnimationFrame(() => {
      window.paidAt ??= Date.now();
    });
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}`;
