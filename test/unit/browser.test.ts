import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserMissing, startBrowser } from '../support/browser.js';

afterEach(() => vi.unstubAllEnvs());

describe('browser for tests', () => {
  it('a missing one is said to be missing, and is an error in CI', () => {
    vi.stubEnv('CHROMIUM_PATH', '/nowhere/chromium');
    vi.stubEnv('CI', '');
    expect(browserMissing('a suite')).toBe(true);
    vi.stubEnv('CI', 'true');
    expect(() => browserMissing('a suite')).toThrow(/a suite: not run: no Chromium/);
  });

  it.skipIf(browserMissing('browser for tests'))('opens a page', async () => {
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await page.setContent('<title>shown</title>');
      expect(await page.title()).toBe('shown');
    } finally {
      await browser.close();
    }
  });
});
