import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { METHODS } from '../../../adapters/lightning/lnd/methods.js';
import { NODE_TROUBLES } from '../../../services/shared/node-health.js';

const page = await readFile(
  fileURLToPath(new URL('../../../docs/lightning.md', import.meta.url)),
  'utf8',
);

/** lnd answers it without a macaroon. */
const FREE = '/lnrpc.State/GetState';
const SPENDS = ['/routerrpc.Router/SendPaymentV2', '/lnrpc.Lightning/QueryRoutes'];

test('the macaroon recipe names what we call, and nothing else', () => {
  const [receive = '', send = ''] = page.split('--save_to send.macaroon');
  const urisIn = (text: string): string[] =>
    [...text.matchAll(/uri:(\/[A-Za-z.]+\/[A-Za-z0-9]+)/g)].map(([, uri = '']) => uri);
  const ours = Object.values(METHODS)
    .map(({ path }) => path)
    .filter((path) => path !== FREE);
  expect(urisIn(receive).sort()).toEqual(ours.filter((path) => !SPENDS.includes(path)).sort());
  expect(urisIn(send).sort()).toEqual([...SPENDS].sort());
});

test('each trouble of the node is explained', () => {
  for (const trouble of NODE_TROUBLES) expect(page).toContain(`| \`${trouble}\``);
});
