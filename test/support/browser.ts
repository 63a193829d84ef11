import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin'];

/** Path of a Chromium on this machine: CHROMIUM_PATH when it is set, else an installed one. */
function findChromium(): string | undefined {
  const given = process.env['CHROMIUM_PATH'];
  if (given !== undefined && given !== '') return existsSync(given) ? given : undefined;
  return FOLDERS.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(existsSync);
}

/**
 * For `describe.skipIf(browserMissing('name of the suite'))`: says "not run", and why, when there is
 * no Chromium. In CI (the variable CI is set) it throws: a browser test that is silently left out
 * would look like one that passed.
 */
export function browserMissing(suite: string): boolean {
  if (findChromium() !== undefined) return false;
  const reason = `${suite}: not run: no Chromium (install the package chromium, or set CHROMIUM_PATH)`;
  if ((process.env['CI'] ?? '') !== '') throw new Error(reason);
  process.stdout.write(`${reason}\n`);
  return true;
}

/**
 * A headless Chromium. The caller closes it. It asks no server but those that a page names, and
 * runs without its sandbox: tests open only pages of ours, also as root in a container.
 */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium');
  return chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--no-first-run'],
  });
}
