import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { stateMachinesPage } from '../../../domain/state-machines-page.js';
import { chartValuesSchema, configurationPage } from '../../../services/shared/config.js';
import { alertRules } from '../../../deploy/monitoring/alerts.js';
import { dashboards } from '../../../deploy/monitoring/dashboards.js';
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

/** Made from the same tables as the pages. */
const files = [
  { path: 'deploy/nats/users.conf', create: natsUsersConf },
  { path: 'deploy/helm/quittance/values.schema.json', create: chartValuesSchema },
  { path: 'deploy/helm/quittance/rules/quittance.yaml', create: alertRules },
  ...dashboards().map(({ name, json }) => ({
    path: `deploy/monitoring/dashboards/${name}.json`,
    create: () => json,
  })),
];

test.each(files)('$path is current (if not, run npm run docs)', async ({ path, create }) => {
  const file = fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  await expect(create()).toMatchFileSnapshot(file);
});
