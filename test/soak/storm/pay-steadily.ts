import type { QuittanceClient } from '@quittance/sdk';
import { type System, WALLET } from '../../e2e/system.helper.js';
import { waitUntil } from '../../support/wait-until.js';

export interface Payer {
  readonly client: QuittanceClient;
  /** The post that it zaps. */
  readonly itemId: string;
  /** It opens and pays an attempt every so often. */
  readonly everyMs: number;
}

export interface Paid {
  readonly state: string;
  /** Until the opening was answered. */
  readonly openMs: number;
  /** From the wallet's payment to PAID. */
  readonly paidMs: number;
}

/** A post that everybody may zap; its id. */
export async function postInStorm(system: System): Promise<string> {
  const author = await system.account('storm-author', '1000000');
  const args = { title: 'A post in a storm' };
  const { action } = await author.openAction({ type: 'ITEM_CREATE', args, payment: 'credits' });
  return action.result['itemId'] ?? '';
}

/** Pays as often as it is told to, however long each payment takes, and returns when all of them have ended. */
export async function payUntil(
  system: System,
  payer: Payer,
  isOver: () => boolean,
): Promise<readonly Paid[]> {
  const { everyMs } = payer;
  const payments: Promise<Paid>[] = [];
  while (!isOver()) {
    const next = performance.now() + everyMs;
    payments.push(payOne(system, payer));
    await waitUntil('the next payment', () => performance.now() >= next || isOver(), everyMs * 2);
  }
  return Promise.all(payments);
}

async function payOne(system: System, { client, itemId }: Payer): Promise<Paid> {
  const openedAt = performance.now();
  const { action, capability } = await client.openAction({
    ...{ type: 'ZAP', args: { itemId, sats: 2 }, payment: 'invoice', invoiceExpirySeconds: 600 },
  });
  const openMs = performance.now() - openedAt;
  const bolt11 = action.attempts.at(-1)?.invoice?.bolt11;
  if (typeof bolt11 !== 'string') {
    return { state: `no invoice, ${action.state}`, openMs, paidMs: 0 };
  }
  const startedAt = new Date();
  // A hold invoice: the wallet's payment goes on until it is settled.
  void system.wallets.pay(WALLET, bolt11).catch(() => undefined);
  const known = capability === undefined ? {} : { capability };
  const { state } = await client.waitForAction(action.id, { ...known, timeoutMs: 120_000 });
  // By the database: polling the API would be too coarse.
  const { rows } = await system.pool.query<{ ms: number }>(
    `select (extract(epoch from at - $2::timestamptz) * 1000)::float8 as ms from transitions
     where machine = 'attempt' and subject = $1 and to_state = 'PAID'`,
    [`${action.id}/1`, startedAt],
  );
  return { state, openMs, paidMs: rows[0]?.ms ?? 0 };
}
