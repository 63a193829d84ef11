import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { browserMissing, startBrowser } from '../support/browser.js';
import { bundledSdk } from '../support/bundled-sdk.js';
import { waitUntil } from '../support/wait-until.js';
import { System, WALLET } from './system.helper.js';

let system: System;
let browser: Browser;
let server: Server;
let origin: string;
let context: BrowserContext;
let page: Page;
let folder: string;

const PAGE = `<!doctype html><title>a front end</title><p id="stage"></p>
<script type="module">
  import * as sdk from '/sdk.js';
  window.sdk = sdk;
  window.begin = (baseUrl, token, request) => {
    const client = new sdk.QuittanceClient({ baseUrl, token, retries: 0, timeoutMs: 15_000 });
    window.seen = [];
    const show = ({ stage, offline }) => {
      window.seen.push(offline ? stage + ' offline' : stage);
      document.querySelector('#stage').textContent = stage;
    };
    window.client = client;
    window.act = client.perform(request, { local: request.args, onChange: show });
    show(window.act.progress);
  };
</script>`;

const MISSING = browserMissing('the client in a browser');

describe.skipIf(MISSING)('the client in a browser', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sdk-browser-'));
    const code = await bundledSdk('index.js', folder);
    server = createServer(({ url }, response) => {
      const isCode = url === '/sdk.js';
      response.setHeader('content-type', isCode ? 'text/javascript' : 'text/html');
      response.end(isCode ? code : PAGE);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    origin = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
    system = await System.start({ environment: { QUITTANCE_CORS_ORIGINS: origin } });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await system.stop();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(origin);
    await page.waitForFunction('window.begin !== undefined');
  });
  afterEach(() => context.close());

  const evaluate = async <S extends z.ZodType>(code: string, schema: S): Promise<z.output<S>> =>
    schema.parse(await page.evaluate(code));
  const seen = () => evaluate('window.seen', z.array(z.string()));
  const shown = (stage: string) =>
    page.waitForFunction(`document.querySelector('#stage').textContent === '${stage}'`);
  const begin = (token: string, request: object) =>
    page.evaluate(
      `window.begin(${JSON.stringify(system.parts.apiUrl)}, ${JSON.stringify(token)}, ${JSON.stringify(request)})`,
    );
  const bolt11 = () =>
    evaluate('window.act.progress.action.attempts.at(-1).invoice.bolt11', z.string());
  const pay = async () => {
    await system.wallets.pay(WALLET, await bolt11());
  };

  let accounts = 0;
  async function newToken(): Promise<string> {
    accounts += 1;
    const { token = '' } = await system.operator.openAccount({ name: `browser${accounts}` });
    return token;
  }

  const post = (title: string, more: object = {}) => ({
    ...{ type: 'ITEM_CREATE', args: { title }, payment: 'invoice', ...more },
  });

  it('shows an action at once, then pending, then paid', async () => {
    await begin(await newToken(), post('from a browser'));
    await shown('pending');
    await pay();
    await shown('paid');
    expect(await seen()).toEqual(['local', 'pending', 'paid']);
  });

  it('shows that it failed, and pays it by a retry', async () => {
    await begin(await newToken(), post('in vain', { invoiceExpirySeconds: 1 }));
    await shown('failed');
    await page.evaluate('void window.act.retry()');
    await shown('pending');
    await pay();
    await shown('paid');
    expect(await seen()).toEqual(['local', 'pending', 'failed', 'local', 'pending', 'paid']);
  });

  it('offline, it stays local; back again, it is opened once and goes on', async () => {
    const token = await newToken();
    await context.setOffline(true);
    await begin(token, post('from a tunnel'));
    await waitUntil('offline', async () => (await seen()).includes('local offline'));
    await context.setOffline(false);
    await shown('pending');
    await context.setOffline(true);
    await waitUntil('offline', async () => (await seen()).includes('pending offline'));
    await pay();
    await context.setOffline(false);
    await shown('paid');
    expect(
      await evaluate('window.client.listActions().then((p) => p.actions.length)', z.number()),
    ).toBe(1);
  });

  it('outlives a restart of the API', async () => {
    await begin(await newToken(), post('patient'));
    await shown('pending');
    const invoice = await bolt11();
    system.kill('api');
    await system.wallets.pay(WALLET, invoice);
    await shown('paid');
  });

  it('pays by a wallet of the browser; one that fails is followed by the next, with a new invoice', async () => {
    const asked: string[] = [];
    await page.exposeFunction('payFromWallet', async (invoice: string) => {
      asked.push(invoice);
      await system.wallets.pay(WALLET, invoice);
      return { preimage: '' };
    });
    await page.exposeFunction('failToPay', (invoice: string) => void asked.push(invoice));
    await begin(await newToken(), post('by WebLN'));
    await shown('pending');
    const outcome = await evaluate(
      `(async () => {
        const failing = { enable: async () => {}, sendPayment: async (invoice) => {
          await window.failToPay(invoice);
          throw new Error('no route');
        } };
        const paying = { enable: async () => {}, sendPayment: window.payFromWallet };
        const { action, tries } = await sdk.payWithWallets(client, act.progress.action, [
          sdk.webLnWallet(failing, 'failing'), sdk.webLnWallet(paying, 'paying'),
        ]);
        return [action.state, ...tries.map((t) => t.wallet + ' ' + t.outcome)];
      })()`,
      z.array(z.string()),
    );
    expect(outcome).toEqual(['PAID', 'failing not_paid', 'paying paid']);
    expect(new Set(asked).size).toBe(2);
  });
});
