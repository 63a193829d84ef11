import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { stateMachinesPage } from '../../../domain/state-machines-page.js';
import { configurationPage } from '../../../services/shared/config.js';

/** `npm run docs` writes the pages (vitest -u); this fails when one is not current. */
const pages = [
  { path: 'docs/configuration.md', make: configurationPage },
  { path: 'docs/state-machines.md', make: stateMachinesPage },
];

test.each(pages)('$path is current: else run npm run docs', async ({ path, make }) => {
  const file = fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  const page = await format(make(), { ...(await resolveConfig(file)), parser: 'markdown' });
  await expect(page).toMatchFileSnapshot(file);
});
