import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../support/browser.js';
import { temporaryDataFolder } from '../support/shared-servers.js';
import { RunningUp } from './running-up.helper.js';

/** The folder for the pictures of the README, of a running system with the demo's data: PICTURES=docs/images npm test -- e2e pictures */
const FOLDER = process.env['PICTURES'];
const MOST_BYTES = 150_000;

describe.skipIf(FOLDER === undefined)('pictures of the README', () => {
  let folder: { dataDir: string; remove: () => Promise<void> };
  let system: RunningUp;
  let browser: Browser;
  let api: string;
  let operatorToken: string;

  beforeAll(async () => {
    folder = await temporaryDataFolder(() => undefined);
    system = new RunningUp(folder.dataDir);
    await system.prints('It runs until Ctrl-C');
    api = /^API +(http\S+)$/m.exec(system.output)?.[1] ?? '';
    operatorToken = (await readFile(join(folder.dataDir, 'operator-token'), 'utf8')).trim();
    browser = await startBrowser();
    await mkdir(FOLDER ?? '', { recursive: true });
  });
  afterAll(async () => {
    await browser.close();
    system.kill('SIGINT');
    await system.ended();
    await folder.remove();
  });

  async function signedIn(token: string): Promise<Page> {
    const context = await browser.newContext({
      ...{ baseURL: api, viewport: { width: 960, height: 720 } },
    });
    const page = await context.newPage();
    await page.goto('/sign-in');
    await page.getByLabel(/^API token/).fill(token);
    await page.getByRole('button', { name: 'Sign in with the token' }).click();
    await page.waitForURL(`${api}/`);
    return page;
  }

  async function shoot(page: Page, name: string): Promise<void> {
    const path = join(FOLDER ?? '', `${name}.png`);
    await page.screenshot({ path });
    expect((await stat(path)).size).toBeLessThan(MOST_BYTES);
  }

  async function newAccount(name: string): Promise<string> {
    const answer = await fetch(`${api}/v1/accounts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
    return ((await answer.json()) as { token: string }).token;
  }

  it('of a payment, and of the posts with one’s own that is not paid', async () => {
    const page = await signedIn(await newAccount('carol'));
    await page.goto('/submit/discussion');
    await page.getByLabel('Title').fill('What happens to a payment when the server restarts?');
    await page.getByRole('button', { name: 'See the cost' }).click();
    await page.getByRole('button', { name: /^Pay/ }).click();
    await page.waitForURL(/\/pay\/[0-9a-f]{64}$/);
    await shoot(page, 'pay');
    await page.goto('/');
    await shoot(page, 'feed');
  });

  it('of operations', async () => {
    const page = await signedIn(operatorToken);
    await page.goto('/ops');
    await shoot(page, 'ops');
  });
});
