import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { stateMachinesPage } from '../../../domain/state-machines-page.js';
import { configurationPage } from '../../../services/shared/config.js';
import {
  natsPermissionsPage,
  natsUsersConf,
} from '../../../services/shared/nats-access/server-config.js';

/** `npm run docs` writes the pages (vitest -u). The test fails if one is not current. */
const pages = [
  { path: 'docs/configuration.md', create: configurationPage },
  { path: 'docs/state-machines.md', create: stateMachinesPage },
  { path: 'docs/nats-permissions.md', create: natsPermissionsPage },
];

test.each(pages)('$path is current (if not, run npm run docs)', async ({ path, create }) => {
  const file = fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  const page = await format(create(), { ...(await resolveConfig(file)), parser: 'markdown' });
  await expect(page).toMatchFileSnapshot(file);
});

test('deploy/nats/users.conf is current (if not, run npm run docs)', async () => {
  const file = fileURLToPath(new URL('../../../deploy/nats/users.conf', import.meta.url));
  await expect(natsUsersConf()).toMatchFileSnapshot(file);
});
