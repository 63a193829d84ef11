import { afterAll, beforeAll, expect, it } from 'vitest';
import { SatelliteClient } from '../../services/cli/demo/satellite-client.js';
import type { OpenedAction, QuittanceClient } from '@quittance/sdk';
import { failedChecks, streamMessages, waitUntilIdle } from '../support/health.js';
import { waitUntil } from '../support/wait-until.js';
import { runScenarios } from './scenarios.helper.js';
import { System, WALLET } from './system.helper.js';

let system: System;

beforeAll(async () => {
  // At expiry the node is asked, which finds what NATS has lost.
  const environment = {
    QUITTANCE_INVOICE_EXPIRY_SECONDS: '10',
    QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: '10',
  };
  system = await System.start({ environment });
});
afterAll(() => system.stop());

const bolt11Of = ({ action }: OpenedAction): string => action.attempts[0]?.invoice?.bolt11 ?? '';

async function paidPost(author: QuittanceClient): Promise<string> {
  const args = { title: 'Before' };
  const opened = await author.openAction({ type: 'ITEM_CREATE', args, payment: 'invoice' });
  await system.wallets.pay(WALLET, bolt11Of(opened));
  return (await author.waitForAction(opened.action.id)).result['itemId'] ?? '';
}

it('payments that NATS lost before they were applied are found by asking the node', async () => {
  const author = await system.account('author');
  const itemId = await paidPost(author);
  const anonymous = system.client();
  const satellite = new SatelliteClient(system.parts.apiUrl);
  const title = 'Paid, update lost';
  const post = await author.openAction({
    type: 'ITEM_CREATE',
    args: { title },
    payment: 'invoice',
  });
  const zap = await anonymous.openAction({ type: 'ZAP', args: { itemId, sats: 3 } });
  const order = await satellite.order('hello', 5_000);
  await waitForEmptyOutbox();

  // A stopped relay applies no updates; those that it has received are lost with it.
  const { pid = 0 } = system.processes.relay;
  process.kill(pid, 'SIGSTOP');
  const before = await streamMessages(system, 'PAYMENTS');
  const { balanceMsat } = await system.wallets.find(WALLET);
  await system.wallets.pay(WALLET, bolt11Of(post));
  await system.wallets.pay(WALLET, bolt11Of(zap));
  await system.wallets.pay(WALLET, order.lightning_invoice.payreq);
  await waitUntil(
    'NATS has an update for each payment',
    async () => (await streamMessages(system, 'PAYMENTS')) >= before + 3,
  );
  await system.emptyNats();
  process.kill(pid, 'SIGKILL');

  expect((await author.waitForAction(post.action.id)).state).toBe('PAID');
  // The update to `held` was lost: the node is asked at the deadline, before anything is closed.
  const access = zap.capability === undefined ? {} : { capability: zap.capability };
  expect((await anonymous.waitForAction(zap.action.id, access)).state).toBe('PAID');
  await waitUntil(
    'the order is received',
    async () => (await satellite.get(order)).status === 'received',
    60_000,
  );
  const cost = BigInt(post.action.costMsat) + BigInt(zap.action.costMsat) + 5_000n;
  expect((await system.wallets.find(WALLET)).balanceMsat).toBe(balanceMsat - cost);

  const run = await runScenarios(system, 'afterwards', 8);
  expect(await run.done).toEqual({ PAID: 6, received: 2 });
  await waitUntilIdle(system, 60_000);
  expect(await failedChecks(system)).toEqual([]);
});

function waitForEmptyOutbox(): Promise<boolean> {
  return waitUntil('the outbox is empty', async () => {
    const { rowCount } = await system.pool.query('select from outbox where published_at is null');
    return rowCount === 0;
  });
}
