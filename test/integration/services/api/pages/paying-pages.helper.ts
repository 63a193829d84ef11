import type { Page } from 'playwright-core';
import { makeCall } from '../../../../../engine/incoming/make-call.js';
import { transact } from '../../../../../engine/context.js';
import { applyInvoiceUpdate } from '../../../../../engine/incoming/apply-invoice-update.js';
import { pay } from '../paying.helper.js';
import type { ApiTester } from '../tester.helper.js';
import type { PageBrowser } from './browser.helper.js';
import type { Seeded } from './seed.helper.js';

/** What the tests in a browser share: one system, and one browser. */
export interface Env {
  readonly tester: ApiTester;
  readonly browser: PageBrowser;
  readonly data: Seeded;
  /** Dead letters that are left. */
  readonly letters: { readonly seq: number }[];
}

export const invoiceOn = (page: Page): Promise<string> =>
  page.getByLabel('Invoice', { exact: true }).inputValue();

/** Opens a post that is to be paid by invoice, through its forms; leaves the payment page open, and returns its invoice. */
export async function openPost(page: Page, title: string): Promise<string> {
  await page.goto('/submit/discussion');
  await page.getByLabel('Title').fill(title);
  await page.getByRole('button', { name: 'See the cost' }).press('Enter');
  await page.getByRole('button', { name: /^Pay/ }).press('Enter');
  await page.waitForURL(/\/pay\/[0-9a-f]{64}$/);
  return invoiceOn(page);
}

export const waitForHeading = (page: Page, text: string): Promise<unknown> =>
  page.waitForSelector(`h1:text-is("${text}")`, { timeout: 15_000 });

/** Pays a hold invoice: it is received, nothing more. */
export const hold = pay;

/** Settles what was received, as the relay would. */
export async function settle({ api: { engine } }: ApiTester, hash: string): Promise<void> {
  await makeCall(engine, 'settle_invoice', hash);
  const invoice = await engine.node.lookupInvoice(hash);
  if (invoice?.state !== 'settled') return;
  const { state, receivedMsat } = invoice;
  await transact(engine, (tx) =>
    applyInvoiceUpdate(engine, tx, { hash, state, receivedMsat }, 'other'),
  );
}

export function hashOf(page: Page): string {
  return /[0-9a-f]{64}$/.exec(new URL(page.url()).pathname)?.[0] ?? '';
}
